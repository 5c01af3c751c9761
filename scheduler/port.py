"""The port behind which the work of many machines is queued: two functions.

A job is a doorbell. It carries a shard, not the work: the worker reads what is due in that shard from
the database and stores behind a fence, so a lost or a doubled job costs nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Protocol

log = logging.getLogger(__name__)

SHARDS = 256
Handler = Callable[[int], Awaitable[None]]


def shard_of(host_key: str, *, shards: int = SHARDS) -> int:
    """The shard of a registrable domain: the same on every machine and in every release."""
    digest = hashlib.blake2b(host_key.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % shards


class JobEngine(Protocol):
    """Queues shards and works on them: at most one waiting and one running job per shard."""

    async def enqueue(self, shard: int) -> None:
        """Ask for `shard` to be worked on; nothing happens when it is waiting already."""
        ...

    async def run_worker(self, handler: Handler) -> None:
        """Call `handler` for waiting shards until cancelled. A handler that raises ends its own job
        only, and the next tick rings again."""
        ...


class LocalEngine:
    """The port within one process."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[int] = asyncio.Queue()
        self._known: set[int] = set()
        self._one_at_a_time: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def enqueue(self, shard: int) -> None:
        """See JobEngine.enqueue."""
        if shard not in self._known:
            self._known.add(shard)
            self._waiting.put_nowait(shard)

    async def run_worker(self, handler: Handler) -> None:
        """See JobEngine.run_worker."""
        while True:
            shard = await self._waiting.get()
            self._known.discard(shard)  # before the work: what comes due meanwhile rings again
            await self._work(handler, shard)

    async def _work(self, handler: Handler, shard: int) -> None:
        async with self._one_at_a_time[shard]:
            try:
                await handler(shard)
            except Exception:  # the job's edge
                log.exception("working on shard %d failed", shard)
