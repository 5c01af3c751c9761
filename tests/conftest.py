"""Fixtures that every room uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine

from storage.writer import Writer
from tests.databases import PostgresServer, sqlite_engine

_REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded and labelled material; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("HOTLINE_SHARED", _REPOSITORY.parent / "shared"))
    if not (folder / "gold").is_dir():
        pytest.skip(f"no recorded material at {folder}; set HOTLINE_SHARED to its folder")
    return folder


@pytest.fixture
def now() -> datetime:
    """A Thursday noon; the clock of most tests."""
    return datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL for the session; in a folder of its own, since other test runs that start
    meanwhile remove pytest's older ones."""
    with TemporaryDirectory(prefix="hotline-postgres-") as folder:
        server = PostgresServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated database of each kind: a test that takes it runs on both."""
    if request.param == "postgresql":
        yield from request.getfixturevalue("postgres").database()
        return
    made = sqlite_engine(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated SQLite database, for tests where the kind does not matter."""
    made = sqlite_engine(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    """A running writer on `engine`."""
    made = Writer(engine)
    made.start()
    yield made
    made.close()
