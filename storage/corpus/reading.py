"""What the corpus reads of the tables before it decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from storage.corpus.records import CorrectionKind, Filed, Level
from storage.records import Decision
from storage.tables.core import ARTICLE, ARTICLE_TEXT, CORRECTION, FEED, LINK

_ARTICLES = (
    select(
        *(ARTICLE.c[name] for name in ("id", "title", "summary", "published_at", "first_seen_at")),
        ARTICLE.c.decision,
        ARTICLE.c.story_id,
        ARTICLE_TEXT.c.text,
        FEED.c.baseline_at,
    )
    .join_from(ARTICLE, FEED, FEED.c.id == ARTICLE.c.feed_id)
    .outerjoin(ARTICLE_TEXT, ARTICLE_TEXT.c.article_id == ARTICLE.c.id)
    .where(ARTICLE.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(ARTICLE.c.id)
)
_ORIGINAL = select(LINK.c.original_id).where(
    LINK.c.article_id == bindparam("id"), LINK.c.level == Level.COPY, LINK.c.ended_at.is_(None)
)
_SPLIT = select(CORRECTION.c.article_id, CORRECTION.c.other_id).where(
    CORRECTION.c.kind == CorrectionKind.SPLIT,
    or_(CORRECTION.c.article_id == bindparam("id"), CORRECTION.c.other_id == bindparam("id")),
)


def read(connection: Connection, article_ids: Sequence[int]) -> Iterator[Filed]:
    """The articles as the corpus sees them, in the order of their ids."""
    for row in connection.execute(_ARTICLES, {"ids": list(article_ids)}):
        yield Filed(
            id=row.id,
            title=row.title,
            summary=row.summary,
            text=row.text or "",
            at=row.published_at or row.first_seen_at,
            dated=row.published_at is not None or _came_as_news(row),
            matched=row.decision == Decision.MATCHED,
            story_id=row.story_id,
        )


def _came_as_news(row: Any) -> bool:
    """False for what a feed's first poll brought: its backlog may be of any day."""
    return row.baseline_at is not None and row.first_seen_at > row.baseline_at


def original_of(connection: Connection, article_id: int) -> int | None:
    """The article that `article_id` is a copy of, None when its text is its own."""
    found = connection.execute(_ORIGINAL, {"id": article_id}).first()
    return None if found is None else int(found.original_id)


def split_from(connection: Connection, article_id: int) -> frozenset[int]:
    """The articles that a user told apart from this one."""
    rows = connection.execute(_SPLIT, {"id": article_id})
    return frozenset(id_ for row in rows for id_ in row if id_ != article_id)
