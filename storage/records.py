"""What passes between the rooms and the database: plain frozen values, no SQL, no session.

Every datetime is aware and in UTC. Every third-party string is already clean (language.clean).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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
