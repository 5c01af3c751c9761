"""All forms of all leaves of a topic in one automaton, and one scan of a text with it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from language.forms import forms
from language.words import fold
from topics.lists import WordList
from topics.query.nodes import Leaf, ListRef, Term

_CYRILLIC = frozenset({"ru", "uk"})  # bilingual media, and headlines too short to tell the two apart


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a form stands for: a leaf of the query and, in a list, which of its terms."""

    leaf: int
    term: str
    lang: str = ""  # counts only in articles in this language
    exact: str = ""  # counts only when written like this
    capital: bool = False  # a name: counts only with a capital
    prefix: bool = False
    masks: bool = False  # an exception: hides what it covers


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a leaf was found: character offsets into the text scanned."""

    start: int
    end: int
    term: str


class Lexicon:
    """Forms of leaves, found in one pass. Immutable; safe to share between threads."""

    def __init__(self, leaves: Iterable[Leaf], lists: Mapping[str, WordList]) -> None:
        self.leaves: tuple[Leaf, ...] = tuple(dict.fromkeys(leaves))
        self.numbers: Mapping[Leaf, int] = {leaf: number for number, leaf in enumerate(self.leaves)}
        meanings: dict[str, list[Meaning]] = defaultdict(list)
        for number, leaf in enumerate(self.leaves):
            for form, meaning in _meanings(number, leaf, lists):
                if meaning not in meanings[form]:
                    meanings[form].append(meaning)
        self.forms: tuple[str, ...] = tuple(meanings)
        self._meanings = tuple(tuple(meanings[form]) for form in self.forms)
        self._automaton = AhoCorasick(
            list(self.forms), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def scan(self, text: str, lang: str, *, start: int = 0) -> dict[int, list[Found]]:
        """Return for each leaf found its places in reading order, none inside another.

        `lang` is the language of the text, empty when unknown: then every language's forms count.
        What begins before `start` is left out.
        """
        low = fold(text)
        found: dict[int, list[Found]] = {}
        masks: dict[int, list[Found]] = {}
        for number, begin, end in self._automaton.find_matches_as_indexes(low, overlapping=True):
            if begin < start or not _whole(low, begin, end, self._meanings[number]):
                continue
            for meaning in self._meanings[number]:
                if _counts(meaning, text, low, begin, end, lang):
                    target = masks if meaning.masks else found
                    target.setdefault(meaning.leaf, []).append(Found(begin, end, meaning.term))
        return {
            leaf: kept for leaf, places in found.items() if (kept := _longest(places, masks.get(leaf, ())))
        }


def _whole(low: str, start: int, end: int, meanings: tuple[Meaning, ...]) -> bool:
    if start and low[start].isalnum() and low[start - 1].isalnum():
        return False
    if end == len(low) or not low[end - 1].isalnum() or not low[end].isalnum():
        return True
    return any(meaning.prefix for meaning in meanings)


def _counts(meaning: Meaning, text: str, low: str, start: int, end: int, lang: str) -> bool:
    if meaning.lang and lang and meaning.lang != lang and not {meaning.lang, lang} <= _CYRILLIC:
        return False
    if meaning.exact and text[start:end] != meaning.exact:
        return False
    if meaning.capital and not text[start].isupper():
        return False
    return meaning.prefix or end == len(low) or not (low[end - 1].isalnum() and low[end].isalnum())


def _longest(places: list[Found], masks: Iterable[Found]) -> list[Found]:
    """Drop what lies inside a longer place or touches a mask; keep reading order."""
    hidden = deque(sorted(masks, key=lambda found: found.start))
    kept: list[Found] = []
    last_end = -1
    for place in sorted(places, key=lambda found: (found.start, -found.end)):
        if place.start < last_end:
            continue
        last_end = place.end
        while hidden and hidden[0].end <= place.start:
            hidden.popleft()
        if not (hidden and hidden[0].start < place.end):
            kept.append(place)
    return kept


def _meanings(number: int, leaf: Leaf, lists: Mapping[str, WordList]) -> Iterable[tuple[str, Meaning]]:
    if isinstance(leaf, Term):
        yield from _term(number, leaf, leaf.text)
        return
    for name in members(leaf, lists):
        words = lists[name]
        for term in words.terms():
            yield from _term(number, term, term.text, capital=words.names)
        for term in words.exceptions():
            yield from _term(number, term, term.text, masks=True)


def members(leaf: ListRef, lists: Mapping[str, WordList]) -> list[str]:
    """The lists that `@name` means: `name` itself and `name.…`, in the order given."""
    return [name for name in lists if name == leaf.name or name.startswith(leaf.name + ".")]


def _term(
    number: int, term: Term, label: str, *, capital: bool = False, masks: bool = False
) -> Iterable[tuple[str, Meaning]]:
    if term.exact:
        yield fold(term.text), Meaning(number, label, term.lang, exact=term.text, masks=masks)
        return
    if term.prefix:
        yield fold(term.text), Meaning(number, label, term.lang, prefix=True, capital=capital, masks=masks)
        return
    for form in forms(term.text, term.lang):
        yield form, Meaning(number, label, term.lang, capital=capital and term.text[0].isupper(), masks=masks)
