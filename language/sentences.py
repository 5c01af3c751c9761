"""Where sentences end, in English, Russian and Ukrainian news text.

A full stop ends a sentence unless it closes an abbreviation or an initial. Titles ("Gen.", "им.")
always stand before a name; other abbreviations ("U.S.", "млн.") may also be the last word, which
shows when a word follows that opens sentences ("The", "Но").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BREAK = re.compile(r"(?:[.!?…]+[»”’\"')\]]*\s+|\n+)(?=[\"'«“„‘(\[—–-]{0,2}\s?[^\W_a-zа-яёґєії])")
_LAST_WORD = re.compile(r"(?:^|[\s(«“„\"'—–-])((?:\w+\.)*\w+)\.$")
_INITIALS = re.compile(r"(?:[^\W\d_a-zа-яёґєії]\.)*[^\W\d_a-zа-яёґєії]")
_NEXT_WORD = re.compile(r"\W*(\w+)(?=[\s,’'])")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words("""
    mr mrs ms dr prof gen sen rep gov lt col sgt capt cmdr adm maj pres amb rev hon st mt ft no nos vs fig
    г-н г-жа им акад проф ген полк тов св пр ул д о пос гл стр рис см ср вул буд просп напр
""")
_ABBREVIATIONS = _words("""
    u.s u.n u.k e.u u.s.a d.c a.m p.m e.g i.e inc corp co ltd jr sr ph.d etc al approx
    jan feb mar apr jun jul aug sep sept oct nov dec
    г гг в вв тыс млн млрд трлн руб долл коп ст т.е т.к т.д т.п т.н др пр н.э проц обл р рр тис грн кв куб
""")
_OPENERS = _words("""
    the a an in on at it its he she they we but and this that these those his her their there as for
    with before after when while however if to by
    во на по но и а он она они оно мы это этот эта эти как при об о для с со за до после также однако
    в у він вона вони ми це ці цей але та й із зі про під
""")


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence in reading order, without the white space around it.

    Line ends are sentence ends. Every character that is not white space lies in exactly one span.
    """
    start = 0
    for found in _BREAK.finditer(text):
        if "\n" not in found.group() and _continues(text, start, found):
            continue
        yield from _trimmed(text, start, found.end())
        start = found.end()
    yield from _trimmed(text, start, len(text))


def split_sentences(text: str) -> list[str]:
    """Return the sentences of `text` in reading order, trimmed; none is empty."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _continues(text: str, start: int, found: re.Match[str]) -> bool:
    """True when the stop belongs to an abbreviation or initial in the middle of a sentence."""
    if not found.group().startswith(".") or found.group().startswith(".."):
        return False
    last = _LAST_WORD.search(text, max(start - 1, 0), found.start() + 1)
    if last is None:
        return False
    word = last.group(1)
    folded = word.casefold()
    if folded in _TITLES and not word.isdigit():
        return True
    if _INITIALS.fullmatch(word) is None and folded not in _ABBREVIATIONS:
        return False
    return text[found.end()] in "—–-" or not _opens(text, found.end())


def _opens(text: str, position: int) -> bool:
    following = _NEXT_WORD.match(text, position)
    return following is not None and following.group(1).casefold() in _OPENERS


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    stripped = text[start:end].strip()
    if stripped:
        begin = text.index(stripped, start, end)
        yield begin, begin + len(stripped)
