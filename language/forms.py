"""All written forms of a word or phrase, made once when a topic is compiled.

Expanding the query instead of stemming every article is three times as fast and finds more
(docs/decisions/word-forms.md).
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from language.words import fold

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer
    from pymorphy3.analyzer import Parse
    from snowballstemmer.basestemmer import BaseStemmer

LANGUAGES = ("en", "ru", "uk", "de", "fr", "es")

_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_NUMBERS = ("sing", "plur")
_COMPARED = frozenset({"Supr", "Cmp2"})
_PROPER = ("Surn", "Name", "Patr")


@cache
def forms(term: str, lang: str) -> frozenset[str]:
    """Return every form of `term`, folded (see `fold`), itself included.

    `lang` is one of LANGUAGES or empty: then the script decides, Cyrillic is inflected as Russian
    and as Ukrainian, Latin as English. A phrase is inflected as a phrase: `Белый дом` gives
    `белого дома`, never `белого дом`.
    """
    plain = fold(term).strip()
    if not lang:
        if _is_cyrillic(plain):
            return forms(term, "ru") | forms(term, "uk")
        lang = "en"
    if lang in {"ru", "uk"}:
        return (_slavic_phrase(term, lang) if _is_cyrillic(plain) else frozenset()) | {plain}
    if lang == "en":
        return _english_phrase(plain) | {plain}
    return _stemmed_phrase(plain, lang) | {plain}


def _is_cyrillic(text: str) -> bool:
    return any("\u0400" <= char <= "\u04ff" for char in text)


# Russian and Ukrainian: the dictionary of pymorphy3, with agreement inside the phrase.


@cache
def _analyzer(lang: str) -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang=lang)


def _slavic_phrase(term: str, lang: str) -> frozenset[str]:
    parts = term.split()
    if len(parts) == 1:
        return _slavic_word(parts[0], lang)
    paradigms: list[_Paradigm] = []
    head: Parse | None = None
    for part in parts:
        inflects = head is None or part[0].isupper()  # "договор о сокращении": what follows the head stays
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


def _inflect(reading: Parse, number: str, *grammemes: str) -> str | None:
    marked = "sing" in reading.tag.grammemes or number == "plur"  # Ukrainian marks the plural only
    form = reading.inflect({number, *grammemes} if marked else set(grammemes))
    return None if form is None else str(form.word)


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
    if word.isupper() and len(word) > 1:  # США, МИД: an abbreviation is written one way
        return frozenset(
            {fold(word)}
            | ({fold(word + ending) for ending in ("а", "у", "ом", "е")} if _declines(word, lang) else set())
        )
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


def _declines(word: str, lang: str) -> bool:
    return word.upper() in {"МИД", "ГРУ"} and word.upper() != "ГРУ" and lang == "ru"


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


# English: rules and the irregular verbs of the news.

_IRREGULAR_FORMS = """
become became; begin began begun; break broke broken; bring brought; build built; buy bought; catch caught;
choose chose chosen; come came; cut cutting; deal dealt; draw drew drawn; fall fell fallen; fight fought;
find found; fly flew flown; get got; give gave given; go went gone; grow grew grown; hold held; keep kept;
lead led; leave left; lose lost; make made; meet met; pay paid; say said; seek sought; sell sold; send sent;
shake shook shaken; shoot shot; sink sank sunk; speak spoke spoken; spend spent; spy spied; stand stood;
steal stole stolen; strike struck; swear swore sworn; take took taken; tell told; think thought;
throw threw thrown; win won; withdraw withdrew withdrawn; write wrote written; ally allied; crisis crises
"""
_IRREGULAR = {base: rest for base, *rest in (line.split() for line in _IRREGULAR_FORMS.split(";"))}
_VOWELS = "aeiou"


def _english_phrase(plain: str) -> frozenset[str]:
    """The last word inflects; in a phrase only as a noun (`missile strikes`, not `missile striking`)."""
    *before, last = plain.split() or [""]
    endings = _english_nouns(last) if before else _english_nouns(last) | _english_verbs(last)
    return frozenset(" ".join([*before, form]) for form in endings)


def _english_nouns(word: str) -> set[str]:
    if len(word) < 3 or not word.isalpha() or not word.isascii():
        return {word}
    base = _singular(word)
    plurals = {"man": "men"}.get(base[-3:]) if base.endswith("man") else None
    if plurals:
        return {word, base, base[:-3] + plurals}
    return {word, base, _with_s(base)}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "news")):
        return word[:-1]
    return word


def _with_s(base: str) -> str:
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return base[:-1] + "ies"
    if base.endswith(("s", "x", "z", "ch", "sh")):
        return base + "es"
    return base + "s"


def _english_verbs(word: str) -> set[str]:
    base = _singular(word)
    if len(base) < 3 or not base.isalpha() or not base.isascii():
        return set()
    if base.endswith("e"):
        made = {base + "d", base[:-1] + "ing"}
    elif base.endswith("y") and base[-2] not in _VOWELS:
        made = {base[:-1] + "ied", base + "ing"}
    else:
        made = {base + "ed", base + "ing"}
        if base[-1] not in _VOWELS + "wxy" and base[-2] in _VOWELS and base[-3] not in _VOWELS:
            made |= {base + base[-1] + "ed", base + base[-1] + "ing"}
    return made | set(_IRREGULAR.get(base, ()))


# German, French, Spanish: every ending that the stemmer takes off again.

_ENDINGS = {
    "de": ("", "e", "en", "er", "es", "em", "n", "s"),
    "fr": ("", "s", "e", "es", "ne", "nes"),
    "es": ("", "s", "es", "a", "as", "o", "os"),
}
_STEMMERS = {"de": "german", "fr": "french", "es": "spanish"}


@cache
def _stemmer(lang: str) -> BaseStemmer:
    import snowballstemmer

    return snowballstemmer.stemmer(_STEMMERS[lang])


def _stemmed_phrase(plain: str, lang: str) -> frozenset[str]:
    options = [_stemmed(word, lang) for word in plain.split()]
    return (
        frozenset(" ".join(choice) for choice in product(*options[:4]))
        if len(options) <= 4
        else frozenset({plain})
    )


def _stemmed(word: str, lang: str) -> list[str]:
    """`word` and each variant with another ending that has the same Snowball stem."""
    if len(word) < 4 or not word.isalpha():
        return [word]
    stem = _stemmer(lang).stemWord(word)
    bases = {word[: len(stem)], stem}  # as written, and without its accents
    made = {base + ending for base in bases if len(base) > 2 for ending in _ENDINGS[lang]}
    return sorted({word} | {form for form in made if _stemmer(lang).stemWord(form) == stem})
