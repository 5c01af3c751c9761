"""Foreign bytes are read in processes that can be killed: by a deadline, or by a memory limit.

feedparser, lxml and trafilatura each have inputs that hold them for minutes or for gigabytes. What is
known to be cheap, a body with nothing new, is decided on the spot and never waits for a worker.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as DeadlineError
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.reading.errors import ReadError
from crawler.reading.read import glance, read_feed
from storage.records import ErrorKind, FeedDocument, FeedMemory, PageText

if TYPE_CHECKING:
    from crawler.reading.discovery import FeedLink

DEADLINE: Final = 15.0  # seconds of work for one body
MEMORY: Final = 2**30  # bytes of address space of one worker
_TASKS: Final = 1_000  # then a worker is replaced: what libraries leak stays bounded
_GLANCED: Final = 2 * 2**20  # bytes scanned on the event loop at most, about 10 ms

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


class Readers:
    """A few worker processes, awaited from an event loop. Nothing starts before the first body that
    needs one; whoever makes it stops it, with `with` or `stop`. Safe to await from many tasks."""

    def __init__(self, *, processes: int = 2, deadline: float = DEADLINE, memory: int = MEMORY) -> None:
        self._deadline = deadline
        self._memory = memory
        self._pool: Any = ProcessPool(
            max_workers=processes,
            max_tasks=_TASKS,
            initializer=_limit_memory,
            initargs=(memory,),
            context=multiprocessing.get_context("spawn"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Kill the workers and what they are reading; waits until they are gone. May be called again."""
        self._pool.stop()
        self._pool.join()

    async def read_feed(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str = "",
        memory: FeedMemory,
        now: datetime,
        full: bool = False,
    ) -> FeedDocument:
        """As `read.read_feed`; raises ReadError also (CRASHED) when the reading had to be stopped."""
        if not full and len(body) <= _GLANCED:
            document = glance(body, url=url, content_type=content_type, memory=memory)
            if document is not None:
                return document
        return await self._run(
            read_feed, body, url=url, content_type=content_type, memory=memory, now=now, full=full
        )

    async def extract_page(
        self, body: bytes, *, url: str, content_type: str = "", now: datetime | None = None
    ) -> PageText:
        """As `extract.extract_page`; raises ReadError (CRASHED) when it had to be stopped."""
        return await self._run(_extract_page, body, url=url, content_type=content_type, now=now)

    async def find_feed_links(self, body: bytes, *, url: str, content_type: str = "") -> tuple[FeedLink, ...]:
        """As `discovery.find_feed_links`; raises ReadError (CRASHED) when it had to be stopped."""
        return await self._run(_find_feed_links, body, url=url, content_type=content_type)

    async def _run(
        self, function: Callable[_Args, _Result], *args: _Args.args, **kwargs: _Args.kwargs
    ) -> _Result:
        future: Any = self._pool.schedule(function, args=args, kwargs=kwargs, timeout=self._deadline)
        try:
            result: _Result = await asyncio.wrap_future(future)
        except DeadlineError as error:
            raise _stopped(f"took longer than {self._deadline:g} seconds") from error
        except MemoryError as error:
            raise _stopped(f"needed more than {self._memory // 2**20} MiB of memory") from error
        except ProcessExpired as error:
            raise _stopped("ended its process") from error
        return result


def _stopped(why: str) -> ReadError:
    return ReadError(
        ErrorKind.CRASHED,
        f"Reading the answer {why} and was stopped.",
        hint="The feed or page is broken or hostile; the others are not affected.",
    )


def _limit_memory(limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _extract_page(body: bytes, *, url: str, content_type: str, now: datetime | None) -> PageText:
    from crawler.reading.extract import extract_page  # here: only a worker pays for its import

    return extract_page(body, url=url, content_type=content_type, now=now)


def _find_feed_links(body: bytes, *, url: str, content_type: str) -> tuple[FeedLink, ...]:
    from crawler.reading.discovery import find_feed_links

    return find_feed_links(body, url=url, content_type=content_type)
