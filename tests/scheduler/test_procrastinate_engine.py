"""The port on a real PostgreSQL: the promises of the local engine, between processes that may die."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import make_url, text

from scheduler.port import Handler, JobEngine, LocalEngine
from scheduler.procrastinate_engine import ProcrastinateEngine, QueueUnreachable
from tests.databases import PostgresServer

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def uri(postgres: PostgresServer) -> str:
    """The queue's database, without jobs that another test left."""
    with postgres.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS hotline_jobs CASCADE"))
    return make_url(postgres.url).set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def opened(uri: str) -> AsyncIterator[ProcrastinateEngine]:
    engine = ProcrastinateEngine(uri, heartbeat=0.3, stalled_after=2.0, grace=5.0)
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def working(engine: JobEngine, handler: Handler, *, at_once: int = 1) -> AsyncIterator[None]:
    worker = asyncio.create_task(engine.run_worker(handler, at_once=at_once))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


def engine_is_an_engine(engine: ProcrastinateEngine, local: LocalEngine) -> tuple[JobEngine, JobEngine]:
    """Checked by the type checker."""
    return engine, local


async def test_a_number_that_waits_is_not_queued_twice_and_a_failing_one_ends_alone(uri: str) -> None:
    seen: list[int] = []
    done = asyncio.Event()

    async def handler(number: int) -> None:
        seen.append(number)
        if number == 3:
            raise ZeroDivisionError
        done.set()

    async with opened(uri) as engine, opened(uri) as other:
        for number in (3, 3, 4):
            await engine.enqueue(number)
            await other.enqueue(number)
        async with working(engine, handler):
            await asyncio.wait_for(done.wait(), 20)
    assert seen == [3, 4]


async def test_a_number_that_is_rung_for_while_it_is_worked_on_is_worked_on_again(uri: str) -> None:
    running = 0
    seen: list[int] = []
    done = asyncio.Event()

    async def handler(number: int) -> None:
        nonlocal running
        running += 1
        assert running == 1  # never twice at a time, though two may run at once
        seen.append(number)
        if len(seen) == 1:
            await engine.enqueue(number)
        else:
            done.set()
        running -= 1

    async with opened(uri) as engine:
        await engine.enqueue(3)
        async with working(engine, handler, at_once=2):
            await asyncio.wait_for(done.wait(), 20)
    assert seen == [3, 3]


async def test_a_worker_that_is_cancelled_ends_what_it_has_in_hand(uri: str) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    ended: list[int] = []

    async def handler(number: int) -> None:
        begun.set()
        await go_on.wait()
        ended.append(number)

    async with opened(uri) as engine:
        await engine.enqueue(1)
        worker = asyncio.create_task(engine.run_worker(handler))
        await asyncio.wait_for(begun.wait(), 20)
        worker.cancel()
        asyncio.get_running_loop().call_soon(go_on.set)
        await asyncio.gather(worker, return_exceptions=True)
    assert ended == [1]


async def test_of_two_workers_one_is_killed_and_its_job_is_rung_for_again(uri: str) -> None:
    """The dead one's job is failed, not retried; the other goes on meanwhile, and gets it in the end."""
    command = [sys.executable, "-m", "tests.scheduler.crawl_worker", uri]
    pipe = asyncio.subprocess.PIPE
    doomed = await asyncio.create_subprocess_exec(*command, "--hold", stdout=pipe)
    async with opened(uri) as bells:
        await bells.enqueue(7)
        assert await line_of(doomed) == "begin 7"
        heir = await asyncio.create_subprocess_exec(*command, stdout=pipe)
        try:
            await bells.enqueue(7)  # waits behind the one that runs
            doomed.kill()
            await doomed.wait()
            await bells.enqueue(8)
            assert [await line_of(heir), await line_of(heir)] == ["begin 8", "end 8"]
            await bells.enqueue(7)  # the next tick, which the waiting one makes needless
            assert [await line_of(heir), await line_of(heir)] == ["begin 7", "end 7"]
            await bells.enqueue(7)
            assert [await line_of(heir), await line_of(heir)] == ["begin 7", "end 7"]
        finally:
            heir.terminate()
            await heir.wait()


async def line_of(worker: asyncio.subprocess.Process) -> str:
    assert worker.stdout is not None
    return (await asyncio.wait_for(worker.stdout.readline(), 40)).decode().strip()


async def test_a_database_that_is_gone_is_one_sentence() -> None:
    engine = ProcrastinateEngine("postgresql://127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(QueueUnreachable, match="cannot be reached"):
        await engine.enqueue(1)
    await engine.close()
