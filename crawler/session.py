"""What one process crawls with: opened once, used by every crawl, closed at the end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.address_guard import AddressGuard
from crawler.clock import Clock, SystemClock
from crawler.config import CrawlConfig, FeedConfig
from crawler.credentials import authorizations_of
from crawler.errors import Postponed
from crawler.fetcher import Fetched, Fetcher, Wanted
from crawler.gate import Gate
from crawler.ports import CrawlStore, Judge, Readers
from crawler.transport import Transport


@dataclass(slots=True)
class CrawlSession:
    """`authorizations` are header values, by the configured URL of their feed; `topic` names what `judge`
    asks about."""

    config: CrawlConfig
    store: CrawlStore
    readers: Readers
    judge: Judge
    fetcher: Fetcher
    gate: Gate
    clock: Clock
    owner: str
    topic: str = ""
    authorizations: Mapping[str, str] = field(default_factory=dict, repr=False)
    _running: set[asyncio.Task[object]] = field(default_factory=set)
    _stopping: bool = False

    async def fetch(self, wanted: Wanted) -> Fetched:
        """As Fetcher.fetch; raises Postponed as soon as the session is being stopped."""
        if self._stopping:
            raise Postponed("The crawl is being stopped.")
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            return await self.fetcher.fetch(wanted)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            task.uncancel()
            raise Postponed("The crawl is being stopped.") from None
        finally:
            self._running.discard(task)

    def stop(self) -> None:
        """Break off all fetches and refuse new ones; what was fetched is still read and stored."""
        self._stopping = True
        for task in tuple(self._running):
            task.cancel()


@asynccontextmanager
async def open_session(
    *,
    config: CrawlConfig,
    store: CrawlStore,
    readers: Readers,
    judge: Judge,
    feeds: Iterable[FeedConfig] = (),
    topic: str = "",
    clock: Clock | None = None,
) -> AsyncIterator[CrawlSession]:
    """Open connections for one event loop; `feeds` tell of private hosts and logins.

    Raises MissingPassword.
    """
    feeds = tuple(feeds)
    clock = clock or SystemClock()
    owner = f"crawl-{secrets.token_hex(8)}"
    async with open_fetcher(config=config, store=store, feeds=feeds, clock=clock, owner=owner) as fetcher:
        yield CrawlSession(
            config=config,
            store=store,
            readers=readers,
            judge=judge,
            fetcher=fetcher,
            gate=fetcher.gate,
            clock=clock,
            owner=owner,
            topic=topic,
            authorizations=authorizations_of(feeds),
        )


@asynccontextmanager
async def open_fetcher(
    *,
    config: CrawlConfig,
    store: CrawlStore,
    feeds: Iterable[FeedConfig] = (),
    clock: Clock | None = None,
    owner: str = "",
) -> AsyncIterator[Fetcher]:
    """Open connections only, for what asks the web without crawling; at the end no host stays leased."""
    clock = clock or SystemClock()
    guard = AddressGuard([*config.allow_private, *private_hosts(feeds)])
    transport = Transport(
        guard,
        user_agent=config.user_agent,
        connections=config.concurrency,
        body_limit=config.body_limit,
    )
    gate = Gate(store, owner=owner or f"fetch-{secrets.token_hex(8)}", spacing=config.spacing, clock=clock)
    async with transport:
        try:
            yield Fetcher(transport, gate, store, clock)
        finally:
            await gate.leave(())


def private_hosts(feeds: Iterable[FeedConfig]) -> list[str]:
    """host:port of the feeds that the configuration lets live on private addresses."""
    hosts = []
    for feed in feeds:
        if feed.allow_private:
            parts = urlsplit(feed.url)
            netloc = parts.netloc.rpartition("@")[2]
            default = 443 if parts.scheme == "https" else 80
            hosts.append(netloc if parts.port else f"{netloc}:{default}")
    return hosts
