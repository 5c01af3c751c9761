"""A crawl over a real database, with readers in this process and a topic of one word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from crawler.clock import Clock
from crawler.config import CrawlConfig, FeedConfig
from crawler.crawl import CrawlReport, crawl_batch
from crawler.ports import Readers
from crawler.reading.read import read_feed
from crawler.session import CrawlSession, open_session
from storage.corpus.domain import registrable_domain
from storage.crawl_database import CrawlDatabase
from storage.feeds import sync_feeds
from storage.records import ConfiguredFeed, FeedDocument, FeedMemory, PageText, TextSource
from storage.tables.core import ARTICLE, FEED, POLL
from storage.writer import Writer
from topics.document import Document, Match, Verdict


class InlineReaders:
    """Reads in this process: the documents of these tests are harmless."""

    async def read_feed(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str = "",
        memory: FeedMemory = FeedMemory(),  # noqa: B008
        now: datetime,
        full: bool = False,
    ) -> FeedDocument:
        """As crawler.ports.Readers."""
        return read_feed(body, url=url, content_type=content_type, memory=memory, now=now, full=full)

    async def extract_page(self, body: bytes, *, url: str, content_type: str = "") -> PageText:
        """The body is the text."""
        return PageText(TextSource.PAGE, text=body.decode())


class TestTopic:
    """Russia in title or text decides; "maybe" in the title leaves it to the page."""

    __test__ = False

    def match(self, document: Document) -> Match:
        """As crawler.ports.Judge."""
        found = "Russia" in document.title or "Russia" in document.text
        return Match(Verdict.YES, 80) if found else Match(Verdict.NO, 0)

    def triage(self, document: Document) -> Match:
        """As crawler.ports.Judge."""
        match = self.match(document)
        if not match.matched and "maybe" in document.title:
            return Match(Verdict.UNDECIDED, 0)
        return match


class TestClock:
    """Wall time that passes only by sleeping, or by `pass_time`."""

    __test__ = False

    def __init__(self, start: datetime = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._passed = 0.0

    def now(self) -> datetime:
        """As crawler.clock.Clock."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """As crawler.clock.Clock."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        until = self._passed + seconds
        await asyncio.sleep(0)
        self._passed = max(self._passed, until)

    def pass_time(self, **span: float) -> None:
        """Let time pass between two crawls: `hours=1`."""
        self._passed += timedelta(**span).total_seconds()

    def set(self, moment: datetime) -> None:
        """Let time pass until `moment`."""
        self._passed = max(self._passed, (moment - self._start).total_seconds())


@dataclass
class Desk:
    """An open session and what the database says."""

    session: CrawlSession
    engine: Engine
    clock: TestClock

    async def crawl(self, **options: Any) -> CrawlReport:
        """One crawl."""
        return await crawl_batch(self.session, **options)

    def feed(self, name: str = "Paper") -> Any:
        """The row of a feed."""
        with self.engine.connect() as connection:
            return connection.execute(select(FEED).where(FEED.c.name == name)).one()

    def next_check(self) -> datetime:
        """When the next feed is due, now at the earliest; far away when all are paused."""
        with self.engine.connect() as connection:
            wanted = select(FEED.c.next_check_at).where(FEED.c.paused_at.is_(None))
            due = connection.execute(wanted.order_by(FEED.c.next_check_at)).scalars().first()
        return max(due or datetime.max.replace(tzinfo=UTC), self.clock.now())

    def titles(self) -> list[str]:
        """All stored articles, in the order of their ids."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(ARTICLE.c.title).order_by(ARTICLE.c.id)).scalars())

    def polls(self) -> Sequence[Any]:
        """The history of all feeds, oldest first."""
        with self.engine.connect() as connection:
            return connection.execute(select(POLL).order_by(POLL.c.id)).all()


@asynccontextmanager
async def open_desk(
    engine: Engine,
    *feeds: FeedConfig,
    clock: TestClock | None = None,
    readers: Readers | None = None,
    **crawl: Any,
) -> AsyncIterator[Desk]:
    """A desk that watches `feeds`, all on allowed private hosts; `crawl` overrides its CrawlConfig."""
    clock = clock or TestClock()
    config = CrawlConfig.model_validate({"spacing": "1 s", "timeout": "2 s"} | crawl)
    wanted = [
        ConfiguredFeed(
            name=feed.title,
            url=feed.url,
            host=registrable_domain(feed.url),
            options=feed.options,
        )
        for feed in feeds
    ]
    with engine.begin() as connection:
        sync_feeds(connection, wanted, now=clock.now())
    writer = Writer(engine)
    writer.start()
    try:
        async with open_session(
            config=config,
            store=CrawlDatabase(writer),
            readers=readers or InlineReaders(),
            judge=TestTopic(),
            feeds=feeds,
            clock=clock,
        ) as session:
            yield Desk(session, engine, clock)
    finally:
        writer.close()


def clock_is_a_clock(clock: TestClock) -> Clock:
    """Checked by the type checker."""
    return clock
