"""What passes between the rooms and the database: plain frozen values, no SQL, no session.

Every datetime is aware and in UTC. Every third-party string is already clean (language.clean).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from topics.document import Match


class ErrorKind(StrEnum):
    """Why a poll or a page failed. The vocabulary of status, doctor and the digest's health box."""

    DNS = "dns"
    TLS = "tls"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    HTTP = "http"
    TOO_LARGE = "too-large"
    TRUNCATED = "truncated"
    NOT_A_FEED = "not-a-feed"
    EMPTY = "empty"
    PARSE = "parse"
    BLOCKED = "blocked"  # the address guard: a private address
    ROBOTS = "robots"
    GONE = "gone"
    CRASHED = "crashed"


class PollStatus(StrEnum):
    """How one poll ended."""

    NEW = "new"  # 200 with at least one entry not known before
    UNCHANGED = "unchanged"  # 200, nothing new
    NOT_MODIFIED = "not-modified"  # 304
    ERROR = "error"


class TextSource(StrEnum):
    """Where an article's text came from, or why there is none."""

    NONE = "none"
    FEED = "feed"
    PAGE = "page"
    PAYWALL = "paywall"
    FAILED = "failed"


class Decision(StrEnum):
    """What the topic said of an article; undecided ones wait for their page."""

    MATCHED = "matched"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of one poll, cleaned. `url` is absolute http(s) or empty; `published_at` is None when
    absent or not believable (before 1990, or more than a day ahead)."""

    guid: str
    url: str
    title: str
    summary: str = ""
    text: str = ""
    author: str = ""
    language: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    source_url: str = ""  # the publisher's own address where an aggregator names it


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """What the last full poll left behind so that the next one costs only what is new.

    `envelope` identifies everything outside the items that could change their meaning; `blocks` are
    8-byte hashes of the item blocks that are known. A different envelope means: forget the blocks.
    """

    body_hash: bytes = b""
    envelope: bytes = b""
    blocks: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed body, read: only entries whose block was not in the memory it was read with."""

    title: str = ""
    link: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    known: int = 0  # entries skipped because their block was known
    memory: FeedMemory = field(default_factory=FeedMemory)
    hub: str = ""  # WebSub hub, and the topic URL the feed calls itself
    self_url: str = ""
    ttl_seconds: int | None = None  # <ttl>, sy:updatePeriod: how often the feed says it changes
    skip_hours: frozenset[int] = frozenset()  # UTC hours
    skip_days: frozenset[int] = frozenset()  # 0 = Monday
    damaged: bool = False  # parsed, but broken: the last entry may have been dropped
    parsed: bool = True  # False: nothing new, so the feed's own fields were not read; keep those stored


@dataclass(frozen=True, slots=True)
class PageText:
    """A fetched page, extracted: `source` is PAGE when `text` is an article's text."""

    source: TextSource
    text: str = ""
    title: str = ""
    author: str = ""
    language: str = ""
    canonical_url: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of a feed between two polls: the columns of table feed with the same names.

    Decided by crawler.due; storage writes it as it is and never computes with it. `etag` and
    `last_modified` belong to `validator_url` alone. Empty strings and zero mean: nothing known.
    """

    next_check_at: datetime
    interval_seconds: int = 3600
    validator_url: str = ""
    etag: str = ""
    last_modified: str = ""
    last_full_at: datetime | None = None  # last 200 with a body that was read or equal to the last one
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    baseline_at: datetime | None = None  # None: never read yet, the next poll is the baseline
    failures: int = 0
    failing_since: datetime | None = None
    error_kind: str = ""
    error: str = ""
    moved_to: str = ""
    moved_count: int = 0
    moved_since: datetime | None = None
    gone_count: int = 0
    gone_since: datetime | None = None
    paused_at: datetime | None = None
    pause_reason: str = ""
    hub_url: str = ""
    self_url: str = ""
    ttl_seconds: int = 0  # how often the feed last said it changes (ttl, sy:updatePeriod)
    skip_hours: int = 0  # bit n: not in hour n, UTC
    skip_days: int = 0  # bit n: not on weekday n, Monday is 0
    lies: int = 0  # how often "not modified" proved wrong, since it last proved right
    distrusted_until: datetime | None = None  # validators are not sent before
    poison: bytes = b""  # hash of the body whose reading had to be stopped last
    poisoned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConfiguredFeed:
    """A feed as the configuration wants it. `host` is its key for politeness (registrable domain)."""

    name: str
    url: str
    host: str
    language: str = ""
    country: str = ""
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DueFeed:
    """A claimed feed, with all that one poll needs. `fence` must come back in the result."""

    id: int
    fence: int
    name: str
    url: str
    host: str
    state: FeedState
    memory: FeedMemory = field(default_factory=FeedMemory)
    language: str = ""
    country: str = ""
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)  # crawler.config.FeedConfig.options
    crashes: int = 0  # claims in a row that never came back with a result, before this one
    pushed: bool = False  # a WebSub hub tells of changes, so polling may be slow


@dataclass(frozen=True, slots=True)
class PollRecord:
    """One row of a feed's history."""

    polled_at: datetime
    status: PollStatus
    http_status: int = 0
    error_kind: str = ""
    message: str = ""  # one sentence: the error, or what a reader of `doctor` should know
    entries: int = 0
    new: int = 0
    size: int = 0  # bytes of the decompressed body
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class JudgedEntry:
    """An entry with the topic's answer on title, summary and feed text.

    `page_reason` is "" when the page is not wanted, else "undecided" or "short". An UNDECIDED match
    without a wanted page is a rejection: nothing will come that could still decide it.
    """

    entry: Entry
    match: Match
    page_reason: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a poll ends for the feed, once it is known how many articles were new."""

    state: FeedState
    poll: PollRecord


@dataclass(frozen=True, slots=True)
class PollResult:
    """One poll, to be stored in one transaction: all of it or nothing.

    Storage writes entries, articles, sightings and wanted pages, counts the articles that did not
    exist before (new) and those that did (known), then calls the pure function `settle(new, known)`
    and writes its state and poll row, and `memory` unless it is None (keep the old one). The claim ends
    and `crashes` becomes 0. A result whose `fence` is not the feed's is refused whole.
    """

    feed_id: int
    fence: int
    polled_at: datetime
    settle: Callable[[int, int], Settlement]
    entries: tuple[JudgedEntry, ...] = ()
    memory: FeedMemory | None = None
    baseline: bool = False  # the first good poll of the feed: stored, never alerted
    backfill: int = 0  # …except this many of its newest entries
    topic: str = ""
    before: FeedState | None = None  # as it was claimed: what did not change is not written again


@dataclass(frozen=True, slots=True)
class DuePage:
    """A claimed page: the article as the feed gave it, so that it can be judged again with its text."""

    article_id: int
    url: str
    host: str
    reason: str  # "undecided" or "short"
    attempts: int = 0
    title: str = ""
    summary: str = ""
    text: str = ""  # the feed's own text, if it had one
    language: str = ""
    author: str = ""
    feed: str = ""
    country: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PageResult:
    """A page that was read, or was not. With `retry_at` the page stays wanted until then; without, the
    article is decided by `match` for good and the page row goes."""

    article_id: int
    owner: str  # refused unless the claim is still this owner's
    fetched_at: datetime
    final_url: str = ""
    page: PageText | None = None
    match: Match | None = None
    error_kind: str = ""
    error: str = ""
    retry_at: datetime | None = None
    topic: str = ""
    publisher_url: str = ""  # where the article is, when its own link is an aggregator's


@dataclass(frozen=True, slots=True)
class HostState:
    """What is known of one host key (registrable domain, or host:port of an allowed private host)."""

    key: str
    not_before: datetime | None = None  # Retry-After: nobody asks earlier
    robots_txt: str = ""
    robots_status: int = 0  # 0: never fetched
    robots_expires_at: datetime | None = None
    crawl_delay: float = 0.0  # seconds between two pages, where robots.txt wants long pauses
    pages_from: datetime | None = None  # none of its pages is asked for before
