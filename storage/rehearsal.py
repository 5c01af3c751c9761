"""A crawl that keeps nothing: the same works as a real one, each rolled back when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Connection

from storage.crawl_database import CrawlDatabase
from storage.records import PollResult, Settlement
from storage.writer import Writer

T = TypeVar("T")


class RehearsalDatabase(CrawlDatabase):
    """As CrawlDatabase, but nothing stays: not even the claims, so one rehearsal claims once."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(_RollingBack(writer))

    async def save_poll(self, result: PollResult) -> Settlement | None:
        """How the poll would have ended."""
        return await super().save_poll(_as_unclaimed(result))

    async def save_quiet_polls(self, results: Sequence[PollResult]) -> Mapping[int, Settlement]:
        """How they would have ended."""
        return await super().save_quiet_polls([_as_unclaimed(result) for result in results])


def _as_unclaimed(result: PollResult) -> PollResult:
    """The claim that raised the fence was rolled back with everything else."""
    return replace(result, fence=result.fence - 1)


class _RollingBack:
    """A writer whose works leave nothing behind."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await self._writer.run(lambda connection: _undone(connection, work))


def _undone(connection: Connection, work: Callable[[Connection], T]) -> T:
    savepoint = connection.begin_nested()
    try:
        return work(connection)
    finally:
        savepoint.rollback()
