from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from scheduler.port import SHARDS, Handler, LocalEngine, shard_of


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
