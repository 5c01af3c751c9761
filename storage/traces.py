"""What became of one article: where it was seen, what it copies or belongs to, who was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from storage.tables.core import FEED, ISSUE, LEDGER, LINK, OUTBOX, SIGHTING


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
    """What became of the article for a reader of a digest: a storage.ledger.LedgerState, the issue that
    decided it, and that issue's mail (an OutboxStatus; empty where none was queued)."""

    address: str
    digest: str
    state: str
    issued_at: datetime
    mail: str
    sent_at: datetime | None


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
    mail = and_(OUTBOX.c.issue_id == LEDGER.c.issue_id, OUTBOX.c.recipient == LEDGER.c.address)
    told = (
        select(
            LEDGER.c.address,
            LEDGER.c.digest,
            LEDGER.c.state,
            ISSUE.c.composed_at,
            func.coalesce(OUTBOX.c.status, ""),
            OUTBOX.c.sent_at,
        )
        .join(ISSUE, ISSUE.c.id == LEDGER.c.issue_id)
        .outerjoin(OUTBOX, mail)
        .where(LEDGER.c.article_id == article_id)
        .order_by(LEDGER.c.digest, LEDGER.c.address)
    )
    return Trace(
        tuple(SeenIn(*row) for row in connection.execute(seen)),
        tuple(LinkedTo(*row) for row in connection.execute(links)),
        tuple(ToldTo(*row) for row in connection.execute(told)),
    )
