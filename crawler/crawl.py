"""One crawl: what the scheduler, the command `crawl` and the tests call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from scrapy.crawler import AsyncCrawlerRunner

from crawler import claims
from crawler.config import CrawlConfig
from crawler.session import CrawlSession
from crawler.settings import SharedSettings, scrapy_settings
from crawler.spiders.batch import BatchSpider
from crawler.spiders.feeds import FeedsSpider, PolledFeed
from crawler.spiders.pages import PagesSpider
from storage.records import PageResult
from storage.shards import Shard

Spider = TypeVar("Spider", bound=BatchSpider)


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What one crawl of feeds did. `postponed` feeds were given back unasked: their host wanted to be
    left alone, or the crawl was stopped."""

    polled: tuple[PolledFeed, ...] = ()
    postponed: tuple[str, ...] = ()

    @property
    def claimed(self) -> int:
        """How many feeds were due and free."""
        return len(self.polled) + len(self.postponed)

    @property
    def failed(self) -> tuple[PolledFeed, ...]:
        """The feeds whose poll ended in an error."""
        return tuple(feed for feed in self.polled if feed.poll.error_kind)

    @property
    def new(self) -> int:
        """How many articles did not exist before."""
        return sum(feed.poll.new for feed in self.polled)


@dataclass(frozen=True, slots=True)
class PagesReport:
    """What one crawl of pages did."""

    read: tuple[PageResult, ...] = ()
    postponed: int = 0

    @property
    def claimed(self) -> int:
        """How many pages were due and free."""
        return len(self.read) + self.postponed


async def crawl_batch(
    session: CrawlSession,
    *,
    limit: int = 500,
    per_host: int = 20,
    names: Sequence[str] | None = None,
    due_only: bool = True,
    on_poll: Callable[[PolledFeed], None] | None = None,
    shard: Shard | None = None,
) -> CrawlReport:
    """Claim due feeds (of one `shard`, or those named) and poll each once; all is stored when this returns.

    Crawls may overlap in one process: claims and the gate keep them apart. `on_poll` is called after each
    stored poll. Raises StorageError when the database fails; feeds not stored by then are given back.
    """
    batch = await claims.claim_feeds(
        session, limit=limit, per_host=per_host, names=names, due_only=due_only, shard=shard
    )
    if not batch.waiting:
        return CrawlReport()
    try:
        spider = await _run(session, FeedsSpider, batch=batch, on_poll=on_poll)
        postponed = tuple(feed.name for feed in batch.waiting.values())
    finally:
        await claims.release_feeds(session, batch)
    return CrawlReport(tuple(spider.polled), postponed)


async def read_pages(
    session: CrawlSession, *, limit: int = 200, per_host: int = 20, shard: Shard | None = None
) -> PagesReport:
    """Claim wanted pages and read each once. Raises StorageError as crawl_batch does."""
    batch = await claims.claim_pages(session, limit=limit, per_host=per_host, shard=shard)
    if not batch.waiting:
        return PagesReport()
    try:
        spider = await _run(session, PagesSpider, batch=batch)
        postponed = len(batch.waiting)
    finally:
        await claims.release_pages(session, batch)
    return PagesReport(tuple(spider.results), postponed)


@lru_cache(maxsize=4)
def _runner(config: CrawlConfig) -> AsyncCrawlerRunner:
    """Settings and spiders, loaded once: for a small crawl that costs more than its polls."""
    return AsyncCrawlerRunner(SharedSettings(scrapy_settings(config)))


async def _run(session: CrawlSession, kind: type[Spider], **work: object) -> Spider:
    runner = _runner(session.config)
    crawler = runner.create_crawler(kind)
    await runner.crawl(crawler, session=session, **work)
    spider = crawler.spider
    assert isinstance(spider, kind), "a crawl that could not start has raised"
    if spider.failure is not None:
        raise spider.failure
    return spider
