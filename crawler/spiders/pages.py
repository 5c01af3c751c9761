"""Reads the pages behind entries: fetch as robots.txt allows, extract, judge again, store."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler import claims, judging
from crawler.errors import FetchError, Postponed
from crawler.fetcher import PAGE_ACCEPT, Fetched, Wanted
from crawler.handler import FETCHED, WANTED
from crawler.reading.errors import ReadError
from crawler.reading.links import is_aggregator
from crawler.redirects import wire_url
from crawler.spiders.batch import BatchSpider
from storage.records import DuePage, ErrorKind, PageResult, PageText, TextSource

logger = logging.getLogger(__name__)

ATTEMPTS = 3  # then the article is decided by what the feed gave
_RETRY_AFTER = timedelta(hours=1)
_PASSING = frozenset({ErrorKind.DNS, ErrorKind.TIMEOUT, ErrorKind.REFUSED, ErrorKind.TRUNCATED})


class PagesSpider(BatchSpider):
    """One request per claimed page; one PageResult per answer or failure."""

    name = "pages"

    def __init__(self, *, batch: claims.PageBatch | None = None, limit: int = 500, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batch = batch or claims.PageBatch()
        self.results: list[PageResult] = []
        self._limit = int(limit)

    async def claim(self) -> None:
        """Claim what is due."""
        self.batch = await claims.claim_pages(self.session, limit=self._limit)

    async def release(self) -> None:
        """End the claims of pages that were not read."""
        await claims.release_pages(self.session, self.batch)

    def requests(self) -> Iterator[Request | PageResult]:
        """One request per page; a link that is none ends as a page without text."""
        for page in tuple(self.batch.waiting.values()):
            try:
                url = wire_url(page.url)
            except FetchError as error:
                yield self._without_text(page, error, passing=False)
            else:
                yield self._request(page, url)

    def _request(self, page: DuePage, url: str) -> Request:
        timeout = self.session.config.page_timeout.total_seconds()
        return Request(
            url,
            callback=partial(self.read, page=page),
            errback=partial(self.explain, page=page),
            meta={WANTED: Wanted(url, accept=PAGE_ACCEPT, timeout=timeout, obey_robots=True)},
            dont_filter=True,
        )

    async def read(self, response: Response, page: DuePage) -> AsyncIterator[PageResult | Request]:
        """Turn an answer into a result; an aggregator's page that names the publisher's leads there."""
        fetched: Fetched = response.meta[FETCHED]
        if not 200 <= fetched.status < 300:
            passing = fetched.status >= 500 or fetched.status == 429
            error = FetchError(ErrorKind.HTTP, f"The server answered {fetched.status}.")
            yield self._without_text(page, error, passing=passing, not_before=fetched.retry_at)
            return
        try:
            text = await self.session.readers.extract_page(
                fetched.body, url=fetched.url, content_type=fetched.headers.get("Content-Type", "")
            )
        except ReadError as problem:
            yield self._without_text(page, FetchError(problem.kind, problem.message), passing=False)
        except Exception as problem:  # the pipeline's edge: one bad page never stops another
            logger.exception("Reading the page of article %s failed", page.article_id)
            message = f"Reading the page failed ({type(problem).__name__}: {problem})."
            yield self._without_text(page, FetchError(ErrorKind.CRASHED, message), passing=False)
        else:
            if is_aggregator(fetched.url) and text.canonical_url and not is_aggregator(text.canonical_url):
                yield self._request(page, text.canonical_url)
            else:
                yield self._decided(page, text, final_url=fetched.url)

    async def explain(self, failure: Failure, page: DuePage) -> AsyncIterator[PageResult]:
        """Turn a failed fetch into a result; a postponed page is given back as it was."""
        error = failure.value
        if isinstance(error, Postponed):
            return
        if not isinstance(error, FetchError):
            logger.error("Fetching the page of article %s failed", page.article_id, exc_info=error)
            error = FetchError(ErrorKind.CRASHED, f"Fetching failed ({type(error).__name__}: {error}).")
        passing = error.kind in _PASSING or (error.kind is ErrorKind.ROBOTS and bool(error.hint))
        yield self._without_text(page, error, passing=passing)

    async def store(self, item: PageResult) -> None:
        """Store one page; a claim that was lost meanwhile is another process's now."""
        stored = await self.session.store.save_page(item)
        self.batch.waiting.pop(item.article_id, None)
        if stored:
            self.results.append(item)

    def _without_text(
        self, page: DuePage, error: FetchError, *, passing: bool, not_before: datetime | None = None
    ) -> PageResult:
        """Try again later what may pass, else decide without the page and say so."""
        now = self.session.clock.now()
        if not passing or page.attempts >= ATTEMPTS:
            return self._decided(page, PageText(TextSource.FAILED), error=error)
        retry_at = now + _RETRY_AFTER * page.attempts
        return PageResult(
            article_id=page.article_id,
            owner=self.session.owner,
            fetched_at=now,
            error_kind=error.kind,
            error=error.message,
            retry_at=max(retry_at, not_before or retry_at),
        )

    def _decided(
        self, page: DuePage, text: PageText, *, final_url: str = "", error: FetchError | None = None
    ) -> PageResult:
        left = bool(final_url) and is_aggregator(page.url) and not is_aggregator(final_url)
        return PageResult(
            article_id=page.article_id,
            owner=self.session.owner,
            fetched_at=self.session.clock.now(),
            final_url=final_url,
            publisher_url=final_url if left else "",
            page=text,
            match=judging.judge_page(page, text, judge=self.session.judge),
            error_kind=error.kind if error else "",
            error=error.message if error else "",
            topic=self.session.topic,
        )
