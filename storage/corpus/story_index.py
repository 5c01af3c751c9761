"""The articles of the last days by their terms: who may tell the same story?

The index holds the window only, so its size follows the news of a week, never the archive.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select, text

from storage.corpus.frequencies import usual_shares
from storage.corpus.stories import Commonness, Profile
from storage.tables.core import ARTICLE, STORY_PROFILE, STORY_TERM, STORY_TERM_COUNT

WINDOW = timedelta(days=7)
_ALL = 0  # the "term" that counts the articles of the window
_POSTINGS = 1_000  # rows read at most to find candidates, the rarest terms first
_NEAR = 64
_PRUNED_AT_ONCE = 200
_PAIR = np.dtype([("term", "<i4"), ("weight", "<f4")])

_COUNT = text(
    "INSERT INTO story_term_count (term, articles) VALUES (:term, :change)"
    " ON CONFLICT (term) DO UPDATE SET articles = story_term_count.articles + :change"
)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Articles of the window that share rare terms, and how large their stories are."""

    profiles: tuple[Profile, ...]
    sizes: Mapping[int, int]


def commonness(connection: Connection, weights: Mapping[int, float]) -> Commonness:
    """How common each term is in the window, with the article that asks counted in."""
    query = select(STORY_TERM_COUNT).where(STORY_TERM_COUNT.c.term.in_([*weights, _ALL]))
    counts: dict[int, int] = {row.term: row.articles for row in connection.execute(query)}
    by_term = {term: counts.get(term, 0) + 1 for term in weights}
    return Commonness(counts.get(_ALL, 0) + 1, by_term, usual_shares())


def neighbourhood(connection: Connection, new: Profile, common: Commonness) -> Neighbourhood:
    """Look up at most 64 articles within seven days of `new` that share its rarest terms."""
    rare = _rarest(common)
    query = select(STORY_TERM.c.article_id, STORY_TERM.c.term).where(STORY_TERM.c.term.in_(rare))
    shared: Counter[int] = Counter()
    for article_id, term in connection.execute(query):
        shared[article_id] += new.weights[term] * common.idf(term) ** 2  # type: ignore[assignment]
    shared.pop(new.article_id, None)
    likeliest = sorted(shared, key=lambda id_: (-shared[id_], -id_))[:_NEAR]
    profiles = tuple(_profiles(connection, likeliest, new))
    stories = {profile.story_id for profile in profiles}
    return Neighbourhood(profiles, _sizes(connection, stories))


def remember(connection: Connection, profile: Profile) -> None:
    """Let the articles of the next days find this one."""
    pairs = np.array(list(profile.weights.items()), dtype=_PAIR)
    connection.execute(
        insert(STORY_PROFILE).values(
            article_id=profile.article_id, at=profile.at, terms=pairs.tobytes(), norm=profile.norm
        )
    )
    if profile.weights:
        rows = [{"term": term, "article_id": profile.article_id} for term in profile.weights]
        connection.execute(insert(STORY_TERM), rows)
    _count(connection, Counter([*profile.weights, _ALL]))


def prune(connection: Connection, *, before: datetime) -> None:
    """Drop what left the window, at most two hundred articles at a time."""
    old = (
        select(STORY_PROFILE.c.article_id, STORY_PROFILE.c.terms)
        .where(STORY_PROFILE.c.at < before)
        .limit(_PRUNED_AT_ONCE)
    )
    gone = {row.article_id: _weights(row.terms) for row in connection.execute(old)}
    if not gone:
        return
    by_term: defaultdict[int, list[int]] = defaultdict(list)
    for article_id, weights in gone.items():
        for term in [*weights, _ALL]:
            by_term[term].append(article_id)
    connection.execute(
        text("DELETE FROM story_term WHERE term = :term AND article_id = :article_id"),
        [{"term": term, "article_id": id_} for term, ids in by_term.items() for id_ in ids],
    )
    connection.execute(delete(STORY_PROFILE).where(STORY_PROFILE.c.article_id.in_(gone)))
    _count(connection, {term: -len(ids) for term, ids in by_term.items()})


def _rarest(common: Commonness) -> list[int]:
    chosen: list[int] = []
    postings = 0
    for term in sorted(common.by_term, key=lambda term: (common.by_term[term], term)):
        postings += common.by_term[term]
        if chosen and postings > _POSTINGS:
            break
        chosen.append(term)
    return chosen


def _profiles(connection: Connection, article_ids: list[int], new: Profile) -> list[Profile]:
    query = (
        select(STORY_PROFILE, ARTICLE.c.story_id)
        .join(ARTICLE, ARTICLE.c.id == STORY_PROFILE.c.article_id)
        .where(STORY_PROFILE.c.article_id.in_(article_ids), ARTICLE.c.story_id.is_not(None))
        .order_by(STORY_PROFILE.c.article_id)
    )
    return [
        Profile(row.article_id, row.story_id, row.at, _weights(row.terms), row.norm)
        for row in connection.execute(query)
        if new.at is None or abs(new.at - row.at) <= WINDOW
    ]


def _sizes(connection: Connection, story_ids: set[int]) -> dict[int, int]:
    query = (
        select(ARTICLE.c.story_id, func.count())
        .where(ARTICLE.c.story_id.in_(story_ids))
        .group_by(ARTICLE.c.story_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _weights(packed: bytes) -> dict[int, float]:
    pairs = np.frombuffer(packed, dtype=_PAIR)
    return dict(zip(pairs["term"].tolist(), pairs["weight"].tolist(), strict=True))


def _count(connection: Connection, changes: Mapping[int, int]) -> None:
    connection.execute(_COUNT, [{"term": term, "change": change} for term, change in changes.items()])
