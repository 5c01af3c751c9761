"""Level 4, stories: which event is this article about?

One pass, decisions are not revised: an article joins the story that its terms and its time speak for
most, or founds one. Single-pass clustering after Allan, Papka and Lavrenko (1998), "On-line new event
detection and tracking", with time as part of the likeness. The method and every constant were chosen
by measurement: docs/decisions/stories.md.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from storage.corpus.terms import Term

_JOIN = 0.275  # least likeness to a story
_NEAREST = 0.35  # weight of the nearest article against the mean of all
_CROWD = 0.1  # what many already tell is likelier what the next one tells
_FADE_HOURS = 20.0
_FADE_POWER = 1.5  # slowly within half a day, then fast
_OLD = 0.27  # what a likeness counts when the articles are far apart in time
_UNDATED = 0.285
_USUAL_NORM = 3.3  # a headline alone; longer texts share more words by chance, but also by cause
_NORM_SLOPE = 0.1
_HEADLINES = 1.8  # what agreement of headlines counts where texts are long, against a usual one
_USUAL_AGREEMENT = 0.44
_SUBJECT = 1.0  # what long texts on both sides must have more in common than others have
_SHARED_TOLD = 5
_PRIOR_ARTICLES = 300  # usual news that the window is mixed with

NO_VALUES: NDArray[np.float32] = np.empty(0, dtype=np.float32)


@dataclass(slots=True, eq=False)  # not frozen, which would triple the cost of two dozen for each article
class Profile:
    """An article as the decision sees it: `terms` by `term_key`, ascending, with their `weights` and
    whether the `headline` has them; the length of that vector when the article came; the weight of its
    headline, and how much of it stands beyond the headline (0–1). `at` is None when nobody knows the
    date. A new article has 0 for its `story_id`, and in `values` what a share of each term counts."""

    article_id: int
    story_id: int
    at: datetime | None
    terms: NDArray[np.int32]
    weights: NDArray[np.float32]
    headline: NDArray[np.bool_]
    norm: float
    headline_weight: float
    beyond: float
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Commonness:
    """How many of the `articles` in the window have each term; `usual` is the share of all news that
    has it (0–1), which speaks while the window holds little."""

    articles: int
    by_term: Mapping[int, int]
    usual: Mapping[int, float] = field(default_factory=dict)

    def idfs(self, terms: NDArray[np.int32]) -> NDArray[np.float32]:
        """For each term 1 when nobody else has it, near 0 when all have."""
        having = [
            self.by_term.get(term, 0) + self.usual.get(term, 0.0) * _PRIOR_ARTICLES + 0.5
            for term in terms.tolist()
        ]
        total = self.articles + _PRIOR_ARTICLES
        return (np.log1p(total / np.array(having)) / math.log1p(total / 1.5)).astype(np.float32)


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


# The two sides of the subject, as the glossary names them.
_AMERICA = np.array([term_key(f"={name}") for name in ("america", "trump", "white-house")], dtype=np.int32)
_RUSSIA = np.array(
    [term_key(f"={name}") for name in ("russia", "putin", "kremlin", "moscow")], dtype=np.int32
)


def profile_of(
    article_id: int, at: datetime | None, terms: Mapping[int, Term], common: Commonness
) -> Profile:
    """The profile of a new article."""
    keys = np.array(sorted(terms), dtype=np.int32)
    weights = np.array([terms[key].weight for key in keys.tolist()], dtype=np.float32)
    headline = np.array([terms[key].headline for key in keys.tolist()], dtype=np.bool_)
    idfs = common.idfs(keys)
    norm = float(np.linalg.norm(weights * idfs))
    told, all_ = weights[headline], float(weights @ weights)
    beyond = 1 - float(told @ told) / all_ if all_ else 0.0
    lengths = (_pivoted(norm), float(told.sum()), beyond)
    return Profile(article_id, 0, at, keys, weights, headline, *lengths, weights * idfs**2)


def _pivoted(norm: float) -> float:
    """The length of a term vector, shortened for long texts (Singhal, Buckley, Mitra 1996)."""
    return norm if norm < _USUAL_NORM else _USUAL_NORM + _NORM_SLOPE * (norm - _USUAL_NORM)


def decide(new: Profile, near: Iterable[Profile], sizes: Mapping[int, int]) -> StoryDecision | None:
    """Say which story `new` belongs to, None when it begins one.

    `near` are the articles of the window that share terms with it, `sizes` the number of articles of
    each of their stories, with those that share nothing.
    """
    known = list(near)
    likenesses: dict[int, list[tuple[float, Profile]]] = defaultdict(list)
    for profile, likeness in zip(known, _likenesses(new, known), strict=True):
        likenesses[profile.story_id].append((likeness, profile))
    best, told = _JOIN, None
    for story_id, members in sorted(likenesses.items()):
        top, nearest = max(members, key=lambda member: (member[0], -member[1].article_id))
        size = max(sizes.get(story_id, 0), len(members))
        mean = sum(score for score, _ in members) / size
        score = (_NEAREST * top + (1 - _NEAREST) * mean) * (1 + _CROWD * math.log(size))
        if score > best or (told is None and score == best):
            best, told = score, nearest
    if told is None:
        return None
    return StoryDecision(told.story_id, told.article_id, best, _shared(new, told))


def _likenesses(new: Profile, known: Sequence[Profile]) -> list[float]:
    """How much each known article tells the same at the same time; about 0–1."""
    if not known or not new.terms.size:
        return [0.0] * len(known)
    terms = np.concatenate([profile.terms for profile in known])
    whose = np.repeat(np.arange(len(known)), [profile.terms.size for profile in known])
    place = np.minimum(np.searchsorted(new.terms, terms), new.terms.size - 1)
    shared = np.flatnonzero(new.terms[place] == terms)
    place, whose = place[shared], whose[shared]
    weights = np.concatenate([profile.weights for profile in known])[shared].astype(np.float64)
    sides = [
        np.bincount(whose[(new.terms[place, None] == side).any(axis=1)], minlength=len(known))
        for side in (_AMERICA, _RUSSIA)
    ]
    on_subject = np.logical_and(*sides).tolist()
    told = weights * np.concatenate([profile.headline for profile in known])[shared]
    added = np.bincount(whose, new.values[place] * weights, len(known)).tolist()
    of_new = np.bincount(whose, (new.weights * new.headline)[place], len(known)).tolist()
    of_known = np.bincount(whose, told, len(known)).tolist()
    return [
        total
        / (new.norm * profile.norm or 1.0)
        * _by_headlines(new, profile, ours, theirs)
        / (_subject_share(new, profile) if both_sides else 1)
        * _closeness(new.at, profile.at)
        for profile, total, ours, theirs, both_sides in zip(
            known, added, of_new, of_known, on_subject, strict=True
        )
    ]


def _by_headlines(new: Profile, known: Profile, of_new: float, of_known: float) -> float:
    """What a likeness counts when so much of the new headline stands in the known article, and so much
    of its headline in the new one; 1 where either is a headline alone.

    Long texts on one subject are alike whatever the event. Their headlines tell.
    """
    if not new.headline_weight or not known.headline_weight:
        return 1.0
    agreed = math.sqrt(of_new * of_known / (new.headline_weight * known.headline_weight))
    beyond = min(new.beyond, known.beyond)
    return 1 + _HEADLINES * math.sqrt(beyond) * (agreed - _USUAL_AGREEMENT)


def _subject_share(new: Profile, known: Profile) -> float:
    """How much likelier texts that both speak of America and of Russia share words whatever the event: the
    more text, the likelier. A story told under another one's headline is lost; one too many costs a line."""
    return 1 + _SUBJECT * min(new.beyond, known.beyond)


def _closeness(one: datetime | None, other: datetime | None) -> float:
    if one is None or other is None:
        return _UNDATED
    hours = abs((one - other).total_seconds()) / 3600
    return _OLD + (1 - _OLD) * math.exp(-((hours / _FADE_HOURS) ** _FADE_POWER))


def _shared(new: Profile, nearest: Profile) -> tuple[int, ...]:
    terms, at_new, at_nearest = np.intersect1d(new.terms, nearest.terms, return_indices=True)
    order = np.argsort(-new.values[at_new] * nearest.weights[at_nearest], kind="stable")[:_SHARED_TOLD]
    return tuple(terms[order].tolist())
