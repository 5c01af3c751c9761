"""Results on their way to the database."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from crawler.spiders.batch import BatchSpider
from language.errors import HotlineError


class StoreResults:
    """Stores what a spider yields; awaited, so that a slow database slows the crawl and not the memory.

    A database that cannot be reached ends the crawl: its claims come back by themselves.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """Store one PollResult or PageResult."""
        spider = self._crawler.spider
        assert isinstance(spider, BatchSpider)
        try:
            await spider.store(item)
        except HotlineError as error:
            spider.break_off(error)
        return item
