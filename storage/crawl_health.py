"""How the crawl as a whole does: what an operator is alarmed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from storage.tables.core import FEED

_FAILURES = 3  # in a row; one bad answer is weather


@dataclass(frozen=True, slots=True)
class CrawlHealth:
    """Active feeds that are not paused. `overdue` should have been polled before the given time;
    `tried` were polled since; `died` fail now and gave a good answer within the last two days."""

    feeds: int
    last_success_at: datetime | None
    overdue: int
    tried: int
    died: int


def crawl_health(connection: Connection, *, since: datetime, alive_since: datetime) -> CrawlHealth:
    """Read it: `since` bounds overdue and tried, `alive_since` which feeds count as having died."""
    died = and_(FEED.c.failures >= _FAILURES, FEED.c.last_success_at >= alive_since)
    query = select(
        func.count().label("feeds"),
        func.max(FEED.c.last_success_at).label("last_success_at"),
        func.count().filter(FEED.c.next_check_at < since).label("overdue"),
        func.count().filter(FEED.c.last_polled_at >= since).label("tried"),
        func.count().filter(died).label("died"),
    ).where(FEED.c.active, FEED.c.paused_at.is_(None))
    return CrawlHealth(**connection.execute(query).one()._mapping)
