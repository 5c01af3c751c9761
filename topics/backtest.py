"""What a changed topic would have gained and lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from topics.document import Document, Match
from topics.matcher import Matcher


@dataclass(frozen=True, slots=True)
class Change:
    """A document that the two topics judge differently, with both answers."""

    key: int
    title: str
    before: Match
    after: Match

    @property
    def gained(self) -> bool:
        """True where the new topic matches and the old one does not."""
        return self.after.matched


@dataclass(frozen=True, slots=True)
class Backtest:
    """Both topics on the same documents; `changes` in the order of the documents."""

    documents: int
    matched_before: int
    matched_after: int
    changes: tuple[Change, ...]


def backtest(documents: Iterable[tuple[int, Document]], before: Matcher, after: Matcher) -> Backtest:
    """Put both topics to each (key, document)."""
    read = old = new = 0
    changes: list[Change] = []
    for key, document in documents:
        one, other = before.match(document), after.match(document)
        read, old, new = read + 1, old + one.matched, new + other.matched
        if one.matched != other.matched:
            changes.append(Change(key, document.title, one, other))
    return Backtest(read, old, new, tuple(changes))
