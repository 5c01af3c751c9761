"""Reading word lists."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from language.errors import HotlineError
from language.forms import LANGUAGES
from topics.query.nodes import Term

Terms: TypeAlias = tuple[str, ...]
_SPOKEN = ("any", *LANGUAGES)


class ListError(HotlineError):
    """A word list that cannot be read."""

    code: ClassVar[str] = "list"


class Official(BaseModel):
    """A person and an office: one line for a new official, kept when the office ends.

    The dates document the line; the name keeps matching, because archives are old and former
    officials still speak.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    any: Terms = Field(default=(), description="Terms in every language, inflected by their script.")
    en: Terms = Field(default=(), description="English terms, in their basic form.")
    ru: Terms = Field(default=(), description="Russian terms.")
    uk: Terms = Field(default=(), description="Ukrainian terms.")
    de: Terms = Field(default=(), description="German terms.")
    fr: Terms = Field(default=(), description="French terms.")
    es: Terms = Field(default=(), description="Spanish terms.")
    office: str = Field(description="The office, in words.")
    since: int = Field(ge=1990, le=2100, description="The year it began.")
    until: int | None = Field(default=None, ge=1990, le=2100, description="The year it ended.")

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: Any) -> Any:
        """`ru: Путин, Владимир Путин` is two names."""
        if not isinstance(data, Mapping):
            return data
        return {
            key: tuple(part.strip() for part in value.split(","))
            if key in _SPOKEN and isinstance(value, str)
            else value
            for key, value in data.items()
        }

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"the office ends ({self.until}) before it begins ({self.since})")
        return self


class WordList(BaseModel):
    """Terms by language; `any` counts in every language and is inflected by its script.

    A term is a word or phrase in its basic form; `=US` counts only as written, `sanction*` with any
    ending. `names`: a capitalised term counts only where the article writes a capital. `except`
    names what hides a term: `Moscow, Idaho`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    names: bool = Field(default=False, description="Capitalised terms count only where a capital is written.")
    any: Terms = Field(default=(), description="Terms in every language, inflected by their script.")
    en: Terms = Field(default=(), description="English terms, in their basic form.")
    ru: Terms = Field(default=(), description="Russian terms.")
    uk: Terms = Field(default=(), description="Ukrainian terms.")
    de: Terms = Field(default=(), description="German terms.")
    fr: Terms = Field(default=(), description="French terms.")
    es: Terms = Field(default=(), description="Spanish terms.")
    people: tuple[Official, ...] = Field(default=(), description="People and their offices.")
    except_: Terms = Field(default=(), alias="except", description="What hides a term: `Moscow, Idaho`.")

    def terms(self) -> tuple[Term, ...]:
        """Every term with its language, in the order of the file, people last."""
        own = [_term(text, lang) for lang in _SPOKEN for text in getattr(self, lang)]
        names = [
            _term(text, lang) for person in self.people for lang in _SPOKEN for text in getattr(person, lang)
        ]
        return tuple(own + names)

    def exceptions(self) -> tuple[Term, ...]:
        """What hides a term of this list."""
        return tuple(_term(text, "any") for text in self.except_)


def _term(text: str, lang: str) -> Term:
    return Term(
        " ".join(text.lstrip("=").rstrip("*").split()),
        "" if lang == "any" else lang,
        exact=text.startswith("="),
        prefix=text.endswith("*"),
    )


def read_lists(path: Path) -> dict[str, WordList]:
    """Return the lists of a YAML file, by name: `people` in russia.yaml is `russia.people`.

    Raises:
        ListError: with file and line, when the file is no YAML or no lists.
    """
    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as failed:
        raise ListError(f"{path}: {failed}") from failed
    if not isinstance(data, Mapping):
        raise ListError(f"{path}: a word list file maps names to lists.")
    return {f"{path.stem}.{name}": _validated(path, str(name), words) for name, words in data.items()}


def _validated(path: Path, name: str, words: object) -> WordList:
    try:
        return WordList.model_validate(words)
    except ValidationError as failed:
        first = failed.errors()[0]
        where = ".".join(map(str, (name, *first["loc"])))
        raise ListError(f"{path}: {where}: {first['msg']}.") from failed


@cache
def shipped_lists() -> Mapping[str, WordList]:
    """The lists that come with Hotline, by name, in the order of the file names."""
    found: dict[str, WordList] = {}
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        found.update(read_lists(path))
    return found
