"""What readers and the operator should be told once: opened, told, and closed when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.tables.core import NOTICE

CONFIG_REJECTED = "config-rejected"  # the kind of the notice that a changed configuration is wrong


def open_notice(
    connection: Connection, kind: str, message: str, *, now: datetime, feed_id: int | None = None
) -> bool:
    """Open a notice of `kind` (about `feed_id`) unless one is open; True when it is new."""
    same = (NOTICE.c.kind == kind, NOTICE.c.feed_id.is_not_distinct_from(feed_id))
    if connection.execute(select(NOTICE.c.id).where(*same, NOTICE.c.ended_at.is_(None))).first():
        return False
    connection.execute(insert(NOTICE).values(kind=kind, message=message, feed_id=feed_id, raised_at=now))
    return True


def close_notices(connection: Connection, kind: str, *, now: datetime, feed_id: int | None = None) -> bool:
    """Close the open notices of `kind` (about `feed_id`); True when there was one."""
    same = (NOTICE.c.kind == kind, NOTICE.c.feed_id.is_not_distinct_from(feed_id))
    open_ones = update(NOTICE).where(*same, NOTICE.c.ended_at.is_(None))
    return connection.execute(open_ones.values(ended_at=now)).rowcount > 0


def open_notices(connection: Connection, kind: str) -> list[str]:
    """The messages of the open notices of `kind`, oldest first."""
    query = select(NOTICE.c.message).where(NOTICE.c.kind == kind, NOTICE.c.ended_at.is_(None))
    return list(connection.execute(query.order_by(NOTICE.c.raised_at, NOTICE.c.id)).scalars())


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """Something that is wrong with the service itself, since `raised_at`."""

    id: int
    kind: str
    message: str
    raised_at: datetime


def service_notices(connection: Connection) -> list[OpenNotice]:
    """The open notices that are about no single feed, oldest first."""
    shown = [NOTICE.c[name] for name in OpenNotice.__slots__]
    query = select(*shown).where(NOTICE.c.feed_id.is_(None), NOTICE.c.ended_at.is_(None))
    rows = connection.execute(query.order_by(NOTICE.c.raised_at, NOTICE.c.id))
    return [OpenNotice(**row._mapping) for row in rows]
