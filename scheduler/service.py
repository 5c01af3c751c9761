"""The service: ticks on one event loop, a configuration that can change, and an orderly end.

APScheduler is only the tick. What is due stands in the database, so a tick that comes late, twice or
not at all changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from language.errors import HotlineError
from scheduler.job import Job, Plan
from scheduler.watch import changes

log = logging.getLogger(__name__)

EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)  # when this was written: no right clock shows less
_SETTLE = 3.0  # seconds of the stop that are kept for what has to be given back
_PULSE = 30.0  # seconds, by the monotonic clock, between two looks at the other one


class Every(BaseTrigger):  # type: ignore[misc]
    """A tick an `interval` after the last one was due or done.

    APScheduler's own IntervalTrigger lists every tick that a clock jumped over, before it folds them
    into one: a clock that starts in 1970 and is then put right fills the memory.
    """

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """At once, and from then on an interval from now."""
        return now if previous is None else now + self.interval


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


class Service:
    """Runs the jobs of the plan that `load` makes, until it is told to stop.

    `load` reads the configuration; it is called in a thread, at the start and whenever a file of the
    plan changes. When it raises HotlineError at the start the service does not start; later the plan
    in force is kept. `on_reload` hears of every attempt after the first, with its error or None.
    `at_deadline` is called from another thread when `stop_within` is over and the stop is not: whatever
    still blocks then, such as a database that is gone, the process must end.
    """

    def __init__(
        self,
        load: Callable[[], Plan],
        *,
        stop_within: timedelta,
        clock: Callable[[], datetime] = utc_now,
        earliest: datetime = EARLIEST,
        on_reload: Callable[[HotlineError | None], None] = lambda error: None,
        at_deadline: Callable[[], None] = lambda: None,
    ) -> None:
        self._load = load
        self._stop_within = stop_within.total_seconds()
        self._clock = clock
        self._earliest = earliest
        self._on_reload = on_reload
        self._at_deadline = at_deadline
        self._plan = Plan(jobs=())
        self._running: dict[asyncio.Task[None], Job] = {}
        self._asides: set[asyncio.Future[None]] = set()
        self.started = asyncio.Event()  # set once the first plan is in force
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._ticks = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    async def run(self) -> bool:
        """Serve until SIGTERM, SIGINT or `stop`; True when every step ended by itself.

        False: a step still runs, in a thread that cannot be ended; what it held was settled, and the
        process should end without waiting for it. Raises HotlineError when the first `load` does.
        """
        plan = await asyncio.to_thread(self._load)
        self._ticks.start()
        self._adopt(plan)
        self.started.set()
        helpers = [asyncio.create_task(self._watch_files()), asyncio.create_task(self._watch_clock())]
        try:
            with self._signals():
                await self._stopping.wait()
                return await self._end()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    def stop(self) -> None:
        """Begin to stop; a second call stops waiting for what still runs."""
        (self._hurry if self._stopping.is_set() else self._stopping).set()

    async def reload(self) -> None:
        """Load the configuration anew; a bad one is told, and the old one kept."""
        try:
            plan = await asyncio.to_thread(self._load)
        except HotlineError as error:
            log.error("the changed configuration is refused, the old one stays in force: %s", error)
            await self._tell(error)
        else:
            old = self._plan
            self._adopt(plan)
            log.info("the changed configuration is in force")
            await self._tell(None)
            self._aside(self._retire(old))

    def mend_clock(self) -> None:
        """Make ticks due that lie further ahead than they can: the clock was set back."""
        now = self._clock()
        for tick in self._ticks.get_jobs():
            if tick.next_run_time > now + 2 * tick.trigger.interval:
                log.warning("the clock was set back; %s goes on now", tick.id)
                tick.modify(next_run_time=now)

    def _adopt(self, plan: Plan) -> None:
        """Exchange the ticks; steps under way end as they began."""
        self._plan = plan
        wanted = {job.name: job for job in plan.jobs}
        for tick in self._ticks.get_jobs():
            if tick.id not in wanted:
                tick.remove()
        for job in plan.jobs:
            self._ticks.add_job(
                self._tick,
                Every(job.every),
                args=(job,),
                id=job.name,
                replace_existing=True,
                next_run_time=self._clock(),
            )

    async def _tell(self, error: HotlineError | None) -> None:
        try:
            await asyncio.to_thread(self._on_reload, error)
        except HotlineError as failure:
            log.error("that could not be recorded: %s", failure)

    async def _retire(self, plan: Plan) -> None:
        """Close a plan that is no longer in force once its last step has ended."""
        for job in plan.jobs:
            if job.retire is not None:
                job.retire()
        steps = {task for task, job in self._running.items() if job in plan.jobs}
        if steps:
            await asyncio.wait(steps)
        await _close(plan)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _tick(self, job: Job) -> None:
        if self._clock() < self._earliest:
            log.error("the clock says %s, which cannot be: %s waits", self._clock().date(), job.name)
            return
        under_way = sum(running.name == job.name for running in self._running.values())
        if self._stopping.is_set() or under_way >= job.overlap:
            return
        task = asyncio.create_task(self._work(job), name=job.name)
        self._running[task] = job
        task.add_done_callback(self._running.pop)

    async def _work(self, job: Job) -> None:
        """The job's edge: whatever goes wrong in a step is told here and ends with it."""
        try:
            more = True
            while more and not self._stopping.is_set():
                more = await job.step(self._clock())
        except HotlineError as error:
            log.error("%s: %s", job.name, error)
        except Exception:
            log.exception("%s failed", job.name)

    async def _end(self) -> bool:
        """Stop ticking, let steps end until the deadline, settle what the others leave."""
        deadline = threading.Timer(self._stop_within, self._at_deadline)
        deadline.daemon = True
        deadline.start()
        self._ticks.shutdown(wait=False)
        for job in {id(job): job for job in (*self._plan.jobs, *self._running.values())}.values():
            if job.stop is not None:
                job.stop()
        await self._wait_for_steps()
        left = dict(self._running)
        for task in left:
            task.cancel()
        for job in {id(job): job for job in left.values()}.values():
            await self._settle(job)
        await _close(self._plan)
        return not left

    async def _wait_for_steps(self) -> None:
        if not self._running:
            return
        steps = asyncio.ensure_future(asyncio.wait(set(self._running)))
        hurry = asyncio.ensure_future(self._hurry.wait())
        patience = max(self._stop_within - _SETTLE, 0)
        await asyncio.wait({steps, hurry}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        steps.cancel()
        hurry.cancel()

    async def _settle(self, job: Job) -> None:
        if job.abandon is None:
            return
        try:
            await asyncio.wait_for(job.abandon(self._clock()), _SETTLE / 2)
        except (HotlineError, TimeoutError) as error:
            log.error("%s could not give back what it held: %s", job.name, str(error) or "no time left")

    async def _watch_files(self) -> None:
        async for _ in changes(lambda: self._plan.files):
            await self.reload()

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(_PULSE)
            self.mend_clock()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._aside(self.reload()))
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)


async def _close(plan: Plan) -> None:
    if plan.close is None:
        return
    try:
        await asyncio.wait_for(plan.close(), _SETTLE / 2)
    except (HotlineError, TimeoutError) as error:
        log.error("not everything could be closed: %s", str(error) or "no time left")
