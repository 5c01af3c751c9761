"""Batches of claimed work, and their hosts in the gate: taken before a crawl, given back after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crawler.gate import LEASE
from crawler.session import CrawlSession
from storage.records import DueFeed, DuePage
from storage.shards import Shard


@dataclass(slots=True)
class FeedBatch:
    """Claimed feeds by id; what is done is taken out, what is left at the end is given back."""

    hosts: frozenset[str] = frozenset()
    waiting: dict[int, DueFeed] = field(default_factory=dict)


@dataclass(slots=True)
class PageBatch:
    """Claimed pages by article id."""

    hosts: frozenset[str] = frozenset()
    waiting: dict[int, DuePage] = field(default_factory=dict)


async def claim_feeds(
    session: CrawlSession,
    *,
    limit: int,
    per_host: int = 20,
    names: Sequence[str] | None = None,
    due_only: bool = True,
    shard: Shard | None = None,
) -> FeedBatch:
    """Claim feeds (see CrawlStore.claim_feeds) and count this crawl at their hosts."""
    now = session.clock.now()
    claimed = await session.store.claim_feeds(
        owner=session.owner,
        now=now,
        until=now + LEASE,
        limit=limit,
        per_host=per_host,
        names=names,
        due_only=due_only,
        shard=shard,
    )
    hosts = _adopt(session, (feed.host for feed in claimed))
    return FeedBatch(hosts, {feed.id: feed for feed in claimed})


async def claim_pages(
    session: CrawlSession, *, limit: int, per_host: int = 20, shard: Shard | None = None
) -> PageBatch:
    """Claim wanted pages and count this crawl at their hosts."""
    now = session.clock.now()
    claimed = await session.store.claim_pages(
        owner=session.owner, now=now, until=now + LEASE, limit=limit, per_host=per_host, shard=shard
    )
    hosts = _adopt(session, (page.host for page in claimed))
    return PageBatch(hosts, {page.article_id: page for page in claimed})


def _adopt(session: CrawlSession, hosts: Iterable[str]) -> frozenset[str]:
    unique = frozenset(hosts)
    session.gate.adopt(unique, until=session.clock.now() + LEASE)
    return unique


async def release_feeds(session: CrawlSession, batch: FeedBatch) -> None:
    """Give back what brought no result, and the hosts; a second call does nothing."""
    left, hosts = list(batch.waiting), batch.hosts
    batch.waiting, batch.hosts = {}, frozenset()
    if left:
        await session.store.release_feeds(owner=session.owner, feed_ids=left)
    if hosts:
        await session.gate.leave(hosts)


async def release_pages(session: CrawlSession, batch: PageBatch) -> None:
    """As release_feeds."""
    left, hosts = list(batch.waiting), batch.hosts
    batch.waiting, batch.hosts = {}, frozenset()
    if left:
        await session.store.release_pages(owner=session.owner, article_ids=left)
    if hosts:
        await session.gate.leave(hosts)
