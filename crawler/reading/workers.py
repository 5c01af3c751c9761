"""Foreign bytes are read in processes that can be killed: by a deadline, or by a memory limit.

feedparser, lxml and trafilatura each have inputs that hold them for minutes or for gigabytes. What is
known to be cheap, a body with nothing new, is decided on the spot and never waits for a worker.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import resource
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as DeadlineError
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from functools import partial
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
_LOOK_AFTER: Final = 1.0  # seconds between looks at whether the workers live
_GLANCED: Final = 2 * 2**20  # bytes scanned on the event loop at most, about 10 ms

log = logging.getLogger(__name__)

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


class Readers:
    """A few worker processes, awaited from an event loop. Nothing starts before the first body that
    needs one; whoever makes it stops it, with `with` or `stop`. Safe to await from many tasks."""

    def __init__(self, *, processes: int = 2, deadline: float = DEADLINE, memory: int = MEMORY) -> None:
        self._deadline = deadline
        self._memory = memory
        self._new_pool: Callable[[], Any] = partial(
            ProcessPool,
            max_workers=processes,
            max_tasks=_TASKS,
            initializer=_limit_memory,
            initargs=(memory,),
            context=multiprocessing.get_context("spawn"),
        )
        self._pool: Any = self._new_pool()
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Kill the workers and what they are reading; waits until they are gone. May be called again."""
        self._open = False
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
        ask = partial(self._ask, function, args, kwargs)
        try:
            try:
                return await ask()
            except BrokenProcessPool:  # not by this body: a body's end is a ProcessExpired
                log.warning("A reading process was killed from outside; new ones are started.")
                return await ask()
        except DeadlineError as error:
            raise _stopped(f"took longer than {self._deadline:g} seconds") from error
        except MemoryError as error:
            raise _stopped(f"needed more than {self._memory // 2**20} MiB of memory") from error
        except (ProcessExpired, BrokenProcessPool) as error:
            raise _stopped("ended its process") from error

    async def _ask(self, function: Callable[..., _Result], args: Any, kwargs: Any) -> _Result:
        pool = self._working_pool()
        future: Any = pool.schedule(function, args=args, kwargs=kwargs, timeout=self._deadline)
        answer: asyncio.Future[_Result] = asyncio.wrap_future(future)
        try:
            while not answer.done():
                await asyncio.wait([answer], timeout=_LOOK_AFTER)
                if not answer.done() and not pool.active:  # then no answer ever comes
                    raise BrokenProcessPool
            return answer.result()
        finally:
            answer.cancel()

    def _working_pool(self) -> Any:
        """The pool, or a new one: pebble gives a pool up when a worker is killed while it waits, as
        systems short of memory do."""
        if self._open and not self._pool.active:
            threading.Thread(target=self._pool.join, daemon=True).start()  # may have to wait for a worker
            self._pool = self._new_pool()
        return self._pool


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
