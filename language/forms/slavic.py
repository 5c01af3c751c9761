"""Russian and Ukrainian: the dictionaries of pymorphy3, with agreement inside a phrase."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from language.words import fold

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer
    from pymorphy3.analyzer import Parse

_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_NUMBERS = ("sing", "plur")
_COMPARED = frozenset({"Supr", "Cmp2"})
_PROPER = ("Surn", "Name", "Patr")
_INFLECTED_WORDS = 5  # of a phrase; the rest stays, so that no phrase has thousands of forms
_INFLECTED_ABBREVIATIONS = frozenset({"МИД"})
_ABBREVIATION_ENDINGS = ("", "а", "у", "ом", "е")


@cache
def _analyzer(lang: str) -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang=lang)


def slavic_forms(term: str, lang: str) -> frozenset[str]:
    """The forms of a word or phrase in Russian or Ukrainian (`lang`), folded; none without a noun in it."""
    parts = term.split()
    if len(parts) == 1:
        return _slavic_word(parts[0], lang)
    paradigms: list[_Paradigm] = []
    head: Parse | None = None
    for position, part in enumerate(parts):
        # "договор о сокращении": what follows the head stays as it is, names apart
        inflects = position < _INFLECTED_WORDS and (head is None or part[0].isupper())
        paradigm = _paradigm(part, lang if inflects else "", part is parts[-1])
        paradigms.append(paradigm)
        if head is None and paradigm.reading and paradigm.reading.tag.POS == "NOUN":
            head, at_head = paradigm.reading, len(paradigms) - 1
    if head is None:
        return frozenset()
    numbers = ("plur",) if "plur" in head.tag.grammemes else _NUMBERS
    found: set[str] = set()
    for number, case in product(numbers, _CASES):
        declined = [
            _declined(paradigm, head, number, case, at - at_head) for at, paradigm in enumerate(paradigms)
        ]
        found.update(fold(" ".join(choice)) for choice in product(*declined))
    return frozenset(found)


@cache
def _paradigm(part: str, lang: str, last: bool) -> _Paradigm:  # noqa: FBT001 - a key of the cache
    return _Paradigm(part, _nominative(part, lang, last=last) if lang else None)


class _Paradigm:
    """A part of a phrase with its forms, looked up once."""

    def __init__(self, part: str, reading: Parse | None) -> None:
        self.part = part
        self.reading = reading
        self.forms: list[tuple[str, frozenset[str]]] = []
        if reading is not None:
            lexeme = ((str(form.word), form.tag.grammemes) for form in reading.lexeme)
            self.forms = [(word, marks) for word, marks in lexeme if marks.isdisjoint(_COMPARED)]

    def inflected(self, number: str, *grammemes: str) -> list[str]:
        """Every form with these marks; none where there is a gap. Ukrainian marks the plural only."""
        assert self.reading is not None
        wanted = set(grammemes) | ({"pssv", "actv"} & self.reading.tag.grammemes)
        plural = number == "plur"
        return [word for word, marks in self.forms if wanted <= marks and ("plur" in marks) == plural]


def _declined(paradigm: _Paradigm, head: Parse, number: str, case: str, distance: int) -> list[str]:
    """A part in `number` and `case`: the head, what agrees before it, names beside it; the rest stays."""
    reading = paradigm.reading
    if reading is None:
        return [paradigm.part]
    if distance == 0:
        return paradigm.inflected(number, case)
    if _proper(reading) and (_proper(head) or "anim" in head.tag.grammemes):
        gender = {reading.tag.gender} - {None} if number == "sing" else set()
        return paradigm.inflected(number, case, *gender)
    if distance < 0 and reading.tag.POS in {"ADJF", "PRTF"}:
        gender = {head.tag.gender} - {None} if number == "sing" else set()
        animacy = {head.tag.animacy} - {None} if case == "accs" and head.tag.gender != "femn" else set()
        return paradigm.inflected(number, case, *gender, *animacy) or paradigm.inflected(
            number, case, *gender
        )
    return [paradigm.part]


def _proper(reading: Parse, *others: str) -> bool:
    """A person's name, by the dictionary's marks (not every mark is known in every language)."""
    marks: frozenset[str] = reading.tag.grammemes
    return not marks.isdisjoint((*_PROPER, *others))


def _nominative(part: str, lang: str, *, last: bool) -> Parse | None:
    """The reading in which `part` is as a list writes it: nominative; an adjective where one may
    stand (Белый дом), a name where the capital says so."""
    readings = [
        reading
        for reading in _analyzer(lang).parse(part.lower())
        if reading.tag.POS in {"NOUN", "ADJF", "PRTF"}
        and "nomn" in reading.tag.grammemes
        and "Fixd" not in reading.tag.grammemes
    ]
    adjectives = [reading for reading in readings if reading.tag.POS != "NOUN"]
    proper = [reading for reading in readings if _proper(reading)] if part[:1].isupper() else []
    proper = proper or [
        reading for reading in readings if part[:1].isupper() and "anim" in reading.tag.grammemes
    ]
    preferred = (proper or readings) if last else (adjectives or proper or readings)
    return preferred[0] if preferred else None


def _slavic_word(word: str, lang: str) -> frozenset[str]:
    if word.isupper() and len(word) > 1:  # США: an abbreviation is written one way
        endings = _ABBREVIATION_ENDINGS if word in _INFLECTED_ABBREVIATIONS and lang == "ru" else ("",)
        return frozenset(fold(word + ending) for ending in endings)
    low = word.lower()
    readings = [reading for reading in _analyzer(lang).parse(low) if _is_lemma(reading, low)]
    if word[:1].isupper():
        proper = [r for r in readings if _proper(r, "Geox", "Orgn")]
        readings = [r for r in proper if "Fixd" not in r.tag.grammemes] or readings
    found = {low}
    for reading in readings:
        found.update(form.word for form in reading.lexeme if _same_person(form, reading))
    if word[:1].isupper() and not readings:
        found.update(_masculine(low, lang))
    return frozenset(map(fold, found))


def _is_lemma(reading: Parse, low: str) -> bool:
    if "nomn" in reading.tag and "sing" in reading.tag:
        return reading.tag.POS != "ADJF" or "masc" in reading.tag
    return bool(reading.normal_form == low)


def _same_person(form: Parse, reading: Parse) -> bool:
    """A surname's paradigm holds both sexes and the family: keep the forms of the one given."""
    if "Surn" not in reading.tag.grammemes:
        return True
    return form.tag.gender == reading.tag.gender and "plur" not in form.tag.grammemes


def _masculine(low: str, lang: str) -> set[str]:
    """The paradigm of a foreign man's name that no dictionary knows."""
    if low[-1] not in "бвгджзклмнпрстфхцчшщ":
        return set()
    endings = ("а", "у", "ом", "ем", "е") if lang == "ru" else ("а", "у", "ом", "ем", "і", "ові", "еві")
    return {low + ending for ending in endings}
