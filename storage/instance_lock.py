"""One service per database: an exclusive lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from language.errors import HotlineError
from storage.errors import DatabaseUnreachable, translated

_ADVISORY_KEY = 0x486F746C696E65  # "Hotline"


class AlreadyRunning(HotlineError):
    """Another service holds the database."""

    code: ClassVar[str] = "already-running"

    def __init__(self, holder: str) -> None:
        super().__init__(
            f"Another hotline service already runs on this database ({holder}).",
            hint="Stop it first. Crawls and digests by hand may run beside a service.",
        )
        self.holder = holder


@contextmanager
def instance_lock(engine: Engine) -> Iterator[None]:
    """Hold the database as its only service.

    SQLite: an flock on a file beside the database, which holds the process id. PostgreSQL: an
    advisory lock of a session that names host and process.

    Raises AlreadyRunning, naming the holder, and StorageError.
    """
    held = _on_postgres(engine) if engine.dialect.name == "postgresql" else _on_file(_lock_path(engine))
    with held:
        yield


def lock_holder(engine: Engine) -> str:
    """Who holds the database as its service, or "" when none runs. Raises StorageError."""
    if engine.dialect.name == "postgresql":
        with translated(), engine.connect() as connection:
            found = _holding_session(connection)
            return _described(found) if found is not None else ""
    path = _lock_path(engine)
    if path is None or not path.exists():
        return ""
    with _opened(path) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(descriptor)
    return ""


def _lock_path(engine: Engine) -> Path | None:
    database = engine.url.database
    return Path(f"{database}-service") if database and database != ":memory:" else None


@contextmanager
def _on_file(path: Path | None) -> Iterator[None]:
    if path is None:  # a database in memory has no second user
        yield
        return
    with _opened(path) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(_read_holder(descriptor)) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
        yield


def _read_holder(descriptor: int) -> str:
    return os.pread(descriptor, 100, 0).decode("ascii", "replace").strip() or "process unknown"


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseUnreachable(
            f"The lock file {path} cannot be opened: {error.strerror}.",
            hint="Check that its folder exists and can be written.",
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _on_postgres(engine: Engine) -> Iterator[None]:
    with translated(), engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        name = f"hotline service, process {os.getpid()} on {socket.gethostname()}"
        connection.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name[:63]})
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}).scalar():
            raise AlreadyRunning(_described(_holding_session(connection)))
        try:
            yield
        finally:
            with suppress(DBAPIError):  # a session that broke has lost the lock already
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
                connection.execute(text("RESET application_name"))


def _holding_session(connection: Connection) -> str | None:
    query = text(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
        "AND (l.classid::bigint << 32) | l.objid::bigint = :key "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    found = connection.execute(query, {"key": _ADVISORY_KEY}).scalar()
    return None if found is None else str(found)


def _described(session: str | None) -> str:
    return (session or "").removeprefix("hotline service, ") or "process unknown"
