from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.exc import IntegrityError

from storage.engine import reading
from storage.tables import Flag
from storage.writer import Writer


def _flags(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(Flag)).scalar_one()


async def test_works_that_pile_up_are_all_stored(writer: Writer, engine: Engine, now: datetime) -> None:
    def store(connection: Connection, name: str) -> str:
        connection.execute(insert(Flag).values(name=name, value="", since=now))
        return name

    names = [f"flag-{n}" for n in range(600)]
    stored = await asyncio.gather(*(writer.run(lambda c, n=n: store(c, n)) for n in names))  # type: ignore[misc]
    assert stored == names
    assert _flags(engine) == 600


async def test_one_bad_work_fails_alone(writer: Writer, engine: Engine, now: datetime) -> None:
    def store(connection: Connection) -> None:
        connection.execute(insert(Flag).values(name="same", value="", since=now))

    outcomes = await asyncio.gather(*(writer.run(store) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), IntegrityError, IntegrityError]
    assert _flags(engine) == 1


async def test_a_work_that_raises_leaves_nothing_behind(
    writer: Writer, engine: Engine, now: datetime
) -> None:
    def half(connection: Connection) -> None:
        connection.execute(insert(Flag).values(name="half", value="", since=now))
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        await writer.run(half)
    assert _flags(engine) == 0


async def test_closing_stores_what_is_queued(engine: Engine, now: datetime) -> None:
    writer = Writer(engine)
    futures = [
        writer.submit(lambda c, n=n: c.execute(insert(Flag).values(name=str(n), value="", since=now)))  # type: ignore[misc]
        for n in range(20)
    ]
    writer.start()
    writer.close()
    assert all(future.done() for future in futures)
    assert _flags(engine) == 20
