"""Shards of the work: hosts dealt out, so that workers, or machines, keep out of each other's way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, select

from storage.tables.core import FEED, PAGE

SHARDS = 256  # that rows are stamped with; fewer are made of them by the remainder


def shard_of(host_key: str, *, shards: int = SHARDS) -> int:
    """The shard of a registrable domain: the same on every machine and in every release."""
    digest = hashlib.blake2b(host_key.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % shards


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` shards, which divides SHARDS."""

    number: int
    of: int

    def holds(self, stamp: Column[int]) -> ColumnElement[bool]:
        """The condition that a row belongs to this shard."""
        return stamp % self.of == self.number


def due_feed_shards(connection: Connection, *, of: int, now: datetime) -> list[int]:
    """The shards in which a feed is due; its host may still want to be left alone."""
    number = FEED.c.shard % of
    due = (FEED.c.active, FEED.c.paused_at.is_(None), FEED.c.next_check_at <= now)
    return sorted(connection.execute(select(number).where(*due).distinct()).scalars())


def due_page_shards(connection: Connection, *, of: int, now: datetime) -> list[int]:
    """The shards in which a page is wanted now."""
    number = PAGE.c.shard % of
    return sorted(connection.execute(select(number).where(PAGE.c.next_fetch_at <= now).distinct()).scalars())
