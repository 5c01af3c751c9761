"""What a later article says that the reader has not been told: numbers, names and quotes.

A rule of thumb on purpose: it must be explainable in the mail ("New since Wed: “…”, 31 firms"), work
the same in both scripts, and fail towards silence for a mere rewording.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from language.sentences import split_sentences

_ENOUGH = 2  # one new name alone is as often a byline or another spelling
_MOST = 5
_READ = 30  # sentences of an article

_QUOTE = re.compile(r"[“„«\"]([^“”„«»\"]{15,140})[”“»\"]")  # shorter ones are scare quotes
_NUMBER = re.compile(r"(?<![\w.,])[$€₽£]?\d[\d.,\u00a0 ]*\d*%?(?!\w)(?:\s+(?:[^\W\d_]{3,}))?")
_DIGITS = re.compile(r"\d+")
_NAME = re.compile(r"(?<![.!?…:«“\"—–-] )(?<![«“\"])\b[A-ZА-ЯЁЇІЄҐ][\w’'-]{2,}(?: [A-ZА-ЯЁЇІЄҐ][\w’'-]{2,})*")
_MONTH = re.compile(
    r"\s*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)",
    re.IGNORECASE,
)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def new_material(told: Sequence[str], later: Sequence[str]) -> tuple[str, ...]:
    """Return what `later` texts say beyond the `told` ones, quotes first, at most five pieces.

    Empty when it is too little to write to somebody again: no new quote and fewer than two numbers or
    names. Texts in a script that nothing told is written in are compared by their numbers only, since
    every name would look new.
    """
    known = "\n".join(told)
    comparable = [text for text in later if _script(text) in {_script(each) for each in told}]
    quotes = _fresh(_quotes(comparable), known, _squashed)
    names = _fresh(_names(comparable), known, _stem)
    numbers = _fresh(_numbers(later), known, _digits)
    if not quotes and len(names) + len(numbers) < _ENOUGH:
        return ()
    return tuple(islice((*quotes, *numbers, *names), _MOST))


def _quotes(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for found in _QUOTE.finditer(text):
            yield f"“{found.group(1).strip(' ,.')}”"


def _numbers(texts: Iterable[str]) -> Iterator[str]:
    for sentence in _sentences(texts):
        for found in _NUMBER.finditer(sentence):
            text = found.group().strip(" .,\u00a0")
            if not _is_date(text, sentence[found.end() :]):
                yield text


def _names(texts: Iterable[str]) -> Iterator[str]:
    for sentence in _sentences(texts):
        first = len(sentence) - len(sentence.lstrip('«“"—– '))
        for found in _NAME.finditer(sentence):
            if found.start() > first:
                yield found.group()


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from islice(split_sentences(text), _READ)


def _is_date(number: str, following: str) -> bool:
    """A year, a clock time or a day of a month says when, not what."""
    digits = "".join(_DIGITS.findall(number))
    is_year = len(digits) == 4 and digits[:2] in {"19", "20"} and not re.search(r"[.,$€₽£%]", number)
    return is_year or _MONTH.match(number.lstrip("0123456789 \u00a0") or following) is not None


def _fresh(found: Iterable[str], known: str, key: Callable[[str], str]) -> list[str]:
    """Those pieces whose key is not in the known text, each once."""
    squashed = _squashed(known)
    fresh: dict[str, str] = {}
    for piece in found:
        token = key(piece)
        if token and token not in squashed:
            fresh.setdefault(token, piece)
    return list(fresh.values())


def _squashed(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text.casefold()).strip()


def _stem(name: str) -> str:
    """The name without the endings that Russian and Ukrainian cases change."""
    last = _squashed(name).rpartition(" ")[2]
    return last[: max(4, len(last) - 2)]


def _digits(number: str) -> str:
    return _squashed(re.sub(r"[^\d.,]", "", number))


def _script(text: str) -> bool:
    return len(_CYRILLIC.findall(text[:500])) > 50
