"""The engine for a database URL: SQLite tuned for one writer and many readers, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

from storage.config import StorageConfig
from storage.errors import DatabaseUnreachable, translated

BUSY_TIMEOUT = 30.0  # seconds; a backup or a vacuum of a large file takes less
_PAGE_CACHE = 12_000  # KiB of a SQLite connection: a tenth less CPU for placing an article than with 2,000


def make_engine(config: StorageConfig, *, busy_timeout: float = BUSY_TIMEOUT) -> Engine:
    """An engine for `config`; connects only when first used.

    `busy_timeout`: seconds that SQLite waits for another program's write to end.

    Raises DatabaseUnreachable when the URL cannot be read or names another kind of database.
    """
    with translated():
        url = _with_password(make_url(config.url), config.password_file)
        if url.get_backend_name() == "sqlite":
            return _sqlite(url, busy_timeout)
        if url.get_backend_name() == "postgresql":
            return create_engine(
                url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True
            )
    raise DatabaseUnreachable(
        f"storage.url names {url.get_backend_name()}, which Hotline cannot use.",
        hint="Use sqlite:///FILE or postgresql+psycopg://…",
    )


def _with_password(url: URL, password_file: str) -> URL:
    if not password_file:
        return url
    try:
        return url.set(password=Path(password_file).read_text(encoding="utf-8").strip())
    except OSError as error:
        raise DatabaseUnreachable(
            f"storage.password_file {password_file} cannot be read.", hint="Check the path and permissions."
        ) from error


def _sqlite(url: URL, busy_timeout: float) -> Engine:
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {round(busy_timeout * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA cache_size = -{_PAGE_CACHE}")
        cursor.close()

    # A transaction that reads first and writes later fails at once with SQLITE_BUSY_SNAPSHOT when
    # another writer was faster, whatever the timeout: writers say so when they begin.
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine, *, durable: bool = False) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on any error.

    `durable`: SQLite's commit survives a power cut too (synchronous=FULL); PostgreSQL's always does.
    Raises StorageError.
    """
    with translated(), engine.connect() as connection:
        connection = connection.execution_options(writing=True)
        full = durable and connection.dialect.name == "sqlite"
        if full:
            connection.connection.cursor().execute("PRAGMA synchronous = FULL")
        try:
            with connection.begin():
                yield connection
        finally:
            if full:
                connection.connection.cursor().execute("PRAGMA synchronous = NORMAL")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view for reading; nothing done in it is kept. Raises StorageError."""
    with translated(), engine.connect() as connection:
        yield connection
