"""What the crawler asks of the database, of the readers of bodies, and of the topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.records import (
    DueFeed,
    DuePage,
    FeedDocument,
    FeedMemory,
    HostState,
    PageResult,
    PageText,
    PollResult,
    Settlement,
)
from storage.shards import Shard
from topics.document import Document, Match


class Judge(Protocol):
    """The topic's two questions (topics.matcher.Matcher)."""

    def match(self, document: Document) -> Match:
        """Yes or no, with everything that can be read."""
        ...

    def triage(self, document: Document) -> Match:
        """By title and summary alone; undecided where the page could still make it a yes."""
        ...


class Readers(Protocol):
    """Bodies to entries and texts, in processes that can be killed (crawler.reading.workers)."""

    async def read_feed(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str = "",
        memory: FeedMemory,
        now: datetime,
        full: bool = False,
    ) -> FeedDocument:
        """See crawler.reading.read.read_feed; raises ReadError, also at its deadline."""
        ...

    async def extract_page(self, body: bytes, *, url: str, content_type: str = "") -> PageText:
        """The article's text of a page; `source` says when there is none. Raises ReadError."""
        ...


class CrawlStore(Protocol):
    """Claims, results and hosts. Every method is one transaction and safe to call from many tasks of
    one event loop. `owner` names a process; claims and leases end at `until` if nobody ends them.

    All methods raise StorageError when the database is unreachable, locked or full.
    """

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
        """Claim up to `limit` active feeds, longest due first, at most `per_host` of one host.

        Skipped: paused feeds (unless named), feeds under a claim that is not over (also this owner's),
        hosts leased to another owner, hosts whose `not_before` lies ahead. `due_only=False` also takes
        feeds whose next_check_at lies ahead; `shard` takes feeds of its hosts only. Raises `fence` and
        `crashes` of each, leases their hosts to `owner` until `until`.
        """
        ...

    async def save_poll(self, result: PollResult) -> Settlement | None:
        """Store a poll (see PollResult) and end the claim. Returns how it ended, None when the fence
        refused it."""
        ...

    async def save_quiet_polls(self, results: Sequence[PollResult]) -> Mapping[int, Settlement]:
        """The same for polls without entries, which is most of them, together in a few statements.
        Returns how they ended by the id of their feed, without those that the fence refused."""
        ...

    async def release_feeds(self, *, owner: str, feed_ids: Sequence[int]) -> None:
        """End claims without a result, as if they had never been taken (also `crashes`)."""
        ...

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
        """Claim wanted pages whose next_fetch_at has come, oldest first; hosts as in claim_feeds."""
        ...

    async def save_page(self, result: PageResult) -> bool:
        """Store a page (see PageResult) and end the claim. False when the claim was lost."""
        ...

    async def release_pages(self, *, owner: str, article_ids: Sequence[int]) -> None:
        """End claims without a result."""
        ...

    async def read_host(self, key: str) -> HostState:
        """What is known of a host; an empty state when nothing is."""
        ...

    async def lease_host(self, key: str, *, owner: str, now: datetime, until: datetime) -> bool:
        """Take or extend the lease of a host that no claim brought along (redirects, pages, hubs).

        False when another owner holds it, or its `not_before` lies ahead.
        """
        ...

    async def save_host(self, host: HostState) -> None:
        """Write a host's `not_before` (never moved back) and robots.txt; the lease stays as it is."""
        ...

    async def release_hosts(self, *, owner: str, free_at: Mapping[str, datetime]) -> None:
        """End this owner's leases of these hosts; no other owner gets one before the given instant."""
        ...
