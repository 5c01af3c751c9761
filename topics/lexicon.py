"""All forms of all terms of a topic in one automaton, and one scan of a text with it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from language.forms_cache import FormsCache
from language.words import fold
from topics.lists import WordList
from topics.query.errors import QueryError
from topics.query.nodes import Leaf, ListRef, Term

MAX_FORMS = 300_000  # of a topic or query; the shipped topic has 20,000
_ABBREVIATION = 6  # letters; a longer word in capitals is only loud
_CYRILLIC = frozenset({"ru", "uk"})  # bilingual media, and headlines too short to tell the two apart


class Meaning(NamedTuple):
    """What a form stands for: a term of a unit (a word list, or a term of the query itself)."""

    unit: int
    term: str
    lang: str = ""  # counts only in articles in this language
    exact: str = ""  # counts only when written like this
    capitals: int = 0  # so many of its first letters must be capitals
    prefix: bool = False  # counts whatever letters follow
    masks: bool = False  # an exception: hides what it covers


class Found(NamedTuple):
    """One place where a term was found: character offsets into the text scanned."""

    start: int
    end: int
    term: str


class Scan(NamedTuple):
    """What one text holds: places by unit, and the places that hide others."""

    found: Mapping[int, list[Found]]
    masks: Mapping[int, list[Found]]


NOTHING = Scan({}, {})


class Lexicon:
    """Forms of the leaves of some queries, found in one pass. Immutable; safe to share between threads."""

    def __init__(
        self, leaves: Iterable[Leaf], lists: Mapping[str, WordList], cache: FormsCache | None = None
    ) -> None:
        cache = cache or FormsCache(None)
        units: dict[str | Term, int] = {}
        self._units: dict[Leaf, tuple[int, ...]] = {
            leaf: tuple(units.setdefault(part, len(units)) for part in _parts(leaf, lists))
            for leaf in dict.fromkeys(leaves)
        }
        meanings: dict[str, dict[Meaning, None]] = defaultdict(dict)
        for part, unit in units.items():
            for form, meaning in _meanings(unit, part, lists, cache):
                meanings[form][meaning] = None
            if len(meanings) > MAX_FORMS:
                raise QueryError(f"The terms have more than {MAX_FORMS:,} forms.", hint="Use fewer terms.")
        self.forms: tuple[str, ...] = tuple(meanings)
        self._meanings = tuple(tuple(meanings[form]) for form in self.forms)
        self._automaton = AhoCorasick(
            list(self.forms), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def scan(self, text: str, lang: str, *, start: int = 0) -> Scan:
        """Find every term in `text`, in one pass.

        `lang` is the language of the text, empty when unknown: then every language's forms count.
        What begins before `start` is left out.
        """
        low = fold(text)
        length = len(low)
        found: dict[int, list[Found]] = {}
        masks: dict[int, list[Found]] = {}
        for number, begin, end in self._automaton.find_matches_as_indexes(low, overlapping=True):
            if begin < start or (begin and low[begin - 1].isalnum() and low[begin].isalnum()):
                continue
            whole = end == length or not (low[end].isalnum() and low[end - 1].isalnum())
            for meaning in self._meanings[number]:
                if (whole or meaning.prefix) and _counts(meaning, text, begin, end, lang):
                    target = masks if meaning.masks else found
                    target.setdefault(meaning.unit, []).append(Found(begin, end, meaning.term))
        return Scan(found, masks)

    def holds(self, leaf: Leaf, scan: Scan) -> bool:
        """Whether the leaf occurs, hidden places aside."""
        units = self._units[leaf]
        if not any(unit in scan.masks for unit in units):
            return any(unit in scan.found for unit in units)
        return bool(self.places(leaf, scan))

    def places(self, leaf: Leaf, scan: Scan) -> list[Found]:
        """Where the leaf occurs, in reading order, none inside another."""
        units = self._units[leaf]
        places = [place for unit in units for place in scan.found.get(unit, ())]
        return _longest(places, [mask for unit in units for mask in scan.masks.get(unit, ())])


def _counts(meaning: Meaning, text: str, start: int, end: int, lang: str) -> bool:
    if (
        meaning.lang
        and lang
        and meaning.lang != lang
        and not (meaning.lang in _CYRILLIC and lang in _CYRILLIC)
    ):
        return False
    if meaning.exact and text[start:end] != meaning.exact:
        return False
    return not meaning.capitals or text[start : start + meaning.capitals].isupper()


def _longest(places: list[Found], masks: list[Found]) -> list[Found]:
    """Drop what lies inside a longer place or touches a mask; keep reading order."""
    hidden = deque(sorted(masks))
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


def members(leaf: ListRef, lists: Mapping[str, WordList]) -> list[str]:
    """The lists that `@name` means: `name` itself and `name.…`, in the order given."""
    return [name for name in lists if name == leaf.name or name.startswith(leaf.name + ".")]


def _parts(leaf: Leaf, lists: Mapping[str, WordList]) -> list[str | Term]:
    return [leaf] if isinstance(leaf, Term) else list[str | Term](members(leaf, lists))


def _meanings(
    unit: int, part: str | Term, lists: Mapping[str, WordList], cache: FormsCache
) -> Iterable[tuple[str, Meaning]]:
    if isinstance(part, Term):
        yield from _term(unit, part, cache)
        return
    words = lists[part]
    for term in words.terms():
        yield from _term(unit, term, cache, capitals=_capitals(term.text, names=words.names))
    for term in words.exceptions():
        yield from _term(unit, term, cache, masks=True)


def _capitals(text: str, *, names: bool) -> int:
    """A list writes names with a capital and abbreviations in capitals: so must the article (ПРО is
    missile defence, про is "about")."""
    if text.isupper() and 1 < len(text) <= _ABBREVIATION:
        return len(text)
    return int(names and text[0].isupper())


def _term(
    unit: int, term: Term, cache: FormsCache, *, capitals: int = 0, masks: bool = False
) -> Iterable[tuple[str, Meaning]]:
    if term.exact:
        yield fold(term.text), Meaning(unit, term.text, term.lang, exact=term.text, masks=masks)
        return
    meaning = Meaning(unit, term.text, term.lang, capitals=capitals, prefix=term.prefix, masks=masks)
    if term.prefix:
        yield fold(term.text), meaning
        return
    for form in cache.forms(term.text, term.lang):
        yield form, meaning
