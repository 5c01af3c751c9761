from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from scheduler.port import Handler, LocalEngine
from storage.shards import SHARDS, shard_of


async def test_a_shard_that_waits_is_not_queued_twice() -> None:
    engine = LocalEngine()
    for shard in (3, 3, 7, 3):
        await engine.enqueue(shard)
    assert await _work(engine, expected=2) == [3, 7]


async def test_a_shard_that_comes_due_while_it_is_worked_on_is_worked_on_again() -> None:
    engine = LocalEngine()
    await engine.enqueue(3)
    seen: list[int] = []
    done = asyncio.Event()

    async def handler(shard: int) -> None:
        seen.append(shard)
        if len(seen) == 1:
            await engine.enqueue(shard)
        else:
            done.set()

    await _until(done, engine, handler)
    assert seen == [3, 3]


async def test_jobs_run_side_by_side_but_never_one_twice() -> None:
    engine = LocalEngine()
    running: list[int] = []
    most: list[int] = []
    done = asyncio.Event()

    async def handler(shard: int) -> None:
        running.append(shard)
        assert running.count(shard) == 1
        most.append(len(running))
        await engine.enqueue(1)
        await asyncio.sleep(0)
        running.remove(shard)
        if len(most) >= 9:
            done.set()

    for shard in range(5):
        await engine.enqueue(shard)
    worker = asyncio.create_task(engine.run_worker(handler, at_once=3))
    await asyncio.wait_for(done.wait(), 5)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert max(most) == 3


async def test_a_worker_that_is_cancelled_ends_what_it_has_in_hand() -> None:
    engine = LocalEngine()
    begun, go_on = asyncio.Event(), asyncio.Event()
    ended: list[int] = []

    async def handler(shard: int) -> None:
        begun.set()
        await go_on.wait()
        ended.append(shard)

    await engine.enqueue(1)
    await engine.enqueue(2)
    worker = asyncio.create_task(engine.run_worker(handler))
    await asyncio.wait_for(begun.wait(), 5)
    worker.cancel()
    go_on.set()
    await asyncio.gather(worker, return_exceptions=True)
    assert ended == [1]


async def test_a_failing_job_does_not_end_the_worker() -> None:
    engine = LocalEngine()
    await engine.enqueue(1)
    await engine.enqueue(2)
    done = asyncio.Event()

    async def handler(shard: int) -> None:
        if shard == 1:
            raise ZeroDivisionError
        done.set()

    await _until(done, engine, handler)


@given(st.text(), st.integers(1, 1024))
def test_a_host_always_has_the_same_shard(host: str, shards: int) -> None:
    assert shard_of(host, shards=shards) == shard_of(host, shards=shards) < shards


def test_shards_do_not_change_between_releases() -> None:
    assert (SHARDS, shard_of("example.org"), shard_of("example.com")) == (256, 181, 102)


async def _work(engine: LocalEngine, *, expected: int) -> list[int]:
    seen: list[int] = []
    done = asyncio.Event()

    async def handler(shard: int) -> None:
        seen.append(shard)
        if len(seen) == expected:
            done.set()

    await _until(done, engine, handler)
    return seen


async def _until(done: asyncio.Event, engine: LocalEngine, handler: Handler) -> None:
    worker = asyncio.create_task(engine.run_worker(handler))
    await asyncio.wait_for(done.wait(), 5)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
