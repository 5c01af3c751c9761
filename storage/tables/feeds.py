"""Feeds as the database knows them, what each poll brought, and the hosts behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.tables.base import id_field, json_field, reference, shard_field


class Feed(SQLModel, table=True):
    """One configured feed and its state. Rows are never deleted: a feed that leaves the configuration
    becomes inactive, so that adding it again brings no old news."""

    id: int | None = id_field()
    name: str = Field(index=True)
    url: str = Field(unique=True)  # as configured
    language: str = ""
    country: str = ""
    kind: str = ""
    options: dict[str, Any] = json_field()  # the rest of its configuration, as the crawler reads it
    active: bool = True
    host: str = Field(default="", index=True)  # registrable domain, or host:port of a private host
    shard: int = shard_field()

    # What the server gave for the next conditional request, valid for validator_url alone.
    validator_url: str = ""
    etag: str = ""
    last_modified: str = ""
    last_full_at: datetime | None = None  # last unconditional fetch
    hub_url: str = ""
    self_url: str = ""
    ttl_seconds: int = 0
    skip_hours: int = 0  # bit n: not in hour n, UTC
    skip_days: int = 0  # bit n: not on weekday n, Monday is 0
    lies: int = 0  # how often "not modified" proved wrong, since it last proved right
    distrusted_until: datetime | None = None  # validators are not sent before

    next_check_at: datetime = Field(index=True)
    interval_seconds: int = 3600
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    baseline_at: datetime | None = None  # first successful poll; what came with it never alerts

    failures: int = 0  # in a row
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
    guid_trusted: bool | None = None  # None: not yet known; False for good
    links_shared: bool = False  # all its entries carry one link, which identifies nothing

    claimed_by: str = ""
    claimed_until: datetime | None = None
    fence: int = 0  # raised at each claim; a late worker's store is refused
    crashes: int = 0  # raised at claim, cleared at save: a feed that ends processes shows itself
    poison: bytes = b""  # hash of the body whose reading had to be stopped last
    poisoned_at: datetime | None = None


class FeedMemory(SQLModel, table=True):
    """What the last full poll of a feed left behind: hashes of the body and of its items."""

    __tablename__ = "feed_memory"

    feed_id: int = reference("feed.id", primary_key=True)
    body_hash: bytes = b""
    envelope: bytes = b""
    blocks: bytes = b""  # 8-byte hashes, concatenated and sorted


class Poll(SQLModel, table=True):
    """One poll of one feed; the last hundred of each are kept."""

    __table_args__ = (Index("ix_poll_feed_id_polled_at", "feed_id", "polled_at"),)

    id: int | None = id_field()
    feed_id: int = reference("feed.id")
    polled_at: datetime
    status: str  # storage.records.PollStatus
    http_status: int = 0
    error_kind: str = ""
    message: str = ""
    entries: int = 0
    new: int = 0
    size: int = 0  # bytes of the decompressed body
    seconds: float = 0.0


class Subscription(SQLModel, table=True):
    """A feed's subscription at a WebSub hub; `token` is the secret part of the callback's address."""

    feed_id: int = reference("feed.id", primary_key=True)
    token: str = Field(unique=True)
    hub: str
    topic: str
    secret: str
    asked_at: datetime
    confirmed_until: datetime | None = None
    pushed_at: datetime | None = None
    ending_at: datetime | None = None  # when the hub was asked to end it
    error: str = ""


class Host(SQLModel, table=True):
    """What is known of one registrable domain: when it may be asked again, its robots.txt."""

    key: str = Field(primary_key=True)
    not_before: datetime | None = None
    lease_owner: str = ""
    lease_until: datetime | None = None
    crawl_delay: float = 0.0  # seconds, where it is too long to wait in line
    pages_from: datetime | None = None  # none of its pages is asked for before
    robots_txt: str = ""
    robots_status: int = 0
    robots_expires_at: datetime | None = None
