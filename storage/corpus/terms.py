"""What an article is about, as weighted terms that English and Russian have in common."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from storage.corpus.glossary import Glossary, Idea, Kind, load

if TYPE_CHECKING:
    from pymorphy3.analyzer import Parse

TITLE_WEIGHT = 2
LEAD_WORDS = 130

# Tuned on the labelled headlines (docs/decisions/stories.md): who and where tell stories of one
# subject apart, the choice of words does not.
_WORD_WEIGHT = 0.8
_KIND_WEIGHT = {
    Kind.PERSON: 1.4,
    Kind.PLACE: 1.1,
    Kind.MEETING: 0.9,
    Kind.FORCE: 0.85,
    Kind.PHASE: 0.4,
    Kind.OTHER: _WORD_WEIGHT,
}

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
# The U stands before the check for a boundary, since a pattern that begins with a letter is found faster.
_ABBREVIATION = re.compile(r"U(?<!\wU)(?:\.S\.(?:A\.)?|SA?\b|\.N\.|\.K\.)")
_SPELLED_OUT = {"U.N.": "united nations", "U.K.": "britain"}
_CYRILLIC = re.compile("[а-яіїєґў]")
_FUNCTION_WORDS = {"PREP", "CONJ", "PRCL", "NPRO", "NUMR", "PRED", "INTJ"}  # by pymorphy3's tags
_KEPT = frozenset({"before", "after", "ahead", "end", "call", "back", "перед", "после", "ес", "ас"})
_EMPTY_WORDS = """
a according across all also always am amid among an and another any are around as at be been both but by
can could day days despite did do does donald during each even every few for from full get gets go goes
going gone got had has have he here her his hour hours how i if in inside into is it its just key know
knows let like live look looks made make makes many may me might more morning most much must my need needs
never news night no not now of off on once one or other our out over own part read really report reported
reports same set she should since source sources still such take takes tell tells that the their them
there these they thing things this those three through to today told tomorrow two under until up us very
video vladimir volodymyr want wants was watch way ways we were what when where which while who why will
with within without would year years yesterday yet you your say says said says than first second third
monday tuesday wednesday thursday friday saturday sunday january february march april june july august
september october november december four five six seven eight nine ten hundred thousand week's about
уже еще видео владимир главное главный год дональд другой журналист корреспондент мочь новость новый
против один первый раз рассказать рассказывать репортаж самый сообщать сообщение сообщить стать фото чем что
лето эфир весь свой этот тот день время сказать заявить который человек понедельник вторник среда четверг
пятница суббота воскресенье январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
"""
_EMPTY = frozenset(_EMPTY_WORDS.split()) - _KEPT


class Term(NamedTuple):
    """How much a term says of an article, and whether it stands in the headline."""

    weight: float
    headline: bool


def terms_of(title: str, summary: str = "", text: str = "") -> dict[str, Term]:
    """Return the terms of an article and how much each says of it.

    A term is an idea of the glossary (`=summit`), a number, or the normal form of a word. The title
    counts twice, and a summary that only repeats it not at all; of the text only the beginning is
    read, where news says what it is about.
    """
    headline = _glossary().read(normal_forms(title))
    counts = Counter({term: TITLE_WEIGHT * count for term, count in Counter(headline).items()})
    for part in (summary if summary not in title else "", _lead(text)):
        counts.update(_glossary().read(normal_forms(part)))
    told = frozenset(headline)
    return {
        _name(term): Term((1 + math.log(count)) * _weight(term), term in told)
        for term, count in counts.items()
    }


def spelled(term: str, text: str) -> str:
    """How `text` writes a term of its own: people read words, not stems."""
    if term.startswith("="):
        return term.removeprefix("=")
    words = (found[0] for found in _WORD.finditer(text))
    return next((word for word in words if _normal(_folded(word)) == term), term)


def normal_forms(text: str) -> list[str]:
    """The words of `text` that carry meaning, in order: lemmas for Cyrillic, stems for the rest."""
    spelled_out = _ABBREVIATION.sub(lambda found: _SPELLED_OUT.get(found[0], "america"), text)
    return [form for word in _WORD.findall(_folded(spelled_out)) if (form := _normal(word))]


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _lead(text: str) -> str:
    return " ".join(text.split(None, LEAD_WORDS)[:LEAD_WORDS])


def _name(term: str | Idea) -> str:
    return f"={term.name}" if isinstance(term, Idea) else term


def _weight(term: str | Idea) -> float:
    return _KIND_WEIGHT[term.kind] if isinstance(term, Idea) else _WORD_WEIGHT


@cache
def _glossary() -> Glossary:
    return load(normal_forms)


@lru_cache(maxsize=50_000)
def _normal(word: str) -> str:
    """The normal form of a folded word; empty for a word that says nothing."""
    if word in _EMPTY:
        return ""
    if not _CYRILLIC.search(word):
        return str(_english().stemWord(word)) if len(word) > 1 or word.isdigit() else ""
    reading: Parse = _russian().parse(word)[0]
    grammemes = reading.tag.grammemes
    if word not in _KEPT and (not _FUNCTION_WORDS.isdisjoint(grammemes) or {"Anum", "Apro"} & grammemes):
        return ""
    form = str(reading.normal_form).replace("ё", "е")
    return "" if form in _EMPTY or (len(word) < 3 and word not in _KEPT) else form


@cache
def _english() -> Any:
    import snowballstemmer  # here, since most commands never place an article

    return snowballstemmer.stemmer("english")


@cache
def _russian() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")
