"""Polls feeds: what brought entries is an item for the pipeline, the rest is stored on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler import claims
from crawler.polls import poll_all
from crawler.spiders.batch import BatchSpider
from storage.errors import StorageError
from storage.records import PollRecord, PollResult, Settlement

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PolledFeed:
    """How one poll ended, for the report of a crawl."""

    name: str
    url: str
    poll: PollRecord
    next_check_at: datetime


class FeedsSpider(BatchSpider):
    """One PollResult per claimed feed, but those that are postponed."""

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

    async def work(self) -> None:
        """Poll the batch and store it as it comes, until nothing more can be stored."""
        async with aclosing(poll_all(self.session, tuple(self.batch.waiting.values()))) as polls:
            async for results in polls:
                await self._store_quiet([result for result in results if not result.entries])
                await asyncio.gather(*(self._process(result) for result in results if result.entries))
                if self.failure is not None:
                    break

    async def _process(self, item: PollResult) -> None:
        """Send an item through the pipeline and wait for it, which `yield` would not do."""
        await self.crawler.engine.scraper.start_itemproc_async(item, response=None)

    async def store(self, item: PollResult) -> None:
        """Store a poll that brought entries."""
        self._tell(item.feed_id, await self.session.store.save_poll(item))

    async def _store_quiet(self, results: Sequence[PollResult]) -> None:
        """Store polls without entries together; where one of them spoils that, each alone."""
        try:
            settled = await self.session.store.save_quiet_polls(results)
        except StorageError:
            raise
        except Exception:  # the pipeline's edge: one bad feed never stops another
            logger.exception("Storing %d polls together failed", len(results))
            await asyncio.gather(*map(self._process, results))
            return
        for result in results:
            self._tell(result.feed_id, settled.get(result.feed_id))

    def _tell(self, feed_id: int, settled: Settlement | None) -> None:
        """Report a poll; what its fence refused was stored by a faster process."""
        feed = self.batch.waiting.pop(feed_id)
        if settled is None:
            return
        polled = PolledFeed(feed.name, feed.url, settled.poll, settled.state.next_check_at)
        self.polled.append(polled)
        if self._on_poll:
            self._on_poll(polled)
