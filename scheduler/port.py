"""The port behind which crawls are queued, on one machine or many: two functions.

A job is a doorbell. It carries a number, not the work: the worker reads what is due behind that number
from the database and stores behind a fence, so a lost or a doubled job costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

log = logging.getLogger(__name__)

Handler = Callable[[int], Awaitable[None]]


class JobEngine(Protocol):
    """Queues numbers and works on them: at most one waiting and one running job for each."""

    async def enqueue(self, number: int) -> None:
        """Ask for `number` to be worked on; nothing happens when it is waiting already."""
        ...

    async def run_worker(self, handler: Handler, *, at_once: int = 1) -> None:
        """Call `handler` for waiting numbers, `at_once` of them at a time, until cancelled; then take no
        more, and return when those in hand have ended. A handler that raises ends its own job only, and
        the next tick rings again."""
        ...


class LocalEngine:
    """The port within one process."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[int] = asyncio.Queue()
        self._queued: set[int] = set()
        self._running: set[int] = set()
        self._again: set[int] = set()  # rung while they ran

    async def enqueue(self, number: int) -> None:
        """See JobEngine.enqueue."""
        if number in self._running:
            self._again.add(number)
        elif number not in self._queued:
            self._queued.add(number)
            self._waiting.put_nowait(number)

    async def run_worker(self, handler: Handler, *, at_once: int = 1) -> None:
        """See JobEngine.run_worker."""
        free = asyncio.Semaphore(at_once)
        in_hand: set[asyncio.Task[None]] = set()
        try:
            while True:
                await free.acquire()
                number = await self._waiting.get()
                self._queued.discard(number)
                self._running.add(number)
                task = asyncio.create_task(self._work(handler, number))
                in_hand.add(task)
                task.add_done_callback(in_hand.discard)
                task.add_done_callback(lambda _: free.release())
        except asyncio.CancelledError:
            if in_hand:
                await asyncio.wait(in_hand)
            raise

    async def _work(self, handler: Handler, number: int) -> None:
        try:
            await handler(number)
        except Exception:  # the job's edge
            log.exception("working on job %d failed", number)
        finally:
            self._running.discard(number)
            if number in self._again:
                self._again.discard(number)
                await self.enqueue(number)
