from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine

from storage.tables import Flag
from storage.unit_of_work import UnitOfWork


def _stored(engine: Engine) -> Flag | None:
    with UnitOfWork(engine) as work:
        return work.session.get(Flag, "f")


def test_rolls_back_unless_told_to_commit(engine: Engine, now: datetime) -> None:
    with UnitOfWork(engine) as work:
        work.session.add(Flag(name="f", since=now))
        work.session.flush()
    assert _stored(engine) is None


def test_commits_when_told_and_gives_aware_times_back(engine: Engine, now: datetime) -> None:
    with UnitOfWork(engine) as work:
        work.session.add(Flag(name="f", since=now))
        work.commit()
    found = _stored(engine)
    assert found is not None
    assert found.since == now
    assert found.since.tzinfo is not None


def test_rolls_back_on_an_error(engine: Engine, now: datetime) -> None:
    def fail() -> None:
        with UnitOfWork(engine) as work:
            work.session.add(Flag(name="f", since=now))
            work.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _stored(engine) is None
