"""What both spiders are: a batch of claimed work, fetched and stored item by item."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.misc import load_object

from crawler.session import CrawlSession
from language.errors import HotlineError
from storage.errors import StorageError


class BatchSpider(Spider):
    """Works through what was claimed; `failure` is what ended it early.

    A crawl of ours hands over an open session and a claimed batch. Under `scrapy crawl` there is neither:
    then the setting HOTLINE_SESSION names a function that opens a session, and the spider claims itself.
    """

    def __init__(self, *, session: CrawlSession | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._session = session
        self._opened = AsyncExitStack()
        self.failure: HotlineError | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way to make one."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.finish, signal=signals.spider_closed)
        return spider

    @property
    def session(self) -> CrawlSession:
        """What to crawl with."""
        assert self._session is not None, "start() opens it"
        return self._session

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests and results, one by one as Scrapy asks for them."""
        if self._session is None:
            opener = load_object(self.settings["HOTLINE_SESSION"])
            self._session = await self._opened.enter_async_context(opener())
            await self.claim()
            self._opened.push_async_callback(self.release)
        try:
            await self.work()
        except StorageError as error:
            self.break_off(error)
        for item in self.requests():
            yield item

    async def finish(self) -> None:
        """Give back and close what this spider claimed and opened itself."""
        await self._opened.aclose()

    async def claim(self) -> None:
        """Claim a batch of due work."""
        raise NotImplementedError

    async def work(self) -> None:
        """Do of the claimed batch what needs no request of Scrapy's. Raises StorageError."""

    def requests(self) -> Iterator[Any]:
        """The requests for the claimed batch, and results that are there without one."""
        return iter(())

    async def store(self, item: Any) -> None:
        """Store one result of this spider."""
        raise NotImplementedError

    async def release(self) -> None:
        """End the claims that brought no result."""
        raise NotImplementedError

    def break_off(self, error: HotlineError) -> None:
        """Remember why nothing more can be stored; what is not fetched yet will not be."""
        self.failure = self.failure or error
