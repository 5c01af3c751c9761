"""The decision about stories over a stream in memory, as the store runs it over the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage.corpus.frequencies import usual_shares
from storage.corpus.stories import Commonness, Profile, decide, profile_of, term_key
from storage.corpus.terms import terms_of


@dataclass(frozen=True, slots=True)
class Item:
    """One article of a labelled set; `at` is naive or aware, alike in one set. What is not `dated` was first
    seen then, and may be older."""

    title: str
    summary: str = ""
    text: str = ""
    at: datetime | None = None
    dated: bool = True
    lang: str = "en"
    gold: tuple[str, ...] = ()


class Stream:
    """Stories of articles as they come. Without a `window` nothing is ever too old to be joined."""

    def __init__(self, window: timedelta | None = timedelta(days=7)) -> None:
        self._window = window
        self._known: dict[int, Profile] = {}
        self._having: dict[int, set[int]] = defaultdict(set)
        self._sizes: Counter[int] = Counter()

    def place(self, item: Item) -> int:
        """The number of the item's story."""
        terms = {term_key(t): w for t, w in terms_of(item.title, item.summary, item.text).items()}
        number = len(self._known) + 1
        counts = {term: len(self._having[term]) + 1 for term in terms}
        common = Commonness(number, counts, usual_shares())
        new = profile_of(number, item.at if item.dated else None, terms, common)
        near = {known for term in terms for known in self._having[term]}
        found = decide(new, [p for n in near if self._is_recent(p := self._known[n], item)], self._sizes)
        story_id = found.story_id if found else number
        self._known[number] = replace(new, story_id=story_id, at=item.at)
        self._sizes[story_id] += 1
        for term in terms:
            self._having[term].add(number)
        return story_id

    def _is_recent(self, known: Profile, item: Item) -> bool:
        if self._window is None or item.at is None or known.at is None:
            return True
        return abs(item.at - known.at) <= self._window
