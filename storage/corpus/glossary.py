"""The subject's names, nouns and verbs in both languages (glossary.txt), as one vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Kind(StrEnum):
    """What a word says of a story. The values are the headings of glossary.txt."""

    PERSON = "people"
    PLACE = "places and powers"
    MEETING = "meetings and words"
    FORCE = "force"
    PHASE = "phases"
    OTHER = "other words"


@dataclass(frozen=True, slots=True)
class Idea:
    """A line of the glossary: one idea in two languages."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Glossary:
    """Ideas by the normal form of their word, or by the normal forms of their phrase; `openers` are the
    words that a phrase begins with."""

    words: dict[str, Idea]
    phrases: dict[tuple[str, ...], Idea]
    openers: frozenset[str]

    def read(self, words: list[str]) -> list[str | Idea]:
        """Replace what the glossary knows by its idea; phrases go before words."""
        found: list[str | Idea] = []
        at = 0
        while at < len(words):
            length, term = self._next(words, at)
            found.append(term)
            at += length
        return found

    def _next(self, words: list[str], at: int) -> tuple[int, str | Idea]:
        for length in (3, 2) if words[at] in self.openers else ():
            idea = self.phrases.get(tuple(words[at : at + length]))
            if idea is not None:
                return length, idea
        return 1, self.words.get(words[at], words[at])


@cache
def load(normal: Callable[[str], list[str]]) -> Glossary:
    """Read glossary.txt; `normal` gives the normal forms of the words of a text."""
    words: dict[str, Idea] = {}
    phrases: dict[tuple[str, ...], Idea] = {}
    kind = Kind.PERSON
    text = files("storage.corpus").joinpath("glossary.txt").read_text(encoding="utf-8")
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#"):
            kind = next((kind for kind in Kind if line == f"# {kind}"), kind)
            continue
        name, _, spellings = line.partition(" = ")
        for spelling in spellings.replace("|", " ").split():
            parts = tuple(normal(spelling.replace("+", " ")))
            if len(parts) == 1:
                words.setdefault(parts[0], Idea(name, kind))
            elif parts:
                phrases.setdefault(parts, Idea(name, kind))
    return Glossary(words, phrases, frozenset(phrase[0] for phrase in phrases))
