"""Readers: who gets which digest, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, or_, select, update

from storage.outbox import suppress
from storage.tables.core import READER, SUPPRESSION
from storage.upsert import insert

UNSUBSCRIBED = "unsubscribed by link"
_LONG_AWAY = timedelta(hours=24)


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


def unsubscribe(connection: Connection, *, digest: str, address: str, now: datetime) -> None:
    """Send `digest` to `address` no more, mails that already wait included."""
    suppress(connection, address, reason=UNSUBSCRIBED, now=now, digest=digest)


def subscribe_again(connection: Connection, *, digest: str, address: str, now: datetime) -> None:
    """Take an unsubscribing back; who was away for more than a day starts now, like a new reader.

    Other reasons not to write to an address, such as a bounce, stay.
    """
    mine = and_(
        SUPPRESSION.c.address == address,
        SUPPRESSION.c.digest == digest,
        SUPPRESSION.c.reason == UNSUBSCRIBED,
    )
    left = connection.execute(delete(SUPPRESSION).where(mine).returning(SUPPRESSION.c.since)).scalar()
    if left is not None and now - left > _LONG_AWAY:
        row = and_(READER.c.digest == digest, READER.c.address == address)
        connection.execute(update(READER).where(row).values(since=now))
