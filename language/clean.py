"""The one border that every third-party string crosses, once, before it is stored or shown."""

from __future__ import annotations

import re
import unicodedata

_JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ carry meaning in Persian and in emoji
_MAX_COMBINING = 3  # more marks on one letter are decoration that overprints its neighbours
# A superset of the characters with a combining class: everything but Latin, Cyrillic, Greek, punctuation.
MAYBE_COMBINING = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u1cff\u1dc0-\u1dff\u20d0-\u20ff\u2cef-\U0010ffff]"
)
_ENCODED_WORD = re.compile(r"=(?=\?)")


def clean_text(text: str, *, limit: int | None = None) -> str:
    """Return `text` on one line, in NFC, safe to store, print and mail.

    Controls (with NUL), line and paragraph separators become a space; lone surrogates, private,
    unassigned, bidirectional and other invisible format characters are dropped. At most `limit`
    characters are kept, cut with an ellipsis. Cleaning twice changes nothing.
    """
    kept = _clean_line(text)
    if limit is not None and len(kept) > limit:
        return _clean_line(kept[: limit - 1]).rstrip() + "…"
    return kept


def clean_lines(text: str, *, limit: int | None = None) -> str:
    """Like `clean_text`, but paragraphs stay: one line each, empty ones dropped."""
    lines = filter(None, (_clean_line(line) for line in text.splitlines()))
    joined = "\n".join(lines)
    return joined if limit is None or len(joined) <= limit else joined[: limit - 1].rstrip() + "…"


def clean_header(text: str, *, limit: int = 255) -> str:
    """Clean `text` for a mail header: also breaks encoded-words, which old CPythons decode again.

    A feed title that holds `=?utf-8?q?=0ABcc:…?=` became a header of its own (CVE-2024-6923).
    """
    return _ENCODED_WORD.sub("= ", clean_text(text, limit=limit))


def _clean_line(text: str) -> str:
    if not text.isprintable():
        text = text.translate(_REPLACED)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if MAYBE_COMBINING.search(text):
            text = _limit_combining(text)
    return " ".join(text.split())


class _Replacements(dict[int, str]):
    """A table for `str.translate` that decides each character once, when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = kept = _replace(chr(code))
        return kept


def _replace(char: str) -> str:
    if char.isprintable() and not char.isspace():
        return char
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if category in {"Cs", "Co", "Cn"} or (category == "Cf" and char not in _JOINERS):
        return ""
    return char


_REPLACED = _Replacements()


def _limit_combining(text: str) -> str:
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MAX_COMBINING:
            kept.append(char)
    return "".join(kept)
