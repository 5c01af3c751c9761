"""Channels that are left alone for a while: their server refuses the login of this service."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, select

from storage.engine import reading, writing
from storage.notices import close_notices, open_notice
from storage.tables.core import FLAG

_PREFIX = "paused:"


def pause_channel(engine: Engine, channel: str, *, until: datetime, reason: str, now: datetime) -> bool:
    """Leave `channel` alone until `until`; True when this is news, for which one notice is opened.

    Raises StorageError.
    """
    with writing(engine, durable=True) as connection:
        name = f"{_PREFIX}{channel}"
        connection.execute(delete(FLAG).where(FLAG.c.name == name))
        connection.execute(FLAG.insert().values(name=name, value=until.isoformat(), since=now))
        return open_notice(connection, f"{channel}-login", reason, now=now)


def resume_channel(engine: Engine, channel: str, *, now: datetime) -> bool:
    """Use `channel` again and close its notice; True when it was paused. Raises StorageError."""
    with writing(engine) as connection:
        gone = connection.execute(delete(FLAG).where(FLAG.c.name == f"{_PREFIX}{channel}"))
        close_notices(connection, f"{channel}-login", now=now)
        return gone.rowcount > 0


def channel_pauses(engine: Engine) -> dict[str, datetime]:
    """Until when each paused channel is left alone; times in the past mean: try one. Raises StorageError."""
    query = select(FLAG.c.name, FLAG.c.value).where(FLAG.c.name.startswith(_PREFIX))
    with reading(engine) as connection:
        return {
            name.removeprefix(_PREFIX): datetime.fromisoformat(value)
            for name, value in connection.execute(query)
        }
