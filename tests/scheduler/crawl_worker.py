"""A worker process: says on standard output what it begins and ends; holds on to number 7 for ever."""

from __future__ import annotations

import asyncio
import sys

from scheduler.procrastinate_engine import ProcrastinateEngine


async def _handle(number: int) -> None:
    print("begin", number, flush=True)
    if number == 7 and "--hold" in sys.argv:
        await asyncio.Event().wait()
    print("end", number, flush=True)


async def _main() -> None:
    engine = ProcrastinateEngine(sys.argv[1], heartbeat=0.3, stalled_after=2.0, grace=1.0)
    await engine.run_worker(_handle, at_once=2)


if __name__ == "__main__":
    asyncio.run(_main())
