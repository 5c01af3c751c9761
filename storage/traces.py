"""What became of one article: where it was seen, what it copies or belongs to, who was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.tables.core import FEED, LEDGER, LINK, SIGHTING


@dataclass(frozen=True, slots=True)
class SeenIn:
    """One feed that carried the article."""

    feed: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class LinkedTo:
    """A decision that ties the article to another article or a story; `reason` is one sentence."""

    level: str
    story_id: int | None
    original_id: int | None
    score: float
    reason: str
    by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToldTo:
    """What a reader of a digest got of the article: a storage.ledger.LedgerState."""

    address: str
    digest: str
    state: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything recorded of one article after it was judged."""

    seen: tuple[SeenIn, ...]
    links: tuple[LinkedTo, ...]
    told: tuple[ToldTo, ...]


def trace_article(connection: Connection, article_id: int) -> Trace:
    """The trace of an article; empty lists for one that nothing happened to."""
    seen = (
        select(FEED.c.name, SIGHTING.c.seen_at)
        .join(FEED, FEED.c.id == SIGHTING.c.feed_id)
        .where(SIGHTING.c.article_id == article_id)
        .order_by(SIGHTING.c.seen_at)
    )
    links = (
        select(
            LINK.c.level,
            LINK.c.story_id,
            LINK.c.original_id,
            LINK.c.score,
            LINK.c.reason,
            LINK.c.by,
            LINK.c.ended_at,
        )
        .where(LINK.c.article_id == article_id)
        .order_by(LINK.c.id)
    )
    told = (
        select(LEDGER.c.address, LEDGER.c.digest, LEDGER.c.state)
        .where(LEDGER.c.article_id == article_id)
        .order_by(LEDGER.c.digest, LEDGER.c.address)
    )
    return Trace(
        tuple(SeenIn(*row) for row in connection.execute(seen)),
        tuple(LinkedTo(*row) for row in connection.execute(links)),
        tuple(ToldTo(*row) for row in connection.execute(told)),
    )
