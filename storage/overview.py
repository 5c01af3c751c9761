"""What `hotline status` shows of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from storage.records import Decision
from storage.tables.core import ARTICLE, FEED, HOST, ISSUE, PAGE


@dataclass(frozen=True, slots=True)
class FeedOverview:
    """An active feed as its polls left it. `error` and `failures` (in a row) are of the latest polls;
    `paused` says why it is not polled any more, or is empty."""

    name: str
    url: str
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    next_check_at: datetime
    failures: int
    failing_since: datetime | None
    error_kind: str
    error: str
    paused: str
    moved_to: str

    @property
    def state(self) -> str:
        """ok, failing, paused, or new: never polled."""
        if self.paused:
            return "paused"
        if self.failures:
            return "failing"
        return "ok" if self.last_success_at else "new"


@dataclass(frozen=True, slots=True)
class ArchiveOverview:
    """How much the archive holds; `pages_waiting` are wanted and not read yet."""

    articles: int
    matched: int
    undecided: int
    pages_waiting: int


@dataclass(frozen=True, slots=True)
class SlowHost:
    """A host whose robots.txt wants long pauses (in seconds) between two pages, and how many wait."""

    host: str
    pages: int
    crawl_delay: float


def slow_hosts(connection: Connection, *, now: datetime) -> list[SlowHost]:
    """The hosts whose pages come one by one, those with most waiting first."""
    pages = func.count().label("pages")
    query = (
        select(HOST.c.key.label("host"), pages, HOST.c.crawl_delay)
        .join(PAGE, PAGE.c.host == HOST.c.key)
        .where(HOST.c.pages_from > now)
        .group_by(HOST.c.key, HOST.c.crawl_delay)
        .order_by(pages.desc(), HOST.c.key)
    )
    return [SlowHost(**row._mapping) for row in connection.execute(query)]


def feed_overviews(connection: Connection) -> list[FeedOverview]:
    """All active feeds, by name."""
    rows = connection.execute(select(FEED).where(FEED.c.active).order_by(FEED.c.name, FEED.c.id))
    return [_feed(row) for row in rows]


def archive_overview(connection: Connection) -> ArchiveOverview:
    """Count the articles and the pages that wait."""
    decisions = connection.execute(select(ARTICLE.c.decision, func.count()).group_by(ARTICLE.c.decision))
    counts: dict[str, int] = {row[0]: row[1] for row in decisions}
    pages = connection.execute(select(func.count()).select_from(PAGE)).scalar_one()
    matched, undecided = counts.get(Decision.MATCHED, 0), counts.get(Decision.UNDECIDED, 0)
    return ArchiveOverview(sum(counts.values()), matched, undecided, pages)


def last_issues(connection: Connection, digests: Sequence[str]) -> dict[str, datetime]:
    """When each of `digests` was last composed; those never issued are left out."""
    query = (
        select(ISSUE.c.digest, func.max(ISSUE.c.composed_at))
        .where(ISSUE.c.digest.in_(digests))
        .group_by(ISSUE.c.digest)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _feed(row: Row[tuple[object, ...]]) -> FeedOverview:
    known = row._mapping
    names = [name for name in FeedOverview.__slots__ if name != "paused"]
    paused = str(known["pause_reason"] or "paused") if known["paused_at"] else ""
    return FeedOverview(**{name: known[name] for name in names}, paused=paused)
