"""One request at a time to a host, with a pause between two: feeds, pages, robots.txt, redirects alike.

One gate per process; a lease in the database keeps other processes from the hosts it works on. A host
here is a registrable domain, or host and port of a private one (storage.corpus.domain).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from crawler.clock import Clock
from crawler.errors import Postponed

LEASE = timedelta(minutes=15)  # longer than any crawl works on one host; ends itself after a crash


class HostLeases(Protocol):
    """The part of crawler.ports.CrawlStore that the gate needs."""

    async def lease_host(self, key: str, *, owner: str, now: datetime, until: datetime) -> bool:
        """Take or extend a lease; False when another owner holds it or it is to be left alone."""
        ...

    async def release_hosts(self, *, owner: str, free_at: Mapping[str, datetime]) -> None:
        """End leases; no other owner gets one before the given instant."""
        ...


@dataclass(slots=True)
class _Host:
    """`free_at` is monotonic time, `not_before` and `leased_until` are wall time."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    turns: int = 0  # held or waited for
    free_at: float = 0.0
    not_before: datetime | None = None
    leased_until: datetime | None = None
    spacing: float = 0.0  # a longer pause that the host asked for (Crawl-delay)


class Gate:
    """Hands out turns, first come first served per host."""

    def __init__(self, leases: HostLeases, *, owner: str, spacing: timedelta, clock: Clock) -> None:
        self._leases = leases
        self._owner = owner
        self._spacing = spacing.total_seconds()
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._users: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for this host's turn and hold it; the pause starts when it is given back.

        Raises Postponed when the host asked to be left alone, or another process works on it.
        """
        host = self._hosts.setdefault(key, _Host())
        host.turns += 1
        try:
            async with host.lock:
                await self._admit(key, host)
                try:
                    yield
                finally:
                    host.free_at = self._clock.monotonic() + max(self._spacing, host.spacing)
        finally:
            host.turns -= 1

    def hold(self, key: str, until: datetime) -> None:
        """Let nobody ask this host before `until` (Retry-After); an earlier hold is only prolonged."""
        host = self._hosts.setdefault(key, _Host())
        host.not_before = max(until, host.not_before or until)

    def slow_down(self, key: str, seconds: float) -> None:
        """Use at least this pause for a host (Crawl-delay)."""
        self._hosts.setdefault(key, _Host()).spacing = seconds

    def adopt(self, keys: Iterable[str], *, until: datetime) -> None:
        """Count a crawl that works on these hosts; their leases came with its claim."""
        for key in keys:
            self._users[key] += 1
            self._hosts.setdefault(key, _Host()).leased_until = until

    async def leave(self, keys: Iterable[str]) -> None:
        """End a crawl's work: give back the leases of hosts that nobody in this process needs."""
        self._users -= Counter(keys)
        idle = {
            key: host
            for key, host in self._hosts.items()
            if host.leased_until and not host.turns and not self._users[key]
        }
        now, monotonic = self._clock.now(), self._clock.monotonic()
        free_at = {key: now + timedelta(seconds=max(0.0, h.free_at - monotonic)) for key, h in idle.items()}
        for host in idle.values():
            host.leased_until = None
        self._forget_free_hosts(now, monotonic)
        if free_at:
            await self._leases.release_hosts(owner=self._owner, free_at=free_at)

    def _forget_free_hosts(self, now: datetime, monotonic: float) -> None:
        self._hosts = {
            key: host
            for key, host in self._hosts.items()
            if host.leased_until
            or host.turns
            or host.free_at > monotonic
            or (host.not_before and host.not_before > now)
        }

    async def _admit(self, key: str, host: _Host) -> None:
        if host.not_before and host.not_before > self._clock.now():
            raise Postponed(f"{key} asked to be left alone.", until=host.not_before)
        await self._ensure_lease(key, host)
        pause = host.free_at - self._clock.monotonic()
        if pause > 0:
            await self._clock.sleep(pause)

    async def _ensure_lease(self, key: str, host: _Host) -> None:
        now = self._clock.now()
        if host.leased_until and host.leased_until > now:
            return
        if not await self._leases.lease_host(key, owner=self._owner, now=now, until=now + LEASE):
            raise Postponed(
                f"{key} is busy: another process is asking it, or it asked to be left alone.",
                until=now + timedelta(minutes=1),
            )
        host.leased_until = now + LEASE
