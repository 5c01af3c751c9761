"""How channels do: left alone for a while when their server refuses the login, late, or well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, select

from storage.engine import reading, writing
from storage.notices import close_notices, open_notice, open_notices
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


def note_delay(engine: Engine, channel: str, *, reason: str, now: datetime) -> bool:
    """Open a notice that messages of `channel` wait for long; True when it is new. Raises StorageError."""
    with writing(engine) as connection:
        return open_notice(connection, f"{channel}-delayed", reason, now=now)


def recover_channel(engine: Engine, channel: str, *, now: datetime) -> bool:
    """A message got through: end the channel's pause and close its notices; True when there was one.

    Raises StorageError.
    """
    kinds = [f"{channel}-login", f"{channel}-delayed"]
    with reading(engine) as connection:
        if not any(open_notices(connection, kind) for kind in kinds):
            return False
    with writing(engine) as connection:
        connection.execute(delete(FLAG).where(FLAG.c.name == f"{_PREFIX}{channel}"))
        for kind in kinds:
            close_notices(connection, kind, now=now)
    return True


def channel_pauses(engine: Engine) -> dict[str, datetime]:
    """Until when each paused channel is left alone; times in the past mean: try one. Raises StorageError."""
    query = select(FLAG.c.name, FLAG.c.value).where(FLAG.c.name.startswith(_PREFIX))
    with reading(engine) as connection:
        return {
            name.removeprefix(_PREFIX): datetime.fromisoformat(value)
            for name, value in connection.execute(query)
        }
