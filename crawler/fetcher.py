"""One resource, from request to final answer: the gate, redirects, validators, robots.txt, Retry-After.

Everything that Hotline reads from the web goes through here: feeds, pages, robots.txt, hubs, sites
that are searched for feeds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

from crawler import robots
from crawler.clock import Clock
from crawler.errors import FetchError, Postponed
from crawler.gate import Gate
from crawler.redirects import MAX_HOPS, STATUSES, Hop, next_url, permanent_target, same_origin, wire_url
from crawler.retry_after import retry_at
from crawler.transport import Exchange, Transport
from storage.corpus.domain import registrable_domain
from storage.records import ErrorKind, HostState

FEED_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
PAGE_ACCEPT = "text/html, application/xhtml+xml, */*;q=0.1"
_SLOW_DOWN = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said of one URL, echoed byte for byte to this URL and no other."""

    url: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to fetch. `timeout` is in seconds, per exchange, waiting for the host's turn not counted."""

    url: str
    accept: str = FEED_ACCEPT
    validators: Validators = Validators()
    authorization: str = field(default="", repr=False)  # for this origin alone
    timeout: float = 20.0
    obey_robots: bool = False
    method: str = "GET"
    data: bytes | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A final answer, of any status but redirects."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    hops: tuple[Hop, ...] = ()
    seconds: float = 0.0  # on the wire
    retry_at: datetime | None = None  # set on 429 and 503: no request to this host before
    conditional: bool = False  # validators were sent to `url`

    @property
    def permanent_url(self) -> str:
        """Where the requested address moved for good; empty when it did not."""
        return permanent_target(self.hops)


class HostMemory(Protocol):
    """The part of crawler.ports.CrawlStore that the fetcher needs."""

    async def read_host(self, key: str) -> HostState:
        """What is known of a host."""
        ...

    async def save_host(self, host: HostState) -> None:
        """Write `not_before` and robots.txt."""
        ...


@dataclass(slots=True)
class Fetcher:
    """Fetches politely; safe to call from many tasks of one event loop."""

    transport: Transport
    gate: Gate
    hosts: HostMemory
    clock: Clock
    chance: random.Random = field(default_factory=random.Random)
    _pages_from: dict[str, datetime] = field(default_factory=dict)  # by host, where its delay is long
    _robots_locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def fetch(self, wanted: Wanted) -> Fetched:
        """Follow at most five redirects to the final answer.

        Raises FetchError when there is none, Postponed when the host may not be asked now.
        """
        url = wire_url(wanted.url)
        hops: list[Hop] = []
        entered: set[str] = set()
        seconds = 0.0
        while True:
            delay = await self._check_robots(url, wanted) if wanted.obey_robots else 0.0
            conditional = bool(wanted.validators.url) and wanted.validators.url == url
            async with self.gate.turn(registrable_domain(url)):
                if delay > robots.IN_LINE and registrable_domain(url) not in entered:
                    await self._take_page_turn(url, delay)
                entered.add(registrable_domain(url))  # one page, whatever its own host calls it
                started = self.clock.monotonic()
                answer = await self._exchange(wanted, url, conditional=conditional)
                seconds += self.clock.monotonic() - started
                held_until = await self._hold(url, answer)  # before the next in line gets its turn
            location = answer.headers.get("Location", "") if answer.status in STATUSES else ""
            if not location:
                break
            url = next_url(url, location)
            hops.append(Hop(answer.status, url))
            if len(hops) > MAX_HOPS:
                raise FetchError(ErrorKind.HTTP, f"The address redirects more than {MAX_HOPS} times.")
        return Fetched(
            url=url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            hops=tuple(hops),
            seconds=seconds,
            retry_at=held_until,
            conditional=conditional,
        )

    async def _exchange(self, wanted: Wanted, url: str, *, conditional: bool) -> Exchange:
        headers = {"Accept": wanted.accept}
        if conditional and wanted.validators.etag:
            headers["If-None-Match"] = wanted.validators.etag
        if conditional and wanted.validators.last_modified:
            headers["If-Modified-Since"] = wanted.validators.last_modified
        if wanted.authorization and same_origin(wanted.url, url):
            headers["Authorization"] = wanted.authorization
        if wanted.content_type:
            headers["Content-Type"] = wanted.content_type
        return await self.transport.exchange(
            wanted.method, url, headers=headers, timeout=wanted.timeout, data=wanted.data
        )

    async def _hold(self, url: str, answer: Exchange) -> datetime | None:
        """Remember "later" for the whole host, here and across restarts."""
        asked = answer.headers.get("Retry-After", "")
        if answer.status not in _SLOW_DOWN or (answer.status == 503 and not asked):
            return None
        date = answer.headers.get("Date", "")
        until = retry_at(asked, date=date, now=self.clock.now(), chance=self.chance.random())
        key = registrable_domain(url)
        self.gate.hold(key, until)
        await self.hosts.save_host(HostState(key=key, not_before=until))
        return until

    async def _take_page_turn(self, url: str, delay: float) -> None:
        """Ask for one page of a host that wants long pauses between two; the others come back later."""
        key, now = registrable_domain(url), self.clock.now()
        if (free_at := self._pages_from.get(key, now)) > now:
            raise Postponed(f"{key} wants {delay:.0f} seconds between two pages.", until=free_at)
        self._pages_from = {other: at for other, at in self._pages_from.items() if at > now}
        self._pages_from[key] = until = now + timedelta(seconds=delay)
        await self.hosts.save_host(HostState(key=key, crawl_delay=delay, pages_from=until))

    async def _check_robots(self, url: str, wanted: Wanted) -> float:
        """Return the Crawl-delay in seconds; raise FetchError where the page may not be read."""
        permission = robots.permission(await self._robots(url, wanted), url)
        if permission.crawl_delay:
            self.gate.slow_down(registrable_domain(url), min(permission.crawl_delay, robots.IN_LINE))
        if not permission.allowed:
            hint = "" if permission.lasting else "It is asked again later."
            raise FetchError(ErrorKind.ROBOTS, permission.reason, hint=hint)
        return permission.crawl_delay

    async def _robots(self, url: str, wanted: Wanted) -> HostState:
        key = robots.robots_url(url)
        async with self._robots_locks.setdefault(key, asyncio.Lock()):  # many pages, one question
            return await self._known_robots(key, wanted)

    async def _known_robots(self, key: str, wanted: Wanted) -> HostState:
        known = await self.hosts.read_host(key)
        if known.robots_expires_at and known.robots_expires_at > self.clock.now():
            return known
        status, body = 599, b""
        try:
            answer = await self.fetch(Wanted(url=key, accept="text/plain, */*;q=0.1", timeout=wanted.timeout))
            status, body = answer.status, answer.body
        except FetchError as error:
            if error.kind is ErrorKind.BLOCKED:
                raise
        learned = robots.remember(key, status, body, now=self.clock.now())
        await self.hosts.save_host(learned)
        return learned
