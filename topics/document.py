"""What a topic reads and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Document:
    """An article as the matcher sees it: plain text, already clean; an empty field was not there."""

    title: str = ""
    summary: str = ""
    text: str = ""
    lang: str = ""  # ISO 639-1 as declared or detected; empty: the matcher detects
    url: str = ""
    author: str = ""
    feed: str = ""
    country: str = ""
    kind: str = ""


class Field(StrEnum):
    """Where a hit was found. `lead` is the summary; where there is none it is the first paragraph of
    the text, and offsets count from the beginning of the text."""

    TITLE = "title"
    LEAD = "lead"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Hit:
    """One found term: the words as written in the document, the list or query term it belongs to,
    and its position as character offsets into that field."""

    term: str
    found: str
    field: Field
    start: int
    end: int


class Verdict(StrEnum):
    """`UNDECIDED`: title and summary alone cannot decide, the page should be read."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Match:
    """The answer for one document. `score` is 0–100; `subtopics` are keys in the topic's order;
    `hits` are in reading order (title, lead, text). `reason` is one sentence for `explain`."""

    verdict: Verdict
    score: int
    subtopics: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    lang: str = ""
    reason: str = ""

    @property
    def matched(self) -> bool:
        """True only for a yes."""
        return self.verdict is Verdict.YES
