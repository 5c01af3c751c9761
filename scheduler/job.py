"""What the service does again and again: a step that says whether there is more to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

Step = Callable[[datetime], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Job:
    """A `step` that is called with the time (aware UTC) every `every`, and again at once while it
    returns True.

    `overlap` is how many of its steps may run at a time. When the service stops, `stop` asks running
    steps to end soon; `abandon` settles what those leave behind that have not ended by the deadline.
    `retire` asks the same of a step that would never end, when a new configuration takes its place.
    """

    name: str
    every: timedelta
    step: Step
    overlap: int = 1
    stop: Callable[[], None] | None = None
    abandon: Step | None = None
    retire: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one configuration makes the service do. A change to one of `files` makes it load anew.

    `close` ends what the jobs share, after the last of their steps.
    """

    jobs: tuple[Job, ...]
    files: tuple[Path, ...] = ()
    close: Callable[[], Awaitable[None]] | None = None


def in_thread(step: Callable[[datetime], bool]) -> Step:
    """Make a blocking step one that the event loop can wait for."""

    async def run(now: datetime) -> bool:
        return await asyncio.to_thread(step, now)

    return run
