"""A fetcher without a database: what it remembers of hosts lies in a dict."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from crawler.address_guard import AddressGuard
from crawler.clock import Clock
from crawler.fetcher import Fetcher
from crawler.gate import Gate
from crawler.transport import Transport
from storage.records import HostState
from tests.crawler.desk import TestClock


class Hosts:
    """Host states and leases in memory; `taken` are leased to somebody else."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.states: dict[str, HostState] = {}
        self.taken = set(taken)
        self.leased: set[str] = set()
        self.released: dict[str, datetime] = {}

    async def read_host(self, key: str) -> HostState:
        """As crawler.ports.CrawlStore."""
        return self.states.get(key, HostState(key))

    async def save_host(self, host: HostState) -> None:
        """As crawler.ports.CrawlStore."""
        self.states[host.key] = host

    async def lease_host(self, key: str, *, owner: str, now: datetime, until: datetime) -> bool:
        """As crawler.ports.CrawlStore."""
        self.leased.add(key)
        return key not in self.taken

    async def release_hosts(self, *, owner: str, free_at: Mapping[str, datetime]) -> None:
        """As crawler.ports.CrawlStore."""
        self.released |= free_at


@asynccontextmanager
async def open_fetcher(
    *allowed: str, hosts: Hosts | None = None, clock: Clock | None = None, body_limit: int = 15 * 2**20
) -> AsyncIterator[Fetcher]:
    """A fetcher that may reach the private hosts `allowed`."""
    hosts, clock = hosts or Hosts(), clock or TestClock()
    gate = Gate(hosts, owner="test", spacing=timedelta(seconds=1), clock=clock)
    transport = Transport(
        AddressGuard(allowed), user_agent="Hotline/test", connections=50, body_limit=body_limit
    )
    async with transport:
        yield Fetcher(transport, gate, hosts, clock)
