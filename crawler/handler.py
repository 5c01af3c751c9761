"""Scrapy's downloads by Hotline's fetcher."""

from __future__ import annotations

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Request, Response

from crawler.errors import Postponed
from crawler.fetcher import PAGE_ACCEPT, Wanted
from crawler.spiders.batch import BatchSpider

WANTED = "wanted"
FETCHED = "fetched"


class PoliteHandler(BaseDownloadHandler):
    """Fetches `request.meta["wanted"]`, or the request's URL as a page that robots.txt may forbid, and
    leaves the whole answer in `request.meta["fetched"]`. Raises FetchError and Postponed."""

    lazy = True

    async def download_request(self, request: Request) -> Response:
        """Fetch one resource with all its redirects."""
        spider = self.crawler.spider
        assert isinstance(spider, BatchSpider)
        if spider.failure is not None:
            raise Postponed("Nothing can be stored at present.")
        wanted: Wanted = request.meta.get(WANTED) or Wanted(request.url, accept=PAGE_ACCEPT, obey_robots=True)
        fetched = await spider.session.fetch(wanted)
        request.meta[FETCHED] = fetched
        return Response(url=fetched.url, status=fetched.status, body=fetched.body, request=request)
