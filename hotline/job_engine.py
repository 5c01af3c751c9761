"""The engine that the configuration names, behind scheduler.port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import make_url

from hotline.config import Config
from language.errors import HotlineError
from scheduler.port import JobEngine, LocalEngine
from storage.shards import SHARDS

_LOCAL_SHARDS = 4  # a slow host keeps a quarter of the feeds waiting; more would be many small crawls


class MissingExtra(HotlineError):
    """The configuration wants a package that is not installed."""

    code = "missing-extra"


@dataclass(frozen=True, slots=True)
class JobQueue:
    """An engine, the number of shards that bells are rung for, and how to close it."""

    jobs: JobEngine
    shards: int
    close: Callable[[], Awaitable[None]]


def make_job_engine(config: Config) -> JobQueue:
    """What `service.engine` names. Connects to nothing yet. Raises MissingExtra."""
    if config.service.is_alone:
        return JobQueue(LocalEngine(), _LOCAL_SHARDS, _nothing)
    try:
        from scheduler.procrastinate_engine import ProcrastinateEngine
    except ImportError as error:
        raise MissingExtra(
            "service.engine is procrastinate, which is not installed.",
            hint="Install it: pip install 'hotline-news[procrastinate]'",
        ) from error
    url = make_url(config.storage.url).set(drivername="postgresql")
    engine = ProcrastinateEngine(url.render_as_string(hide_password=False))
    return JobQueue(engine, SHARDS, engine.close)


async def _nothing() -> None:
    return
