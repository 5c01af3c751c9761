"""Does this article belong to the topic, how surely, and why?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from language.detect import detect
from language.forms_cache import FormsCache
from topics.config import Signal, TopicConfig
from topics.document import Document, Field, Hit, Match, Verdict
from topics.lexicon import Lexicon
from topics.lists import WordList, shipped_lists
from topics.query.evaluate import Place, Reading
from topics.query.nodes import Leaf, Node, Or, Zone, leaves, name_of
from topics.query.parse import parse_query
from topics.search import list_names

MAX_HITS = 200  # kept with a match: enough to mark and to explain
_FIELDS = {Zone.TITLE: Field.TITLE, Zone.LEAD: Field.LEAD, Zone.TEXT: Field.TEXT}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A signal at work: its name, its value from 0 to 1, and what it adds to the log-odds."""

    name: str
    value: float
    adds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer with every signal that was asked, strongest first, and the score that was needed."""

    match: Match
    threshold: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Signal:
    config: Signal
    node: Node


class Matcher:
    """A compiled topic. Immutable; one instance serves every thread."""

    def __init__(
        self, config: TopicConfig, lists: Mapping[str, WordList], cache: FormsCache | None = None
    ) -> None:
        known = {**lists, **config.lists}
        names = list_names(known)
        self.config = config
        self._gate = parse_query(config.query, lists=names)
        self._hint = parse_query(config.hint, lists=names) if config.hint else _any_leaf(self._gate)
        self._signals = [_Signal(signal, parse_query(signal.query, lists=names)) for signal in config.signals]
        self._subtopics = {
            key: parse_query(subtopic.query, lists=names) for key, subtopic in config.subtopics.items()
        }
        nodes = [
            self._gate,
            self._hint,
            *(signal.node for signal in self._signals),
            *self._subtopics.values(),
        ]
        self.lexicon = Lexicon((leaf for node in nodes for leaf in leaves(node)), known, cache)
        self._marked = tuple(dict.fromkeys(leaves(self._gate)))

    def match(self, document: Document) -> Match:
        """Decide with everything that is there: title, summary and text."""
        return self._decide(self.read(document))

    def triage(self, document: Document) -> Match:
        """Decide by title and summary alone: UNDECIDED where the page could still make it a yes."""
        short = Document(
            title=document.title,
            summary=document.summary,
            lang=document.lang,
            url=document.url,
            author=document.author,
            feed=document.feed,
            country=document.country,
            kind=document.kind,
        )
        reading = self.read(short)
        match = self._decide(reading)
        if match.matched or not reading.holds(self._hint):
            return match  # nothing of the topic is named: no page is asked for
        return Match(
            Verdict.UNDECIDED, match.score, (), match.hits, match.lang, "Title and summary do not decide."
        )

    def judge(self, document: Document) -> Match:
        """`match` where there is a text to read, else `triage`."""
        return self.match(document) if document.text else self.triage(document)

    def explain(self, document: Document) -> Explanation:
        """`match`, with all that went into it; no evidence where the topic's query does not hold."""
        reading = self.read(document)
        evidence = self.evidence(reading) if self.concerns(reading) else ()
        strongest = tuple(sorted(evidence, key=lambda part: -abs(part.adds)))
        return Explanation(self._decide(reading), self.config.threshold, strongest)

    def read(self, document: Document) -> Reading:
        """Scan the article once."""
        lang = detect(f"{document.title} {document.summary or document.text[:400]}", hint=document.lang)
        return Reading(document, self.lexicon, lang)

    def known(self, text: str) -> list[tuple[int, int, str]]:
        """Every term of the topic in `text`, whatever list it is from: start, end, term; in reading order."""
        scan = self.lexicon.scan(text, "")
        return sorted((start, end, term) for places in scan.found.values() for start, end, term in places)

    def concerns(self, reading: Reading) -> bool:
        """Whether the topic's query holds: without it no signal counts."""
        return reading.holds(self._gate)

    def evidence(self, reading: Reading) -> tuple[Evidence, ...]:
        """What every signal says of the article, in the topic's order."""
        return tuple(_weigh(signal, reading) for signal in self._signals)

    def _decide(self, reading: Reading) -> Match:
        if not self.concerns(reading):
            return Match(Verdict.NO, 0, (), self._hits(reading), reading.lang, self._lacking(reading))
        evidence = self.evidence(reading)
        score = _score(self.config.prior, evidence) if evidence else 100
        verdict = Verdict.YES if score >= self.config.threshold else Verdict.NO
        subtopics = self._subtopics_of(reading) if verdict is Verdict.YES else ()
        return Match(verdict, score, subtopics, self._hits(reading), reading.lang, _reason(evidence))

    def _lacking(self, reading: Reading) -> str:
        """What of the topic's query was found and what was not."""
        found = [name_of(leaf) for leaf in self._marked if reading.found(leaf)]
        missing = [name_of(leaf) for leaf in self._marked if not reading.found(leaf)]
        said = f"only {', '.join(found)}" if found else "nothing of it"
        return f"The topic's query does not hold: found {said}, not {', '.join(missing) or 'as it asks'}."

    def _subtopics_of(self, reading: Reading) -> tuple[str, ...]:
        return tuple(key for key, node in self._subtopics.items() if reading.holds(node))

    def _hits(self, reading: Reading) -> tuple[Hit, ...]:
        places = sorted(
            {place for leaf in self._marked if reading.found(leaf) for place in reading.places(leaf)},
            key=lambda place: (place.source, place.start, -place.end),
        )
        hits: list[Hit] = []
        last = (-1, -1)
        for place in places:
            if len(hits) == MAX_HITS:
                break
            if place.source != last[0] or place.start >= last[1]:
                hits.append(_hit(place, reading))
                last = (place.source, place.end)
        return tuple(hits)


def _hit(place: Place, reading: Reading) -> Hit:
    found = reading.sources[place.source][place.start : place.end]
    field = Field.LEAD if place.zone is Zone.TITLE and place.source else _FIELDS[place.zone]
    return Hit(place.term, found, field, place.start, place.end)


def _any_leaf(node: Node) -> Node:
    found: tuple[Leaf, ...] = tuple(dict.fromkeys(leaves(node)))
    return found[0] if len(found) == 1 else Or(found)


def _weigh(signal: _Signal, reading: Reading) -> Evidence:
    if signal.config.value == "once":
        value = 1.0 if reading.holds(signal.node) else 0.0
    else:
        value = _rate(reading, signal.node)
    return Evidence(signal.config.name, value, value * signal.config.weight)


def _rate(reading: Reading, node: Node) -> float:
    places = reading.places(node)
    if not places:
        return 0.0
    per_hundred = 100 * len(places) / max(reading.length, 100)
    return per_hundred / (per_hundred + 1)


def _score(prior: float, evidence: tuple[Evidence, ...]) -> int:
    odds = prior + sum(part.adds for part in evidence)
    return round(100 / (1 + math.exp(-max(-30.0, min(30.0, odds)))))


def _reason(evidence: tuple[Evidence, ...]) -> str:
    """The signals that count, strongest first: `both sides in the title +3.5, …`."""
    strong = sorted((part for part in evidence if abs(part.adds) >= 0.1), key=lambda part: -abs(part.adds))
    return ", ".join(f"{part.name} {part.adds:+.1f}" for part in strong) or "No signal."


def compile_topic(
    config: TopicConfig, lists: Mapping[str, WordList] | None = None, *, cache: Path | None = None
) -> Matcher:
    """Return the matcher of `config`, whose queries may name its own lists and `lists` (default: shipped).

    Making all word forms takes about a second; they are kept in the folder `cache` for the next time.

    Raises:
        QueryError: for the first query that cannot be read.
    """
    remembered = FormsCache(cache)
    matcher = Matcher(config, shipped_lists() if lists is None else lists, remembered)
    remembered.save()
    return matcher
