"""Polls that brought nothing, which is most of them: stored many at a time, in a few statements.

One by one, a 304 costs more in the database and in waking the event loop than on the wire.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from storage import feeds
from storage.records import PollResult

T = TypeVar("T")

LINGER = 0.05  # seconds in which others may join: nobody waits for a poll that brought nothing


class WorkRunner(Protocol):
    """What runs a work in a transaction: storage.writer.Writer."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """The result of `work`, once it is committed."""
        ...


@dataclass(slots=True)
class _Batch:
    """Results that wait for the writer; `stored` gives the ids of the feeds whose fence was right."""

    results: list[PollResult] = field(default_factory=list)
    stored: asyncio.Future[set[int]] | None = None


class QuietPolls:
    """Gathers what arrives within a moment, or while the writer is busy, into one work of the writer."""

    def __init__(self, writer: WorkRunner, *, linger: float = LINGER) -> None:
        self._writer = writer
        self._linger = linger
        self._lock = threading.Lock()  # the loop adds to a batch, the writer's thread closes it
        self._open: _Batch | None = None

    async def save(self, result: PollResult) -> bool:
        """Store a result without entries and memory; False when its fence is not the feed's.

        A failure is one of the whole batch. Raises StorageError.
        """
        batch = self._join(result)
        assert batch.stored is not None
        return result.feed_id in await asyncio.shield(batch.stored)

    def _join(self, result: PollResult) -> _Batch:
        with self._lock:
            if self._open is not None:
                self._open.results.append(result)
                return self._open
            batch = self._open = _Batch([result])
        batch.stored = asyncio.ensure_future(self._write(batch))
        return batch

    async def _write(self, batch: _Batch) -> set[int]:
        await asyncio.sleep(self._linger)
        return await self._writer.run(lambda connection: self._store(connection, batch))

    def _store(self, connection: Connection, batch: _Batch) -> set[int]:
        with self._lock:
            if self._open is batch:
                self._open = None
        return feeds.settle_quietly(connection, batch.results)
