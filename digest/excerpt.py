"""What of an article's text is shown, and which words in it are marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from digest.view import Segment
from language.sentences import split_sentences

_READ_SENTENCES = 30  # news tells its point early; deeper runs lose their context
_OPENING_BONUS = 3.5  # news opens with its point: a later run must show four more matched terms
_LEAST_SHARE = 0.3  # a shorter run says too little
_DATELINE = re.compile(
    r"^[A-ZА-ЯЁЇІЄҐ][A-ZА-ЯЁЇІЄҐ.' -]{2,30}(?:, [\w. ]{2,20})?(?: ?\([^)]{2,30}\))?\s*(?:[—–]|--?)\s+",
    re.MULTILINE,
)
_CREDIT = re.compile(r"\(?(?:Additional )?(?:Reporting|Editing|Writing) by ", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_CUT = re.compile(r"(?:…|\.\.\.)\W*$")
_HEADLINE_WORDS = 5  # a shorter one may well begin its own first sentence
_NAME_WORDS = 3
_ENDS_WELL = re.compile(r"[.!?…][»”’\"')\]]*$")


def excerpt(text: str, *, terms: Sequence[str], limit: int, headline: str = "") -> str:
    """Return whole sentences of `text`, at most `limit` characters.

    The run of neighbouring sentences that shows most of `terms` is taken, the opening one by
    preference; a later one starts with an ellipsis. Lines that are no sentences (bylines, captions),
    datelines and whatever says no more than the `headline` are passed over, so that the excerpt may be
    empty. Only a sentence longer than `limit` is cut, at a word.
    """
    sentences = _readable(text, headline=headline)
    whole = " ".join(sentences)
    if len(whole) <= limit:
        return whole
    runs = list(_runs(sentences, limit=limit))
    if not runs:
        return cut_at_word(whole, limit=limit)
    pattern = term_pattern(terms)
    start, run = max(runs, key=lambda found: (_worth(found, pattern), len(found[1]), -found[0]))
    return f"… {run}" if start else run


def mark_terms(text: str, terms: Sequence[str]) -> tuple[Segment, ...]:
    """Split `text` into segments, the found `terms` strong."""
    pattern = term_pattern(terms)
    if not text or pattern is None:
        return (Segment(text),) if text else ()
    pieces = pattern.split(text)  # the pattern's one group: odd pieces are the terms
    return tuple(Segment(piece, strong=at % 2 == 1) for at, piece in enumerate(pieces) if piece)


def other_words(terms: Sequence[str], *, beyond: Sequence[str] = ()) -> tuple[str, ...]:
    """Return those `terms` that are no other form of one before them or of one in `beyond`.

    Two forms share their beginning up to the last two letters: Russia and Russian, Москва and Москвы.
    """
    seen = [_stem(term) for term in beyond]
    found = []
    for term in filter(str.strip, terms):
        stem = _stem(term)
        if not any(stem.startswith(other) or other.startswith(stem) for other in seen):
            found.append(term)
            seen.append(stem)
    return tuple(found)


def _stem(term: str) -> str:
    folded = term.casefold()
    return folded[: max(4, len(folded) - 2)]


def term_pattern(terms: Sequence[str]) -> re.Pattern[str] | None:
    """Return a pattern that finds whole words of `terms`, the longest first, or None without terms."""
    wanted = sorted({term for term in terms if term.strip()}, key=lambda term: (-len(term), term))
    if not wanted:
        return None
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, wanted))})(?!\w)", re.IGNORECASE)


def cut_at_word(text: str, *, limit: int) -> str:
    """Return `text` in at most `limit` characters, cut after a word with an ellipsis."""
    if len(text) <= limit:
        return text
    head, _, _ = text[:limit].rpartition(" ")
    return (head or text[: limit - 1]).rstrip(" ,;:—–-") + "…"


def _readable(text: str, *, headline: str) -> list[str]:
    lines = _DATELINE.sub("", text[:20_000])  # before sentences: one may end with a stop, as in "Calif. —"
    parts = (_DATELINE.sub("", part) for part in split_sentences(lines))
    told = _words(headline)
    if _repeats(text[:1_000], told):
        return []
    found = [part for part in parts if part and not _repeats(part, told) and not _is_furniture(part)]
    proper = [part for part in found if _ENDS_WELL.search(part)]
    return [" ".join(part.split()) for part in islice(proper or found, _READ_SENTENCES)]


def _repeats(sentence: str, headline: str) -> bool:
    """True for a piece of the headline, cut or whole, and for the headline with no more than a name behind
    it, as aggregators write it."""
    words = _words(sentence)
    if f" {words} " in f" {headline} " or (_CUT.search(sentence) and f" {words}" in f" {headline}"):
        return True
    behind = words.removeprefix(f"{headline} ")
    is_name_long = words != behind and len(behind.split()) <= _NAME_WORDS
    return is_name_long and len(headline.split()) >= _HEADLINE_WORDS


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _is_furniture(sentence: str) -> bool:
    """True for a dateline that ends with a stop, as in Russian ("МОСКВА."), and for an agency's credit."""
    is_place = sentence.isupper() and len(sentence.split()) <= 2
    return is_place or _CREDIT.match(sentence) is not None


def _runs(sentences: Sequence[str], *, limit: int) -> list[tuple[int, str]]:
    runs = []
    for start in range(len(sentences)):
        room = limit - (2 if start else 0)
        for end in range(start + 1, len(sentences) + 1):
            run = " ".join(sentences[start:end])
            if len(run) > room:
                break
            if len(run) >= limit * _LEAST_SHARE:
                runs.append((start, run))
    return runs


def _worth(found: tuple[int, str], pattern: re.Pattern[str] | None) -> float:
    start, run = found
    hits = {hit.casefold() for hit in pattern.findall(run)} if pattern else set()
    return len(hits) + (0 if start else _OPENING_BONUS)
