"""A query put to one article."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import NamedTuple

from language.dateline import dateline_end
from language.sentences import sentence_spans
from language.words import WordIndex
from topics.document import Document
from topics.lexicon import NOTHING, Lexicon
from topics.query.nodes import (
    And,
    AtLeast,
    Leaf,
    ListRef,
    Meta,
    MetaTest,
    Near,
    Node,
    Not,
    Or,
    Scoped,
    Score,
    Term,
    Weighted,
    Zone,
)

_MIN_LEAD = 60  # characters: a shorter first paragraph is a byline or a page's furniture


class Place(NamedTuple):
    """Where a node was found: offsets into the title, the summary or the text (`source`), and the zone."""

    source: int
    start: int
    end: int
    zone: Zone
    term: str


class Reading:
    """One article, scanned once; answers any query over the lexicon's leaves."""

    def __init__(self, document: Document, lexicon: Lexicon, lang: str) -> None:
        self.document = document
        self.lang = lang
        self.sources = (document.title, document.summary, document.text)
        self._lexicon = lexicon
        self._scans = tuple(
            lexicon.scan(text, lang, start=dateline_end(text) if source else 0) if text else NOTHING
            for source, text in enumerate(self.sources)
        )
        self._indexes: list[WordIndex | None] = [None, None, None]
        self._memo: dict[tuple[Leaf | int, Zone | None], list[Place]] = {}

    @cached_property
    def lead(self) -> tuple[int, int, int]:
        """(source, start, end) of the lead: the summary, or the first paragraph of some length."""
        if self.document.summary:
            return 1, 0, len(self.document.summary)
        start = 0
        for line in self.document.text.splitlines(keepends=True):
            if len(line) >= _MIN_LEAD:
                return 2, start, start + len(line)
            start += len(line)
        return 2, 0, len(self.document.text)

    @cached_property
    def headline(self) -> tuple[int, int, int]:
        """(source, start, end) of the title; where there is none the lead's first sentence stands for it."""
        if self.document.title:
            return 0, 0, len(self.document.title)
        source, start, end = self.lead
        first = next(iter(sentence_spans(self.sources[source][start:end])), (0, 0))
        return source, start + first[0], start + first[1]

    def words(self, source: int) -> WordIndex:
        """The word index of the title (0), summary (1) or text (2)."""
        index = self._indexes[source]
        if index is None:
            index = self._indexes[source] = WordIndex(self.sources[source])
        return index

    @cached_property
    def length(self) -> int:
        """About how many words title, summary and text have together."""
        return sum(text.count(" ") + 1 for text in self.sources if text)

    def found(self, leaf: Leaf) -> bool:
        """Whether the leaf occurs anywhere: cheap, before places are made."""
        return any(self._lexicon.holds(leaf, scan) for scan in self._scans)

    def holds(self, node: Node, zone: Zone | None = None) -> bool:
        """Whether the query holds for this article, or for one zone of it."""
        match node:
            case And(nodes):
                return all(self.holds(part, zone) for part in nodes)
            case Or(nodes):
                return any(self.holds(part, zone) for part in nodes)
            case Not(inner):
                return not self.holds(inner, zone)
            case Scoped(inner_zone, inner):
                return self.holds(inner, inner_zone)
            case MetaTest():
                return self._meta(node)
            case AtLeast(count, inner):
                return len(self.places(inner, zone)) >= count
            case Score(threshold, nodes):
                return sum(self._weight(part, zone) for part in nodes) >= threshold
            case Weighted(inner, _):
                return self.holds(inner, zone)
            case Term() | ListRef() if zone is None:
                return self.found(node)
            case _:
                return bool(self.places(node, zone))

    def places(self, node: Node, zone: Zone | None = None) -> list[Place]:
        """Where the node is found, in reading order. Empty for nodes that name no place."""
        key = (node if isinstance(node, Term | ListRef) else id(node), zone)
        if key not in self._memo:
            self._memo[key] = self._places(node, zone)
        return self._memo[key]

    def _places(self, node: Node, zone: Zone | None) -> list[Place]:
        match node:
            case Term() | ListRef():
                everywhere = self._leaf(node) if zone is None else self.places(node)
                return everywhere if zone is None else [place for place in everywhere if place.zone is zone]
            case Or(nodes) | And(nodes) | Score(_, nodes):
                return _merged([place for part in nodes for place in self.places(part, zone)])
            case Near(left, right, distance, ordered):
                return self._near(
                    self.places(left, zone), self.places(right, zone), distance, ordered=ordered
                )
            case Scoped(inner_zone, inner):
                return self.places(inner, inner_zone)
            case AtLeast(_, inner) | Weighted(inner, _):
                return self.places(inner, zone)
            case _:
                return []

    def _leaf(self, leaf: Leaf) -> list[Place]:
        return [
            Place(source, start, end, self._zone(source, start), term)
            for source, scan in enumerate(self._scans)
            for start, end, term in self._lexicon.places(leaf, scan)
        ]

    def _zone(self, source: int, start: int) -> Zone:
        headline_source, headline_start, headline_end = self.headline
        if source == headline_source and headline_start <= start < headline_end:
            return Zone.TITLE
        lead_source, lead_start, lead_end = self.lead
        return Zone.LEAD if source == lead_source and lead_start <= start < lead_end else Zone.TEXT

    def _near(self, left: list[Place], right: list[Place], distance: int, *, ordered: bool) -> list[Place]:
        """Each left place with its nearest right one, where that is near enough: one span for both."""
        starts = [(place.source, place.start) for place in right]
        spans: list[Place] = []
        for here in left:
            at = bisect_left(starts, (here.source, here.end))
            candidates = right[at : at + 1] if ordered else right[max(0, at - 2) : at + 1]
            gaps = [(gap, there) for there in candidates if 0 < (gap := self._gap(here, there)) <= distance]
            if gaps:
                spans.append(_span(here, min(gaps)[1]))
        return spans

    def _gap(self, one: Place, other: Place) -> int:
        """In words: 1 when they touch, 0 when they overlap or stand in different fields."""
        first, last = (one, other) if one.start < other.start else (other, one)
        if one.source != other.source or last.start < first.end:
            return 0
        words = self.words(one.source)
        return max(1, words.at(last.start) - words.at(first.end - 1))

    def _weight(self, node: Node, zone: Zone | None) -> float:
        weight = node.weight if isinstance(node, Weighted) else 1.0
        return weight if self.holds(node, zone) else 0.0

    def _meta(self, test: MetaTest) -> bool:
        if test.meta is Meta.LANG:
            return self.lang == test.value
        value: str = getattr(self.document, test.meta.value).casefold()
        return value == test.value if test.meta is Meta.COUNTRY else test.value in value


def _merged(places: list[Place]) -> list[Place]:
    """In reading order, each place once."""
    return sorted(set(places))


def _span(one: Place, other: Place) -> Place:
    first, last = (one, other) if one.start < other.start else (other, one)
    return Place(one.source, first.start, last.end, first.zone, f"{first.term} … {last.term}")
