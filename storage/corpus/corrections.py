"""A user's word about stories, kept for good: two articles belong together, or they do not.

Nothing is deleted. What a machine decided ends, what the user said is added beside it, and the pair of
articles is remembered, so that no later crawl joins what was split.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from storage.corpus.records import CorrectionKind, Level
from storage.tables.core import ARTICLE, CORRECTION, FEED, LINK, STORY
from storage.upsert import insert as insert_or_update

_USER = "user"


@dataclass(frozen=True, slots=True)
class ToldArticle:
    """An article of a story, with the decision that put it there; `level` is empty for the one that the
    story began with, and "copy" when its text is that of article `original_id`."""

    id: int
    title: str
    url: str
    feed: str
    at: datetime
    level: str
    score: float
    reason: str
    by: str
    original_id: int | None


def story_of(connection: Connection, article_id: int) -> int | None:
    """The story that the article belongs to; None when it did not match."""
    return connection.execute(
        select(ARTICLE.c.story_id).where(ARTICLE.c.id == article_id)
    ).scalar_one_or_none()


def told_in(connection: Connection, story_id: int) -> list[ToldArticle]:
    """The articles of a story, the earliest first; of several decisions the copy is told."""
    at = ARTICLE.c.published_at
    rows = connection.execute(
        select(ARTICLE.c.id, ARTICLE.c.title, ARTICLE.c.url, FEED.c.name, at, ARTICLE.c.first_seen_at)
        .join(FEED, FEED.c.id == ARTICLE.c.feed_id)
        .where(ARTICLE.c.story_id == story_id)
    ).all()
    links = _live_links(connection, [row.id for row in rows])
    found = []
    for row in rows:
        level, score, reason, by, original = links.get(row.id, ("", 0.0, "the story began with it", "", None))
        seen = row.published_at or row.first_seen_at
        found.append(
            ToldArticle(row.id, row.title, row.url, row.name, seen, level, score, reason, by, original)
        )
    return sorted(found, key=lambda article: (article.at, article.id))


def split(connection: Connection, article_id: int, *, now: datetime) -> int | None:
    """Take an article out of its story, for good; its new story, or None when it was alone in it."""
    old = story_of(connection, article_id)
    others = [id_ for id_ in _articles_of(connection, old) if id_ != article_id]
    if not others:
        return None
    new = int(connection.execute(insert(STORY).values(first_seen_at=now).returning(STORY.c.id)).scalar_one())
    _remember(connection, [(article_id, other) for other in others], CorrectionKind.SPLIT, now)
    _end_links(connection, [article_id], now, original_ids=others)
    _move(connection, [article_id], new, reason=f"split from story {old}", now=now)
    return new


def merge(connection: Connection, article_id: int, other_id: int, *, now: datetime) -> int | None:
    """Put the story of `other_id` into that of `article_id`; that story, or None when they are one."""
    story, other = story_of(connection, article_id), story_of(connection, other_id)
    if story is None or other is None or story == other:
        return None
    here, moved = _articles_of(connection, story), _articles_of(connection, other)
    _remember(connection, [(a, b) for a in here for b in moved], CorrectionKind.MERGE, now)
    _move(connection, moved, story, reason=f"merged from story {other}", now=now)
    return story


def _articles_of(connection: Connection, story_id: int | None) -> list[int]:
    query = select(ARTICLE.c.id).where(ARTICLE.c.story_id == story_id).order_by(ARTICLE.c.id)
    return list(connection.execute(query).scalars())


def _live_links(
    connection: Connection, article_ids: list[int]
) -> dict[int, tuple[str, float, str, str, int | None]]:
    query = (
        select(LINK)
        .where(LINK.c.article_id.in_(article_ids), LINK.c.ended_at.is_(None))
        .order_by(LINK.c.level.desc(), LINK.c.id)  # "copy" last: it stays in the result
    )
    return {
        row.article_id: (row.level, row.score, row.reason, row.by, row.original_id)
        for row in connection.execute(query)
    }


def _remember(
    connection: Connection, pairs: Iterable[tuple[int, int]], kind: CorrectionKind, now: datetime
) -> None:
    """The last word on a pair counts."""
    for one, other in pairs:
        row = {"article_id": min(one, other), "other_id": max(one, other), "kind": kind, "made_at": now}
        connection.execute(
            insert_or_update(connection, CORRECTION)
            .values(**row)
            .on_conflict_do_update(
                index_elements=["article_id", "other_id"], set_={"kind": kind, "made_at": now}
            )
        )


def _end_links(
    connection: Connection, article_ids: list[int], now: datetime, *, original_ids: list[int]
) -> None:
    """End what ties the articles to the others as copies, in both directions."""
    forth = LINK.c.article_id.in_(article_ids) & LINK.c.original_id.in_(original_ids)
    back = LINK.c.article_id.in_(original_ids) & LINK.c.original_id.in_(article_ids)
    copies = (LINK.c.level == Level.COPY) & LINK.c.ended_at.is_(None)
    connection.execute(update(LINK).where(copies, or_(forth, back)).values(ended_at=now))


def _move(
    connection: Connection, article_ids: list[int], story_id: int, *, reason: str, now: datetime
) -> None:
    """Put articles into a story, and say that the user did."""
    live = (LINK.c.level == Level.STORY) & LINK.c.ended_at.is_(None)
    connection.execute(update(LINK).where(LINK.c.article_id.in_(article_ids), live).values(ended_at=now))
    connection.execute(update(ARTICLE).where(ARTICLE.c.id.in_(article_ids)).values(story_id=story_id))
    said = {
        "level": Level.STORY,
        "story_id": story_id,
        "score": 1.0,
        "reason": reason,
        "by": _USER,
        "made_at": now,
    }
    connection.execute(insert(LINK), [{"article_id": id_} | said for id_ in article_ids])
