"""The crawls of `hotline run` and `hotline work`: rung for by the clock, done by whoever hears the bell.

One path for one machine and many: the clock asks the database in which shards something is due and rings
for them; a worker takes a bell, claims what is due behind it, and crawls. Bells below `shards` are for
feeds, those above for pages, so that neither waits for the other.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from crawler.crawl import crawl_batch, read_pages
from crawler.session import CrawlSession
from hotline.bootstrap import Application, open_crawler
from scheduler.port import JobEngine
from storage.engine import reading
from storage.shards import Shard, due_feed_shards, due_page_shards
from topics.matcher import Matcher

log = logging.getLogger(__name__)

_FEEDS_AT_ONCE = 200  # of one job; a crawl ends with its slowest feed
_PAGES_AT_ONCE = 100


class Disk:
    """The disk that holds the database, if it is a file of this machine."""

    def __init__(self, url: URL, *, minimum: int) -> None:
        is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
        self._folder = Path(str(url.database)).absolute().parent if is_file else None
        self._minimum = minimum

    @property
    def is_low(self) -> bool:
        """True when less is free than the configuration demands for fetching."""
        return self._folder is not None and shutil.disk_usage(self._folder).free < self._minimum


class Crawling:
    """The crawls of one configuration. Their session is opened by the first and closed with the plan."""

    def __init__(self, application: Application, matcher: Matcher, disk: Disk, *, shards: int) -> None:
        self._application = application
        self._matcher = matcher
        self._disk = disk
        self._shards = shards
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._session: CrawlSession | None = None
        self._stopped = False

    async def work(self, number: int) -> None:
        """Answer one bell: poll the feeds, or read the pages, that are due in its shard."""
        if self._stopped or self._disk.is_low:
            return
        session = await self.open()
        if number < self._shards:
            report = await crawl_batch(session, limit=_FEEDS_AT_ONCE, shard=Shard(number, self._shards))
            if report.polled:
                counts = len(report.polled), report.new, len(report.failed)
                log.info("polled %d feeds: %d new articles, %d failed", *counts)
            return
        shard = Shard(number - self._shards, self._shards)
        pages = await read_pages(session, limit=_PAGES_AT_ONCE, shard=shard)
        if pages.read:
            log.info("read %d pages", len(pages.read))

    def stop(self) -> None:
        """Break off fetches; what was fetched is still stored, the rest given back."""
        self._stopped = True
        if self._session is not None:
            self._session.stop()

    async def close(self) -> None:
        """End writer, workers and connections."""
        await self._stack.aclose()

    async def open(self) -> CrawlSession:
        """The session that all crawls of this configuration share."""
        async with self._opening:
            if self._session is None:
                crawler = open_crawler(self._application, matcher=self._matcher)
                self._session = await self._stack.enter_async_context(crawler)
            return self._session


class Bells:
    """Rings for every shard in which something is due."""

    def __init__(self, engine: JobEngine, database: Engine, disk: Disk, *, shards: int) -> None:
        self._engine = engine
        self._database = database
        self._disk = disk
        self._shards = shards

    async def ring(self, now: datetime) -> bool:
        """One tick of the clock."""
        if not self._disk.is_low:
            for number in await asyncio.to_thread(self._due, now):
                await self._engine.enqueue(number)
        return False

    def _due(self, now: datetime) -> list[int]:
        with reading(self._database) as connection:
            feeds = due_feed_shards(connection, of=self._shards, now=now)
            pages = due_page_shards(connection, of=self._shards, now=now)
        return [*feeds, *(self._shards + number for number in pages)]


class Work:
    """A worker as a step of the service: it runs until it is ended."""

    def __init__(self, engine: JobEngine, handler: Callable[[int], Awaitable[None]], *, at_once: int) -> None:
        self._engine = engine
        self._handler = handler
        self._at_once = at_once
        self._ended = asyncio.Event()

    async def step(self, now: datetime) -> bool:
        """Hear bells until `end` is called, and finish what is in hand."""
        if self._ended.is_set():
            return False
        worker = asyncio.ensure_future(self._engine.run_worker(self._handler, at_once=self._at_once))
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({worker, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            worker.cancel()
            await asyncio.wait({worker})
        if not worker.cancelled() and (error := worker.exception()) is not None:
            raise error  # the clock starts it anew
        return False

    def end(self) -> None:
        """Take no more bells."""
        self._ended.set()
