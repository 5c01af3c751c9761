"""Readers: who gets which digest, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, or_, select

from storage.tables.core import READER, SUPPRESSION
from storage.upsert import insert


def sync_readers(connection: Connection, wanted: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Register (digest, address) pairs; a new one starts at `now`, a known one keeps its start.

    One that leaves the configuration keeps its row too: if it comes back, it is not a new reader.
    """
    rows = [{"digest": digest, "address": address, "since": now} for digest, address in wanted]
    if rows:
        connection.execute(insert(connection, READER).on_conflict_do_nothing(), rows)


def reader_since(connection: Connection, *, digest: str, address: str) -> datetime | None:
    """When the reader of this digest began; None for one never registered."""
    query = select(READER.c.since).where(READER.c.digest == digest, READER.c.address == address)
    found = connection.execute(query).first()
    return None if found is None else found.since


def is_unsubscribed(connection: Connection, *, digest: str, address: str) -> bool:
    """True when this digest, or anything at all, must not be sent to `address`."""
    query = select(SUPPRESSION.c.address).where(
        SUPPRESSION.c.address == address, or_(SUPPRESSION.c.digest == "", SUPPRESSION.c.digest == digest)
    )
    return connection.execute(query.limit(1)).first() is not None
