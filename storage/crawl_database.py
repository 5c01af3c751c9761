"""The database as the crawler sees it: crawler.ports.CrawlStore over the one writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy import insert as plain_insert

from storage import feeds, hosts, pages
from storage.articles import SavedEntries, save_entries
from storage.corpus.store import place
from storage.identity import identify
from storage.records import DueFeed, DuePage, HostState, PageResult, PollResult, Settlement
from storage.search import index_articles
from storage.shards import Shard
from storage.tables.core import NOTICE

T = TypeVar("T")


class WorkRunner(Protocol):
    """What runs a work in a transaction: storage.writer.Writer."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """The result of `work`, once it is committed."""
        ...


class CrawlDatabase:
    """Claims, results and hosts. Every method is one work of the writer: all of it or nothing."""

    def __init__(self, writer: WorkRunner) -> None:
        self._writer = writer

    async def claim_feeds(
        self,
        *,
        owner: str,
        now: datetime,
        until: datetime,
        limit: int,
        per_host: int = 20,
        names: Sequence[str] | None = None,
        due_only: bool = True,
        shard: Shard | None = None,
    ) -> Sequence[DueFeed]:
        """See crawler.ports.CrawlStore."""
        claim = partial(
            feeds.claim_feeds,
            owner=owner,
            now=now,
            until=until,
            limit=limit,
            per_host=per_host,
            names=names,
            due_only=due_only,
            shard=shard,
        )
        return await self._writer.run(claim)

    async def save_poll(self, result: PollResult) -> Settlement | None:
        """See crawler.ports.CrawlStore."""
        return await self._writer.run(partial(save_poll, result=result))

    async def save_quiet_polls(self, results: Sequence[PollResult]) -> Mapping[int, Settlement]:
        """See crawler.ports.CrawlStore."""
        if not results:
            return {}
        return await self._writer.run(partial(feeds.settle_quietly, results=results))

    async def release_feeds(self, *, owner: str, feed_ids: Sequence[int]) -> None:
        """See crawler.ports.CrawlStore."""
        await self._writer.run(partial(feeds.release_feeds, owner=owner, feed_ids=feed_ids))

    async def claim_pages(
        self,
        *,
        owner: str,
        now: datetime,
        until: datetime,
        limit: int,
        per_host: int = 20,
        shard: Shard | None = None,
    ) -> Sequence[DuePage]:
        """See crawler.ports.CrawlStore."""
        claim = partial(pages.claim_pages, owner=owner, now=now, until=until, shard=shard)
        return await self._writer.run(partial(claim, limit=limit, per_host=per_host))

    async def save_page(self, result: PageResult) -> bool:
        """See crawler.ports.CrawlStore."""
        return await self._writer.run(partial(pages.save_page, result=result))

    async def release_pages(self, *, owner: str, article_ids: Sequence[int]) -> None:
        """See crawler.ports.CrawlStore."""
        await self._writer.run(partial(pages.release_pages, owner=owner, article_ids=article_ids))

    async def read_host(self, key: str) -> HostState:
        """See crawler.ports.CrawlStore."""
        return await self._writer.run(partial(hosts.read_host, key=key))

    async def lease_host(self, key: str, *, owner: str, now: datetime, until: datetime) -> bool:
        """See crawler.ports.CrawlStore."""
        lease = partial(hosts.lease_hosts, keys=[key], owner=owner, now=now, until=until)
        return key in await self._writer.run(lease)

    async def save_host(self, host: HostState) -> None:
        """See crawler.ports.CrawlStore."""
        await self._writer.run(partial(hosts.save_host, host=host))

    async def release_hosts(self, *, owner: str, free_at: Mapping[str, datetime]) -> None:
        """See crawler.ports.CrawlStore."""
        await self._writer.run(partial(hosts.release_hosts, owner=owner, free_at=free_at))


def save_poll(connection: Connection, result: PollResult) -> Settlement | None:
    """Store one poll in the caller's transaction; None when its fence is not the feed's."""
    feed = feeds.claimed_feed(connection, result.feed_id)
    if feed is None or feed.fence != result.fence:
        return None
    learnt: dict[str, bool] = {}
    saved = SavedEntries()
    if result.entries:
        entries = [item.entry for item in result.entries]
        found = identify(entries, feed_url=feed.url, links_shared=feed.links_shared)
        saved = save_entries(connection, result, found.of_entries, guid_trusted=feed.guid_trusted)
        learnt["links_shared"] = found.links_shared
        if saved.guid_trusted is not None and feed.guid_trusted is not False:
            learnt["guid_trusted"] = saved.guid_trusted
        index_articles(connection, saved.matched + saved.edited)
        place(connection, saved.new + saved.matched, now=result.polled_at)
    settled = result.settle(len(saved.new), saved.known)
    feeds.settle(connection, result, settled.state, **learnt)
    if result.memory is not None:
        feeds.remember(connection, result.feed_id, result.memory)
    feeds.record_poll(connection, result.feed_id, settled.poll)
    if saved.old:
        _tell_of_flood(connection, result, feed.name, saved.old)
    return settled


def _tell_of_flood(connection: Connection, result: PollResult, name: str, old: int) -> None:
    message = f"{name} served {old} old entries again; they are stored, none was sent."
    connection.execute(
        plain_insert(NOTICE).values(
            kind="flood", feed_id=result.feed_id, message=message, raised_at=result.polled_at
        )
    )
