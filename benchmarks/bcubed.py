"""Scores of a grouping against a gold one: B-cubed (Bagga and Baldwin 1998) and pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import combinations

from benchmarks.story_stream import Item


def bcubed(gold: Sequence[Hashable], found: Sequence[Hashable]) -> tuple[float, float, float]:
    """Precision, recall and F1, each the mean over the articles."""
    both = Counter(zip(gold, found, strict=True))
    in_gold, in_found = Counter(gold), Counter(found)
    total = len(gold)
    precision = sum(n * n / in_found[f] for (_, f), n in both.items()) / total
    recall = sum(n * n / in_gold[g] for (g, _), n in both.items()) / total
    return precision, recall, 2 * precision * recall / (precision + recall)


def mean_scores(items: Sequence[Item], found: Sequence[Hashable]) -> tuple[float, float, float]:
    """B-cubed scores, averaged over the annotators, to four digits."""
    scores = [bcubed(gold, found) for gold in zip(*(item.gold for item in items), strict=True)]
    precision, recall, f1 = (round(sum(part) / len(scores), 4) for part in zip(*scores, strict=True))
    return precision, recall, f1


def pair_f1(items: Sequence[Item], found: Sequence[Hashable], counts: Callable[[Item, Item], bool]) -> float:
    """F1 of "same story" over the pairs that count, averaged over the annotators."""
    pairs = [(a, b) for a, b in combinations(range(len(items)), 2) if counts(items[a], items[b])]
    annotators = range(len(items[0].gold))
    return round(sum(_pair_f1(items, found, pairs, who) for who in annotators) / len(annotators), 4)


def _pair_f1(
    items: Sequence[Item], found: Sequence[Hashable], pairs: Sequence[tuple[int, int]], annotator: int
) -> float:
    outcomes = Counter(
        (items[a].gold[annotator] == items[b].gold[annotator], found[a] == found[b]) for a, b in pairs
    )
    hits = outcomes[True, True]
    return 2 * hits / (2 * hits + outcomes[True, False] + outcomes[False, True]) if hits else 0.0
