"""How much of a gold text an extraction holds, and how much beside it.

The measure of scrapinghub/article-extraction-benchmark (evaluate.py): shingles of four words as
multisets, each page counted once whatever its length, precision and recall averaged over pages, F1
from the two averages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

_WORD = re.compile(r"\w+")
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Score:
    """Means over pages, 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score(pairs: Iterable[tuple[str, str]]) -> Score:
    """Score (gold text, extracted text) of each page. A page without extraction has no precision."""
    precisions, recalls = [], []
    for gold, found in pairs:
        expected, actual = _shingles(gold), _shingles(found)
        common = (expected & actual).total()
        if actual:
            precisions.append(common / actual.total())
        if expected:
            recalls.append(common / expected.total())
    return Score(fmean(precisions) if precisions else 0.0, fmean(recalls) if recalls else 0.0)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[i : i + _LENGTH]) for i in range(max(1, len(words) - _LENGTH + 1)))
