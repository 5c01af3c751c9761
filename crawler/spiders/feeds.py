"""Polls feeds: fetch, read, judge, store."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler import claims, due, judging, polling
from crawler.config import FeedConfig
from crawler.errors import FetchError, Postponed
from crawler.fetcher import Fetched
from crawler.handler import FETCHED, WANTED
from crawler.reading.errors import ReadError
from crawler.spiders.batch import BatchSpider
from storage.records import DueFeed, ErrorKind, JudgedEntry, PollRecord, PollResult, Settlement

logger = logging.getLogger(__name__)

Entries = tuple[JudgedEntry, ...]


@dataclass(frozen=True, slots=True)
class PolledFeed:
    """How one poll ended, for the report of a crawl."""

    name: str
    url: str
    poll: PollRecord
    next_check_at: datetime


class FeedsSpider(BatchSpider):
    """One request per claimed feed; one PollResult per answer or failure."""

    name = "feeds"

    def __init__(
        self,
        *,
        batch: claims.FeedBatch | None = None,
        on_poll: Callable[[PolledFeed], None] | None = None,
        limit: int = 500,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.batch = batch or claims.FeedBatch()
        self.polled: list[PolledFeed] = []
        self._on_poll = on_poll
        self._limit = int(limit)

    async def claim(self) -> None:
        """Claim what is due."""
        self.batch = await claims.claim_feeds(self.session, limit=self._limit)

    async def release(self) -> None:
        """End the claims of feeds that were not polled."""
        await claims.release_feeds(self.session, self.batch)

    def requests(self) -> Iterator[Request | PollResult]:
        """One request per feed, made when Scrapy asks for it; none for a feed that ends processes."""
        timeout = self.session.config.timeout.total_seconds()
        for feed in tuple(self.batch.waiting.values()):
            now = self.session.clock.now()
            if outcome := polling.quarantined(feed, now=now, chance=self.chance.random()):
                yield polling.poll_result(feed, polling.rules_of(feed), outcome)
                continue
            wanted = polling.wanted_of(
                feed,
                now=now,
                timeout=timeout,
                authorization=self.session.authorizations.get(feed.url, ""),
            )
            yield Request(
                wanted.url,
                callback=partial(self.read, feed=feed),
                errback=partial(self.explain, feed=feed),
                meta={WANTED: wanted, "feed": feed},
                dont_filter=True,
            )

    async def read(self, response: Response, feed: DueFeed) -> AsyncIterator[PollResult]:
        """Turn an answer into a result."""
        fetched: Fetched = response.meta[FETCHED]
        rules = polling.rules_of(feed)
        outcome = polling.answered(fetched, now=self.session.clock.now(), chance=self.chance.random())
        entries: Entries = ()
        if outcome.failure is None and not outcome.not_modified:
            outcome, entries = await self._read_body(fetched, feed, rules, outcome)
        yield polling.poll_result(feed, rules, outcome, entries=entries, topic=self.session.topic)

    async def _read_body(
        self, fetched: Fetched, feed: DueFeed, rules: FeedConfig, outcome: due.Outcome
    ) -> tuple[due.Outcome, Entries]:
        if known := polling.unread(feed, fetched, outcome):
            return known, ()
        try:
            document = await self.session.readers.read_feed(
                fetched.body,
                url=fetched.url,
                content_type=fetched.headers.get("Content-Type", ""),
                memory=feed.memory,
                now=outcome.polled_at,
            )
            entries = judging.judge_entries(
                document.entries,
                feed,
                judge=self.session.judge,
                rules=judging.PageRules(
                    rules.pages or self.session.config.pages, self.session.config.short_text
                ),
                backfill=rules.backfill,
                now=outcome.polled_at,
            )
        except ReadError as error:
            return polling.unreadable(fetched, outcome, error.kind, error.message), ()
        except Exception as error:  # the pipeline's edge: one bad feed never stops another
            logger.exception("Reading %s failed", feed.name)
            problem = f"Reading the feed failed ({type(error).__name__}: {error})."
            return polling.unreadable(fetched, outcome, ErrorKind.CRASHED, problem), ()
        return replace(outcome, document=document), entries

    async def explain(self, failure: Failure, feed: DueFeed) -> AsyncIterator[PollResult]:
        """Turn a failed fetch into a result; a postponed feed is given back as it was."""
        error = failure.value
        if isinstance(error, Postponed):
            return
        if not isinstance(error, FetchError):
            logger.error("Fetching %s failed", feed.name, exc_info=error)
            error = FetchError(ErrorKind.CRASHED, f"Fetching failed ({type(error).__name__}: {error}).")
        outcome = polling.unanswered(error, now=self.session.clock.now(), chance=self.chance.random())
        yield polling.poll_result(feed, polling.rules_of(feed), outcome)

    async def store(self, item: PollResult) -> None:
        """Store one poll; what its fence refused was stored by a faster process."""
        settled: list[Settlement] = []

        def settle(new: int, known: int) -> Settlement:
            settled.append(item.settle(new, known))
            return settled[-1]

        feed = self.batch.waiting[item.feed_id]
        saved = await self.session.store.save_poll(replace(item, settle=settle))
        self.batch.waiting.pop(item.feed_id, None)
        if saved is None:
            return
        polled = PolledFeed(feed.name, feed.url, settled[-1].poll, settled[-1].state.next_check_at)
        self.polled.append(polled)
        if self._on_poll:
            self._on_poll(polled)
