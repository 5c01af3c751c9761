"""The service with small jobs; those that need a process of their own are in test_service_process."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from language.errors import HotlineError
from scheduler.job import Job, Plan, in_thread
from scheduler.service import EARLIEST, Every, Service

SOON = timedelta(seconds=0.02)
HOUR = timedelta(hours=1)


class Counter:
    """A step that counts its calls and says when it was called `wanted` times."""

    def __init__(self, wanted: int = 1) -> None:
        self.calls = 0
        self.wanted = wanted
        self.reached = asyncio.Event()

    async def __call__(self, now: datetime) -> bool:
        self.calls += 1
        if self.calls >= self.wanted:
            self.reached.set()
        return False

    async def wait(self) -> None:
        await asyncio.wait_for(self.reached.wait(), 10)


def service(
    *jobs: Job,
    load: Callable[[], Plan] | None = None,
    stop_within: timedelta = timedelta(seconds=10),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    on_reload: Callable[[HotlineError | None], None] = lambda error: None,
) -> Service:
    return Service(load or (lambda: Plan(jobs)), stop_within=stop_within, clock=clock, on_reload=on_reload)


@asynccontextmanager
async def running(made: Service) -> AsyncIterator[asyncio.Task[bool]]:
    task = asyncio.create_task(made.run())
    try:
        yield task
    finally:
        made.stop()
        made.stop()
        await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 10)


async def test_a_job_runs_at_once_and_again_and_again() -> None:
    step = Counter(wanted=3)
    async with running(service(Job("count", SOON, step))):
        await step.wait()


async def test_a_step_that_has_more_to_do_is_called_again_at_once() -> None:
    calls: list[datetime] = []
    done = asyncio.Event()

    async def step(now: datetime) -> bool:
        calls.append(now)
        if len(calls) == 5:
            done.set()
        return len(calls) < 5

    async with running(service(Job("drain", HOUR, step))):
        await asyncio.wait_for(done.wait(), 10)
    assert len(calls) == 5


@pytest.mark.parametrize("error", [ZeroDivisionError("bug"), HotlineError("The disk is full.")])
async def test_a_failing_step_is_told_and_tried_again(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    after = Counter(wanted=3)

    async def step(now: datetime) -> bool:
        await after(now)
        raise error

    with caplog.at_level(logging.ERROR, "scheduler.service"):
        async with running(service(Job("broken", SOON, step))):
            await after.wait()
    assert "broken" in caplog.text


async def test_a_hanging_step_holds_up_no_other_job() -> None:
    other = Counter(wanted=3)

    async def hang(now: datetime) -> bool:
        await asyncio.Event().wait()
        return False

    async with running(service(Job("hang", SOON, hang), Job("other", SOON, other))):
        await other.wait()


async def test_steps_overlap_only_as_often_as_allowed() -> None:
    at_once = 0
    most = 0
    ticks = Counter(wanted=5)

    async def step(now: datetime) -> bool:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await ticks.wait()
        at_once -= 1
        return False

    async with running(service(Job("slow", SOON, step, overlap=2), Job("ticks", SOON, ticks))):
        await ticks.wait()
    assert most == 2


async def test_a_step_under_way_ends_before_the_service_does() -> None:
    started, go_on = asyncio.Event(), asyncio.Event()
    ended = False

    async def step(now: datetime) -> bool:
        nonlocal ended
        started.set()
        await go_on.wait()
        ended = True
        return True

    made = service(Job("send", HOUR, step, stop=go_on.set))
    async with running(made) as task:
        await asyncio.wait_for(started.wait(), 10)
        made.stop()
        assert await asyncio.wait_for(task, 10) is True
    assert ended


async def test_what_has_not_ended_by_the_deadline_is_settled() -> None:
    started = asyncio.Event()
    settled: list[str] = []

    async def hang(now: datetime) -> bool:
        started.set()
        await asyncio.Event().wait()
        return False

    async def settle(now: datetime) -> bool:
        settled.append("given back")
        return False

    made = service(Job("crawl", HOUR, hang, abandon=settle), stop_within=timedelta(seconds=3.1))
    async with running(made) as task:
        await asyncio.wait_for(started.wait(), 10)
        made.stop()
        assert await asyncio.wait_for(task, 10) is False
    assert settled == ["given back"]


async def test_whatever_blocks_the_stop_the_deadline_comes() -> None:
    ended = threading.Event()

    async def close() -> None:
        ended.wait(10)  # blocks the loop itself, as a database does that is gone

    made = Service(lambda: Plan((), close=close), stop_within=timedelta(seconds=0.1), at_deadline=ended.set)
    async with running(made) as task:
        await asyncio.wait_for(made.started.wait(), 10)
        made.stop()
        assert await asyncio.wait_for(task, 5) is True
    assert ended.is_set()


async def test_a_second_stop_does_not_wait() -> None:
    started = asyncio.Event()

    async def hang(now: datetime) -> bool:
        started.set()
        await asyncio.Event().wait()
        return False

    made = service(Job("crawl", HOUR, hang), stop_within=HOUR)
    async with running(made) as task:
        await asyncio.wait_for(started.wait(), 10)
        made.stop()
        made.stop()
        assert await asyncio.wait_for(task, 5) is False


async def test_row_26_ticks_go_on_when_the_clock_was_set_back_by_ten_years() -> None:
    ahead = True
    step = Counter()

    def clock() -> datetime:
        return datetime.now(UTC) + (timedelta(days=3650) if ahead else timedelta(0))

    made = service(Job("count", HOUR, step), clock=clock)
    async with running(made):
        await asyncio.wait_for(made.started.wait(), 10)
        assert step.calls == 0  # nothing is due for ten years
        ahead = False
        made.mend_clock()
        await step.wait()


def test_row_25_a_clock_that_jumps_ahead_by_decades_makes_one_tick() -> None:
    trigger = Every(timedelta(seconds=1))
    now = datetime.now(UTC)
    assert trigger.get_next_fire_time(now - timedelta(days=20_000), now) == now + timedelta(seconds=1)


async def test_row_26_nothing_is_dated_by_a_clock_that_cannot_be_right(
    caplog: pytest.LogCaptureFixture,
) -> None:
    step = Counter()
    looked = asyncio.Event()

    def clock() -> datetime:
        if caplog.records:
            looked.set()
        return EARLIEST - timedelta(days=3650)

    async with running(service(Job("digest", SOON, step), clock=clock)):
        await asyncio.wait_for(looked.wait(), 10)
    assert step.calls == 0
    assert "cannot be: digest waits" in caplog.text


async def test_a_blocking_step_runs_beside_the_loop() -> None:
    def step(now: datetime) -> bool:
        return now > EARLIEST

    assert await in_thread(step)(EARLIEST + HOUR) is True


class Files:
    """A configuration file whose text names the job; `bad` is refused."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "hotline.yaml"
        self.path.write_text("first", encoding="utf-8")
        self.steps: dict[str, Counter] = {"first": Counter(), "second": Counter()}
        self.heard: asyncio.Queue[HotlineError | None] = asyncio.Queue()
        self.loop = asyncio.get_running_loop()

    def load(self) -> Plan:
        name = self.path.read_text(encoding="utf-8")
        if name not in self.steps:
            raise HotlineError("hotline.yaml:1:1: unknown key")
        return Plan((Job(name, SOON, self.steps[name]),), files=(self.path,))

    def service(self) -> Service:
        return service(load=self.load, on_reload=self.tell)

    def tell(self, error: HotlineError | None) -> None:
        self.loop.call_soon_threadsafe(self.heard.put_nowait, error)

    async def hear(self) -> HotlineError | None:
        return await asyncio.wait_for(self.heard.get(), 10)


async def test_row_44_a_changed_configuration_is_taken_up_while_running(tmp_path: Path) -> None:
    files = Files(tmp_path)
    async with running(files.service()):
        await files.steps["first"].wait()
        replacement = tmp_path / "hotline.yaml.new"
        replacement.write_text("second", encoding="utf-8")
        replacement.rename(files.path)
        assert await files.hear() is None
        await files.steps["second"].wait()


async def test_row_44_a_bad_configuration_is_told_and_the_old_one_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = Files(tmp_path)
    async with running(files.service()):
        await files.steps["first"].wait()
        files.path.write_text("bad", encoding="utf-8")
        refused = await files.hear()
        assert refused is not None
        files.steps["first"].reached.clear()
        await files.steps["first"].wait()
    assert "hotline.yaml:1:1" in caplog.text


async def test_a_step_that_never_ends_gives_way_to_the_next_configuration() -> None:
    ends = [asyncio.Event(), asyncio.Event()]
    begun = [asyncio.Event(), asyncio.Event()]
    plans = iter(range(2))

    def load() -> Plan:
        number = next(plans)

        async def endless(now: datetime) -> bool:
            begun[number].set()
            await ends[number].wait()
            return False

        retire = ends[number].set
        return Plan((Job("work", SOON, endless, stop=retire, retire=retire),))

    made = service(load=load)
    async with running(made):
        await asyncio.wait_for(begun[0].wait(), 10)
        await made.reload()
        await asyncio.wait_for(begun[1].wait(), 10)
        assert ends[0].is_set()
        assert not ends[1].is_set()


async def test_a_bad_configuration_at_the_start_ends_the_service() -> None:
    def load() -> Plan:
        raise HotlineError("hotline.yaml:1:1: unknown key")

    with pytest.raises(HotlineError, match="unknown key"):
        await service(load=load).run()
