"""What a digest tells about the days and the feeds behind it: how much came, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from storage.records import Decision
from storage.tables.core import ARTICLE, FEED, NOTICE

_FAILURES = 3  # in a row; one bad answer is weather


@dataclass(frozen=True, slots=True)
class MatchedArticle:
    """As much of a matched article as counting needs."""

    first_seen_at: datetime
    score: int
    language: str
    subtopics: Sequence[str]
    country: str
    kind: str


@dataclass(frozen=True, slots=True)
class FailingFeedRow:
    """An active feed that gives nothing; `problem` is its last error or why it is paused."""

    name: str
    problem: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class FeedsReport:
    """Active feeds: how many there are, how many gave a good answer since the given time, which fail."""

    total: int
    answered: int
    failing: tuple[FailingFeedRow, ...]


def matched_since(connection: Connection, *, topic: str, since: datetime) -> list[MatchedArticle]:
    """News that matched, by first sight at `since` or later, oldest first; no backlog."""
    names = ("first_seen_at", "score", "language", "subtopics")
    query = (
        select(*(ARTICLE.c[name] for name in names), FEED.c.country, FEED.c.kind)
        .join(FEED, FEED.c.id == ARTICLE.c.feed_id)
        .where(
            ARTICLE.c.decision == Decision.MATCHED,
            ARTICLE.c.topic == topic,
            ARTICLE.c.first_seen_at >= since,
            ARTICLE.c.baseline.is_(False),
            ARTICLE.c.backfill.is_(False),
        )
        .order_by(ARTICLE.c.first_seen_at, ARTICLE.c.id)
    )
    return [MatchedArticle(**row._mapping) for row in connection.execute(query)]


def records_begin(connection: Connection) -> datetime | None:
    """When the first article was seen; None in an empty database."""
    return connection.execute(select(func.min(ARTICLE.c.first_seen_at))).scalar_one_or_none()


def count_read(connection: Connection, *, since: datetime, until: datetime) -> int:
    """How many articles were first seen after `since` and not after `until`, matched or not."""
    query = select(func.count()).where(ARTICLE.c.first_seen_at > since, ARTICLE.c.first_seen_at <= until)
    return connection.execute(query).scalar_one()


def feeds_report(connection: Connection, *, since: datetime) -> FeedsReport:
    """The state of the active feeds; `since` is the beginning of the issue's window."""
    total, answered = connection.execute(
        select(func.count(), func.count().filter(FEED.c.last_success_at >= since)).where(FEED.c.active)
    ).one()
    bad = or_(
        FEED.c.paused_at.is_not(None),
        FEED.c.failures >= _FAILURES,
        and_(FEED.c.failures > 0, FEED.c.failing_since <= since),
        and_(FEED.c.failures > 0, FEED.c.last_success_at.is_(None)),
    )
    query = select(FEED).where(FEED.c.active, bad).order_by(FEED.c.failing_since, FEED.c.name)
    failing = tuple(
        FailingFeedRow(
            name=row.name,
            problem=row.pause_reason or row.error or row.error_kind or "no answer",
            since=row.failing_since or row.paused_at,
        )
        for row in connection.execute(query)
    )
    return FeedsReport(total, answered, failing)


def feed_notices(connection: Connection, *, since: datetime, until: datetime) -> list[str]:
    """What should be told once about feeds: notices raised after `since`, not after `until`."""
    query = (
        select(NOTICE.c.message)
        .where(NOTICE.c.feed_id.is_not(None), NOTICE.c.raised_at > since, NOTICE.c.raised_at <= until)
        .order_by(NOTICE.c.raised_at, NOTICE.c.id)
    )
    return list(connection.execute(query).scalars())
