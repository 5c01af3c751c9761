"""Level 4, stories: which event is this article about?

One pass, decisions are not revised: an article joins the story that its terms and its time speak for
most, or founds one. Single-pass clustering after Allan, Papka and Lavrenko (1998), "On-line new event
detection and tracking", with time as part of the likeness. The method and every constant were chosen
by measurement: docs/decisions/stories.md.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

_JOIN = 0.26  # least likeness to a story
_NEAREST = 0.4  # weight of the nearest article against the mean of all
_CROWD = 0.1  # what many already tell is likelier what the next one tells
_FADE_HOURS = 24.0
_OLD = 0.25  # what a likeness counts when the articles are far apart in time
_UNDATED = 0.3
_USUAL_NORM = 3.3  # a headline alone; longer texts share more words by chance, but also by cause
_NORM_SLOPE = 0.1
_PRIOR_ARTICLES = 400  # usual news that the window is mixed with


@dataclass(frozen=True, slots=True)
class Profile:
    """An article as the decision sees it: terms by `term_key`, and the length of that vector when the
    article came. `at` is None when nobody knows the date; `story_id` is 0 for a new article."""

    article_id: int
    story_id: int
    at: datetime | None
    weights: Mapping[int, float]
    norm: float


@dataclass(frozen=True, slots=True)
class Commonness:
    """How many of the `articles` in the window have each term; `usual` is the share of all news that
    has it (0–1), which speaks while the window holds little."""

    articles: int
    by_term: Mapping[int, int]
    usual: Mapping[int, float] = field(default_factory=dict)

    def idf(self, term: int) -> float:
        """1 for a term that nobody else has, near 0 for one that all have."""
        total = self.articles + _PRIOR_ARTICLES
        having = self.by_term.get(term, 0) + self.usual.get(term, 0.0) * _PRIOR_ARTICLES + 0.5
        return math.log(1 + total / having) / math.log(1 + total / 1.5)


@dataclass(frozen=True, slots=True)
class StoryDecision:
    """Join `story_id`; `nearest` is its most similar article, `score` the likeness to the story,
    `shared` the terms that spoke for it, the strongest first."""

    story_id: int
    nearest: int
    score: float
    shared: tuple[int, ...]


def term_key(term: str) -> int:
    """A term as a signed 32-bit integer, the same in every process."""
    value = crc32(term.encode())
    return value - (1 << 32) if value >= 1 << 31 else value


def norm_of(weights: Mapping[int, float], common: Commonness) -> float:
    """The length of a term vector, shortened for long texts (pivoted normalisation; Singhal 1996)."""
    norm = math.sqrt(sum((weight * common.idf(term)) ** 2 for term, weight in weights.items()))
    return norm if norm < _USUAL_NORM else _USUAL_NORM + _NORM_SLOPE * (norm - _USUAL_NORM)


def decide(
    new: Profile, near: Iterable[Profile], sizes: Mapping[int, int], common: Commonness
) -> StoryDecision | None:
    """Say which story `new` belongs to, None when it begins one.

    `near` are the articles of the window that share terms with it, `sizes` the number of articles of
    each of their stories, with those that share nothing.
    """
    value = {term: weight * common.idf(term) ** 2 for term, weight in new.weights.items()}
    likenesses: dict[int, list[tuple[float, Profile]]] = defaultdict(list)
    for known in near:
        likenesses[known.story_id].append((likeness(new, known, value), known))
    best: StoryDecision | None = None
    for story_id, members in likenesses.items():
        top, nearest = max(members, key=lambda member: (member[0], -member[1].article_id))
        size = max(sizes.get(story_id, 0), len(members))
        mean = sum(score for score, _ in members) / size
        score = (_NEAREST * top + (1 - _NEAREST) * mean) * (1 + _CROWD * math.log(size))
        if score >= _JOIN and (best is None or score > best.score):
            best = StoryDecision(story_id, nearest.article_id, score, _shared(nearest, value))
    return best


def likeness(new: Profile, known: Profile, value: Mapping[int, float]) -> float:
    """How much two articles tell the same at the same time; about 0–1. `value` is what a share of
    each term of `new` counts."""
    norms = new.norm * known.norm
    if not norms:
        return 0.0
    common = sum(value[term] * weight for term, weight in known.weights.items() if term in value)
    return common / norms * _closeness(new.at, known.at)


def _closeness(one: datetime | None, other: datetime | None) -> float:
    if one is None or other is None:
        return _UNDATED
    hours = abs((one - other).total_seconds()) / 3600
    return _OLD + (1 - _OLD) * math.exp(-hours / _FADE_HOURS)


def _shared(nearest: Profile, value: Mapping[int, float]) -> tuple[int, ...]:
    shared = [(value[term] * weight, term) for term, weight in nearest.weights.items() if term in value]
    return tuple(term for _, term in sorted(shared, reverse=True)[:5])
