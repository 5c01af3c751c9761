"""A consistent copy of the whole database while it is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.engine import URL

from storage.engine import reading
from storage.errors import StorageError


def backup(engine: Engine, target: Path) -> None:
    """Write a copy of the database to `target`, which must not hold anything to be kept.

    SQLite: a database file, made page by page, so that writers go on meanwhile. PostgreSQL: an archive
    for pg_restore, made by pg_dump. Raises StorageError; `target` may hold a part then.
    """
    if engine.dialect.name == "sqlite":
        _copy_sqlite(engine, target)
    else:
        _dump_postgresql(engine.url, target)


def _copy_sqlite(engine: Engine, target: Path) -> None:
    with reading(engine) as connection:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        copy = sqlite3.connect(target)
        try:
            source.backup(copy)
        except sqlite3.OperationalError as error:
            hint = "Check the folder and its free space."
            raise StorageError(f"The copy could not be written: {error}.", hint=hint) from error
        finally:
            copy.close()


def _dump_postgresql(url: URL, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StorageError(
            "pg_dump is not installed, and only it makes a consistent copy of a PostgreSQL database.",
            hint="Install PostgreSQL's client programs, or run pg_dump on the server.",
        )
    plain = make_url(url).set(drivername="postgresql", password=None)
    environment = {**os.environ, "PGPASSWORD": url.password or ""}
    command = [program, "--format=custom", f"--file={target}", plain.render_as_string(hide_password=False)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise StorageError(
            f"pg_dump failed: {lines[-1].rstrip('.')}.", hint="Its version must be the server's."
        )
