"""The topic section of hotline.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from topics.lists import WordList

_DEFAULT = "us-russia"
_SHIPPED = Path(__file__).parent / "shipped"


class Signal(BaseModel):
    """One piece of evidence: a query in the topic's language and its weight in log-odds.

    `once`: holds or not. `rate`: how often for the length, from 0 (never) towards 1 (in every line).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="What it looks for, in words; `explain` prints it.")
    query: str = Field(description="The evidence, as a query.")
    weight: float = Field(ge=-20, le=20, description="How much it counts, in log-odds; negative: against.")
    value: Literal["once", "rate"] = Field(
        default="once", description="once: holds or not; rate: how often for the length, from 0 towards 1."
    )


class Subtopic(BaseModel):
    """A part of the topic with a query of its own; put only to articles that match the topic."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(description="What digests call it.")
    query: str = Field(description="Asked of articles that match the topic.")


class TopicConfig(BaseModel):
    """What to watch for. `query` must hold; `signals` then make the score, `threshold` decides.

    Without signals the score is 100 where the query holds. A topic without a query of its own, or with
    a `base`, builds on a shipped one: keys that are missing are taken from there, lists and subtopics
    are added to those there, and so are signals, one of the same name in its place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str = Field(default="", description="A shipped topic whose keys count where this one has none.")
    title: str = Field(default="", description="What readers see; else the name.")
    query: str = Field(description="What every match must fulfil.")
    hint: str = Field(
        default="", description="What title and summary must hold for the page to be read; else any term."
    )
    threshold: int = Field(
        default=50, ge=1, le=100, description="The score from which on an article matches."
    )
    prior: float = Field(
        default=0.0, ge=-20, le=20, description="The log-odds before any signal; the lower, the stricter."
    )
    signals: tuple[Signal, ...] = Field(default=(), description="The evidence that makes the score.")
    subtopics: dict[str, Subtopic] = Field(
        default_factory=dict, description="The parts by which digests are ordered."
    )
    lists: dict[str, WordList] = Field(default_factory=dict, description="Word lists of your own, by name.")

    @model_validator(mode="before")
    @classmethod
    def _on_base(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or ("query" in data and not data.get("base")):
            return data
        base = str(data.get("base") or _DEFAULT)
        if base not in _shipped_names():
            raise ValueError(f"there is no shipped topic {base}; there are: {', '.join(_shipped_names())}")
        return _merged(_shipped_data(base), data)


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**base, **own}
    for key in ("lists", "subtopics"):
        if isinstance(own.get(key), Mapping):
            merged[key] = {**base.get(key, {}), **own[key]}
    if isinstance(own.get("signals"), list):
        named = {signal.get("name") for signal in own["signals"] if isinstance(signal, Mapping)}
        merged["signals"] = [*own["signals"], *(s for s in base.get("signals", ()) if s["name"] not in named)]
    return merged


def shipped_topics() -> dict[str, TopicConfig]:
    """The topics that come with Hotline, by name: what hotline.yaml has when it names none."""
    return {name: TopicConfig.model_validate(_shipped_data(name)) for name in _shipped_names()}


@cache
def _shipped_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


@cache
def _shipped_data(name: str) -> dict[str, Any]:
    loaded = YAML(typ="safe", pure=True).load((_SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
    return dict(loaded)
