"""Words and their places: one pass over a text, in any script."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

# A word is a run of letters, digits or marks; apostrophes and hyphens join inside it (don't, об'єднані,
# Нью-Йорк); dots join single letters (U.S., т.е.) and digits (1.5).
_WORD = re.compile(r"(?:\w\.){2,}|\w+(?:[.,](?=\d)\d+)*(?:['’ʼ‑-]\w+)*")
_PART = re.compile(r"\w+")

_FOLDS = (
    ("’", "'"),
    ("ʼ", "'"),
    ("‘", "'"),
    ("‑", "-"),
    ("–", "-"),
    ("ё", "е"),
    ("\u00a0", " "),
    ("\n", " "),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written and where: `text == source[start:end]`."""

    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """Return the words of `text` in reading order; hyphenated and apostrophised ones stay whole."""
    return [Word(found[0], found.start(), found.end()) for found in _WORD.finditer(text)]


def fold(text: str) -> str:
    """Return `text` in lower case with apostrophes, hyphens, ё and white space made uniform.

    The length never changes, so that an offset into the folded text is one into the text.
    """
    low = text.lower()
    if len(low) != len(text):  # İ and a few more grow when lowered
        low = "".join(small if len(small := char.lower()) == 1 else char for char in text)
    for odd, plain in _FOLDS:
        if odd in low:
            low = low.replace(odd, plain)
    return low


class WordIndex:
    """From a character offset to the number of the word there: the distance that NEAR/n counts.

    Here every run of letters and digits counts as a word of its own: US-Russia is two words.
    """

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [found.start() for found in _PART.finditer(text)]

    def __len__(self) -> int:
        return len(self._starts)

    def at(self, offset: int) -> int:
        """The number, from 0, of the word that begins at or last before `offset`; -1 before all."""
        return bisect_right(self._starts, offset) - 1
