"""What the corpus reads of the tables before it decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from storage.corpus.records import CorrectionKind, Filed, Level
from storage.corpus.statements import Statement, read_time
from storage.records import Decision
from storage.tables.core import ARTICLE, ARTICLE_TEXT, FEED

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
_TEXTS = Statement(
    "SELECT a.id, a.title, a.summary, t.text FROM article AS a"
    " LEFT JOIN article_text AS t ON t.article_id = a.id WHERE a.id IN ({values})"
)
_PRINTED = Statement(
    "SELECT a.id, a.url, a.author, a.summary, t.text FROM article AS a"
    " LEFT JOIN article_text AS t ON t.article_id = a.id WHERE a.id IN ({values})"
)
_ORIGINALS = Statement(
    "SELECT article_id, original_id FROM link"
    " WHERE article_id IN ({values}) AND level = :level AND ended_at IS NULL"
)
_SPLITS = Statement(
    "SELECT article_id, other_id FROM correction WHERE kind = :kind AND article_id IN ({values})"
    " UNION SELECT other_id, article_id FROM correction WHERE kind = :kind AND other_id IN ({values})"
)
_STORY = Statement("SELECT story_id, coalesce(published_at, first_seen_at) FROM article WHERE id = :id")


class Printed(NamedTuple):
    """What tells whose report an article is."""

    url: str
    author: str
    summary: str
    text: str


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


def texts_of(connection: Connection, article_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Title, summary and text of the articles, in the order asked; a text forgotten is empty."""
    if not article_ids:
        return {}
    found = {row[0]: (row[1], row[2], row[3] or "") for row in _TEXTS.rows(connection, article_ids)}
    return {id_: found[id_] for id_ in article_ids if id_ in found}


def story_and_time_of(connection: Connection, article_id: int) -> tuple[int | None, datetime]:
    """The story of a stored article, and when it was published or first seen."""
    story_id, at = _STORY.rows(connection, id=article_id)[0]
    return story_id, read_time(at)


def originals_of(connection: Connection, article_ids: Sequence[int]) -> dict[int, int]:
    """For each of the articles that is a copy, the article that it is a copy of."""
    return dict(_ORIGINALS.rows(connection, article_ids, level=Level.COPY.value))


def printed(connection: Connection, article_ids: Iterable[int]) -> dict[int, Printed]:
    """Where and how the articles were printed."""
    rows = _PRINTED.rows(connection, article_ids)
    return {id_: Printed(url, author or "", summary, text or "") for id_, url, author, summary, text in rows}


def splits_of(connection: Connection, article_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """For each of the articles those that a user told apart from it."""
    apart: dict[int, set[int]] = {id_: set() for id_ in article_ids}
    for article_id, other_id in _SPLITS.rows(connection, article_ids, kind=CorrectionKind.SPLIT.value):
        apart[article_id].add(other_id)
    return {id_: frozenset(others) for id_, others in apart.items()}
