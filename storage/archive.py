"""The archive: articles as people look them up, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, String, cast, func, or_, select

from storage.corpus.address import canonical_url
from storage.records import Decision
from storage.search import narrowing
from storage.tables.core import ALIAS, ARTICLE, ARTICLE_TEXT, FEED

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ArchivedArticle:
    """An article with all that matching and explaining need. `hits` are topics.document.Hit as objects."""

    id: int
    identity: str
    url: str
    title: str
    summary: str
    text: str
    author: str
    language: str
    feed: str
    country: str
    kind: str
    published_at: datetime | None
    first_seen_at: datetime
    decided_at: datetime | None
    decision: str
    topic: str
    score: int
    subtopics: Sequence[str]
    hits: Sequence[dict[str, Any]]
    reason: str
    text_source: str
    story_id: int | None
    baseline: bool
    backfill: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles: `groups` narrow by full text (storage.search), the rest by columns.

    `decision` None means all; full text knows matched articles only. `since` is by first sight.
    """

    groups: Sequence[Sequence[str]] = ()
    since: datetime | None = None
    feed: str = ""
    subtopic: str = ""
    decision: Decision | None = Decision.MATCHED


def read_articles(
    connection: Connection, wanted: Filter, *, chunk: int = _CHUNK
) -> Iterator[ArchivedArticle]:
    """Articles that pass `wanted`, newest first, read a chunk at a time: stop when you have enough."""
    before: tuple[datetime, int] | None = None
    while rows := connection.execute(_page(connection, wanted, before).limit(chunk)).all():
        for row in rows:
            yield ArchivedArticle(**row._mapping)
        if len(rows) < chunk:
            return
        before = (rows[-1].first_seen_at, rows[-1].id)


def find_article(connection: Connection, name: str) -> ArchivedArticle | None:
    """The article with this id, address, or other known address; None when there is none."""
    if name.isdecimal():
        condition = ARTICLE.c.id == int(name)
    else:
        identity = canonical_url(name)
        alias = select(ALIAS.c.article_id).where(ALIAS.c.identity == identity)
        condition = or_(ARTICLE.c.identity == identity, ARTICLE.c.url == name, ARTICLE.c.id.in_(alias))
    row = connection.execute(_columns().where(condition).limit(1)).first()
    return ArchivedArticle(**row._mapping) if row else None


def _columns() -> Select[Any]:
    own = [ARTICLE.c[name] for name in ArchivedArticle.__dataclass_fields__ if name in ARTICLE.c]
    return (
        select(
            *own,
            func.coalesce(ARTICLE_TEXT.c.text, "").label("text"),
            FEED.c.name.label("feed"),
            FEED.c.country,
            FEED.c.kind,
        )
        .join(FEED, FEED.c.id == ARTICLE.c.feed_id)
        .outerjoin(ARTICLE_TEXT, ARTICLE_TEXT.c.article_id == ARTICLE.c.id)
    )


def _page(connection: Connection, wanted: Filter, before: tuple[datetime, int] | None) -> Select[Any]:
    query = _columns().order_by(ARTICLE.c.first_seen_at.desc(), ARTICLE.c.id.desc())
    if wanted.decision is not None:
        query = query.where(ARTICLE.c.decision == wanted.decision)
    if wanted.since is not None:
        query = query.where(ARTICLE.c.first_seen_at >= wanted.since)
    if wanted.feed:
        query = query.where(FEED.c.name == wanted.feed)
    if wanted.subtopic:
        query = query.where(
            cast(ARTICLE.c.subtopics, String).contains(f'"{wanted.subtopic}"', autoescape=True)
        )
    if (narrowed := narrowing(connection.dialect.name, wanted.groups)) is not None:
        query = query.where(narrowed)
    if before is not None:
        seen, last = before
        older = ARTICLE.c.first_seen_at < seen
        query = query.where(or_(older, (ARTICLE.c.first_seen_at == seen) & (ARTICLE.c.id < last)))
    return query
