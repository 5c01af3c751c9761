"""The port over Procrastinate: jobs in the PostgreSQL that holds the data, workers on any machine.

A job holds a lock and a queueing lock of its number, so one runs and one waits at most. What a worker left
behind that died is failed, never retried: a retry meets the queueing lock of the job that the next tick
has rung for, and both stand still for ever (procrastinate#1446). The next tick is the retry.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.schema import SchemaManager
from psycopg.conninfo import make_conninfo

from language.errors import HotlineError
from scheduler.port import Handler

log = logging.getLogger(__name__)

_SCHEMA = "hotline_jobs"  # apart from the data, which has migrations of its own
_QUEUE = "crawls"
_HEARTBEAT = 10.0  # seconds
_STALLED = 60.0  # seconds without a heartbeat; less calls a busy machine dead
_GRACE = 20.0  # seconds for jobs in hand, when a worker is to end


class QueueUnreachable(HotlineError):
    """The database of the queue does not answer."""

    code = "queue-unreachable"


class ProcrastinateEngine:
    """See scheduler.port.JobEngine. `uri` is libpq's; `close` ends the connections."""

    def __init__(
        self,
        uri: str,
        *,
        heartbeat: float = _HEARTBEAT,
        stalled_after: float = _STALLED,
        grace: float = _GRACE,
    ) -> None:
        self._conninfo = make_conninfo(uri, options=f"-c search_path={_SCHEMA}")
        self._heartbeat = heartbeat
        self._stalled_after = stalled_after
        self._grace = grace
        self._app = App(connector=PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=8))
        self._job = self._app.task(name="crawl", queue=_QUEUE)(self._work)
        self._handler: Handler | None = None
        self._opening = asyncio.Lock()
        self._opened = AsyncExitStack()
        self._is_open = False

    async def enqueue(self, number: int) -> None:
        """See JobEngine.enqueue. Raises QueueUnreachable."""
        await self._open()
        lock = f"crawl:{number}"
        try:
            await self._job.configure(lock=lock, queueing_lock=lock).defer_async(number=number)
        except AlreadyEnqueued:
            pass
        except ConnectorException as error:
            raise QueueUnreachable("The queue of crawls cannot be reached.") from error

    async def run_worker(self, handler: Handler, *, at_once: int = 1) -> None:
        """See JobEngine.run_worker; jobs in hand have 20 seconds to end. Raises QueueUnreachable."""
        await self._open()
        self._handler = handler
        janitor = asyncio.create_task(self._fail_stalled())
        try:
            await self._app.run_worker_async(
                queues=[_QUEUE],
                concurrency=at_once,
                install_signal_handlers=False,
                shutdown_graceful_timeout=self._grace,
                update_heartbeat_interval=self._heartbeat,
                stalled_worker_timeout=self._stalled_after,
                delete_jobs=DeleteJobCondition.ALWAYS,
            )
        except ConnectorException as error:
            raise QueueUnreachable("The queue of crawls cannot be reached.") from error
        finally:
            janitor.cancel()
            await asyncio.gather(janitor, return_exceptions=True)

    async def close(self) -> None:
        """End the connections."""
        self._is_open = False
        await self._opened.aclose()

    async def _work(self, number: int) -> None:
        assert self._handler is not None, "run_worker sets it"
        try:
            await self._handler(number)
        except Exception:  # the job's edge
            log.exception("working on job %d failed", number)

    async def _fail_stalled(self) -> None:
        """End the jobs of workers that died, so that their numbers can be rung for again."""
        while True:
            try:
                await self._fail_once()
            except ConnectorException as error:
                log.warning("stalled jobs could not be looked for: %s", error)
            await asyncio.sleep(self._stalled_after / 2)

    async def _fail_once(self) -> None:
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=self._stalled_after):
            if job.id is not None:
                log.warning("a worker died over job %s; what it left is rung for again", job.task_kwargs)
                await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
        await manager.prune_stalled_workers(self._stalled_after)

    async def _open(self) -> None:
        async with self._opening:
            if self._is_open:
                return
            try:
                await asyncio.to_thread(_make_tables, self._conninfo)
                await self._opened.enter_async_context(self._app.open_async())
            except (psycopg.Error, ConnectorException) as error:
                raise QueueUnreachable("The queue of crawls cannot be reached.") from error
            self._is_open = True


def _make_tables(conninfo: str) -> None:
    """Make Procrastinate's tables where they are missing; of many who come at once, one does."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('hotline_jobs'))")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
        there = connection.execute("SELECT to_regclass('procrastinate_jobs') IS NOT NULL").fetchone()
        if there == (False,):
            connection.execute(SchemaManager.get_schema().encode())
