"""The one writer of a process: a thread that stores what piles up in one transaction after another.

Twenty-five times the rate of an ORM session on the event loop, and the loop never waits for a disk.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.engine import writing
from storage.errors import DatabaseLocked, DatabaseUnreachable, classify

T = TypeVar("T")
log = logging.getLogger(__name__)

PATIENCE = 300.0  # longer than a restart of PostgreSQL or a backup that locks SQLite
_PAUSE = 0.2
_GROUP = 256  # works in one transaction at most, so that no caller waits for long


@dataclass(slots=True)
class _Work:
    """One caller's writes and the future that gets their result."""

    run: Callable[[Connection], Any]
    durable: bool
    done: Future[Any]


class Writer:
    """Runs functions of a connection, each in a SAVEPOINT, many in one transaction (group commit).

    A result is given out only after the commit. A work that raises loses its own writes alone; while
    the database is locked or away the whole group is tried again, so works must depend on the
    database only.
    """

    def __init__(self, engine: Engine, *, patience: float = PATIENCE) -> None:
        """`patience`: seconds of tries while the database is locked or its server is away."""
        self._engine = engine
        self._patience = patience
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="hotline-writer", daemon=True)

    def start(self) -> None:
        """Start the thread; nothing is read or written before the first work."""
        self._thread.start()

    def close(self) -> None:
        """Store what is queued, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    async def run(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        """Run `work` in the writer's transaction and return its result once committed.

        Raises what `work` raises, or StorageError when the transaction could not be committed.
        """
        return await asyncio.wrap_future(self.submit(work, durable=durable))

    def submit(self, work: Callable[[Connection], T], *, durable: bool = False) -> Future[T]:
        """As `run`, for callers outside an event loop."""
        done: Future[T] = Future()
        self._queue.put(_Work(work, durable, done))
        return done

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = self._gather(first)
            self._store(group)
            if last:
                return

    def _gather(self, first: _Work) -> tuple[list[_Work], bool]:
        group = [first]
        while len(group) < _GROUP:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                return group, False
            if work is None:
                return group, True
            group.append(work)
        return group, False

    def _store(self, group: list[_Work]) -> None:
        live = [work for work in group if work.done.set_running_or_notify_cancel()]
        try:
            outcomes = self._persist(live)
        except Exception as error:  # the pipeline's edge: recorded in every caller's future
            for work in live:
                work.done.set_exception(error)
            return
        for work, (result, failure) in zip(live, outcomes, strict=True):
            if failure is None:
                work.done.set_result(result)
            else:
                work.done.set_exception(failure)

    def _persist(self, group: list[_Work]) -> list[tuple[Any, Exception | None]]:
        """Try again while another program holds the database or its server restarts."""
        give_up = time.monotonic() + self._patience
        while True:
            try:
                return self._transact(group)
            except (DatabaseLocked, DatabaseUnreachable) as error:
                if time.monotonic() >= give_up:
                    raise
                log.warning("Waiting for the database: %s", error.message)
                time.sleep(_PAUSE)

    def _transact(self, group: list[_Work]) -> list[tuple[Any, Exception | None]]:
        with writing(self._engine, durable=any(work.durable for work in group)) as connection:
            return [self._attempt(connection, work) for work in group]

    def _attempt(self, connection: Connection, work: _Work) -> tuple[Any, Exception | None]:
        savepoint = connection.begin_nested()
        try:
            result = work.run(connection)
            savepoint.commit()
        except Exception as error:
            if isinstance(error, DBAPIError) and _ends_the_group(connection, error):
                raise
            savepoint.rollback()
            return None, error
        return result, None


def _ends_the_group(connection: Connection, error: DBAPIError) -> bool:
    """True when the database failed and not the work: no savepoint is left to go back to."""
    if error.connection_invalidated or classify(error) is not None:
        return True
    raw = connection.connection.driver_connection
    return connection.dialect.name == "sqlite" and not getattr(raw, "in_transaction", True)
