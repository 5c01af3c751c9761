"""The baseline: a single pass over TF-IDF vectors, average link, every word as it is written."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from benchmarks.story_stream import Item

_WORD = re.compile(r"\w+")


def single_pass(
    items: Sequence[Item], window: timedelta | None, f1: Callable[[list[int]], float]
) -> tuple[float, float]:
    """The best threshold, in steps of 0.02, and its F1: the baseline is tuned on the set itself."""
    likeness = _likeness(items, window)
    attempts = [(step / 50, f1(_grouped(likeness, step / 50))) for step in range(2, 26)]
    return max(attempts, key=lambda attempt: attempt[1])


def _likeness(items: Sequence[Item], window: timedelta | None) -> list[dict[int, float]]:
    """For each item its cosine with the earlier ones of the window; document frequencies as of then."""
    having: Counter[str] = Counter()
    counts: list[Counter[str]] = []
    rows: list[dict[int, float]] = []
    for item in items:
        words = Counter(_WORD.findall(f"{item.title} {item.summary} {item.text[:600]}".casefold()))
        having.update(words.keys())
        idf = {word: math.log(1 + (len(counts) + 1) / number) for word, number in having.items()}
        near = [
            n for n, known in enumerate(items[: len(counts)]) if window is None or _gap(item, known) <= window
        ]
        rows.append({n: _cosine(words, counts[n], idf) for n in near})
        counts.append(words)
    return rows


def _cosine(one: Counter[str], other: Counter[str], idf: dict[str, float]) -> float:
    shared = sum(one[word] * other[word] * idf[word] ** 2 for word in one.keys() & other.keys())
    norms = [math.sqrt(sum((n * idf[word]) ** 2 for word, n in words.items())) for words in (one, other)]
    return shared / (norms[0] * norms[1] or 1)


def _gap(one: Item, other: Item) -> timedelta:
    return abs(one.at - other.at) if one.at and other.at else timedelta()


def _grouped(likeness: Sequence[dict[int, float]], threshold: float) -> list[int]:
    found: list[int] = []
    for number, row in enumerate(likeness):
        by_story: dict[int, list[float]] = {}
        for at, cosine in row.items():
            by_story.setdefault(found[at], []).append(cosine)
        means = {story: sum(cosines) / len(cosines) for story, cosines in by_story.items()}
        best = max(means, key=lambda story: means[story], default=None)
        found.append(number if best is None or means[best] < threshold else best)
    return found
