"""What the database can do to us, each a row of the fault table; times are scaled, shipped ones pinned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Connection, Engine, insert

from storage.config import StorageConfig
from storage.engine import BUSY_TIMEOUT, make_engine, writing
from storage.errors import DatabaseLocked, DiskFull
from storage.migrations import upgrade
from storage.tables.core import FLAG
from storage.writer import PATIENCE, Writer
from tests.databases import PostgresServer
from tests.storage.crawls import count


def _raise_flag(connection: Connection, name: str, now: datetime, value: str = "") -> None:
    connection.execute(insert(FLAG).values(name=name, value=value, since=now))


def _running(engine: Engine, *, patience: float = PATIENCE) -> Writer:
    writer = Writer(engine, patience=patience)
    writer.start()
    return writer


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database whose lock is waited for only a moment at a time."""
    engine = make_engine(StorageConfig(url=f"sqlite:///{tmp_path / 'hotline.db'}"), busy_timeout=0.05)
    upgrade(engine)
    yield engine
    engine.dispose()


def test_row_21_a_write_waits_while_another_program_holds_the_database(
    impatient: Engine, now: datetime
) -> None:
    writer = _running(impatient)
    with writing(impatient):
        stored = writer.submit(lambda connection: _raise_flag(connection, "late", now))
        with pytest.raises(TimeoutError):
            stored.result(timeout=0.3)
    stored.result(timeout=10)
    writer.close()
    assert count(impatient, FLAG) == 1


def test_row_21_a_lock_that_never_ends_is_told_in_one_sentence(impatient: Engine, now: datetime) -> None:
    writer = _running(impatient, patience=0)
    with writing(impatient), pytest.raises(DatabaseLocked, match="Another program writes"):
        writer.submit(lambda connection: _raise_flag(connection, "never", now)).result(timeout=10)
    writer.close()


def test_the_shipped_waits_outlast_a_lock_of_forty_seconds() -> None:
    assert BUSY_TIMEOUT == 30
    assert PATIENCE == 300


def test_row_18_a_full_disk_loses_nothing_that_was_stored(sqlite: Engine, now: datetime) -> None:
    with writing(sqlite) as connection:
        _raise_flag(connection, "before", now)
    with sqlite.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    writer = _running(sqlite)
    with pytest.raises(DiskFull, match="Free some space"):
        writer.submit(lambda connection: _raise_flag(connection, "big", now, "x" * 2**20)).result(timeout=10)
    with sqlite.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    writer.submit(lambda connection: _raise_flag(connection, "after", now)).result(timeout=10)
    writer.close()
    assert count(sqlite, FLAG) == 2


def test_row_24_a_restart_of_postgresql_in_the_middle_is_outlived(now: datetime) -> None:
    with TemporaryDirectory(prefix="hotline-postgres-") as folder:
        server = PostgresServer(Path(folder))
        writer = _running(server.engine)
        writer.submit(lambda connection: _raise_flag(connection, "before", now)).result(timeout=10)
        server.restart()
        writer.submit(lambda connection: _raise_flag(connection, "after", now)).result(timeout=30)
        writer.close()
        assert count(server.engine, FLAG) == 2
        server.stop()
