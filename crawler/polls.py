"""Polls: fetch a feed, read what came, judge what is new. One task per host works through its feeds.

No Scrapy request stands behind a poll: its scheduler, downloader and scraper cost several times what
the exchange does, and most polls bring nothing (docs/decisions/polls-without-requests.md).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import replace

from crawler import judging, polling
from crawler.config import FeedConfig
from crawler.errors import FetchError, Postponed
from crawler.fetcher import Fetched
from crawler.outcome import Outcome
from crawler.reading.errors import ReadError
from crawler.session import CrawlSession
from storage.errors import StorageError
from storage.records import DueFeed, ErrorKind, JudgedEntry, PollResult

logger = logging.getLogger(__name__)

LINGER = 0.05  # seconds in which results gather: together they cost the database a fraction
_CHANCE = random.Random()  # noqa: S311 - for jitter

Entries = tuple[JudgedEntry, ...]


async def poll_all(session: CrawlSession, feeds: Iterable[DueFeed]) -> AsyncGenerator[Sequence[PollResult]]:
    """Poll each feed once, hosts side by side; yield the results that came in meanwhile.

    A postponed feed has none. Closing the iterator breaks off what is under way. Raises StorageError.
    """
    arrived: list[PollResult] = []
    visits = [asyncio.create_task(_visit(session, host, arrived.append)) for host in _by_host(feeds)]
    everything = asyncio.gather(*visits)
    try:
        while arrived or not everything.done():
            await asyncio.wait([everything], timeout=LINGER)
            results, arrived[:] = tuple(arrived), ()
            if results:
                yield results
        await everything
    finally:
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


def _by_host(feeds: Iterable[DueFeed]) -> Iterable[list[DueFeed]]:
    hosts: dict[str, list[DueFeed]] = defaultdict(list)
    for feed in feeds:
        hosts[feed.host].append(feed)
    return hosts.values()


async def _visit(
    session: CrawlSession, feeds: Iterable[DueFeed], arrived: Callable[[PollResult], None]
) -> None:
    """Poll the feeds of one host in their order: a slow host holds up nobody else."""
    for feed in feeds:
        result = await poll(session, feed)
        if result is not None:
            arrived(result)


async def poll(session: CrawlSession, feed: DueFeed) -> PollResult | None:
    """Poll one feed; None when it has to be given back as it was. Raises StorageError."""
    rules, chance = polling.rules_of(feed), _CHANCE.random()
    entries: Entries = ()
    try:
        outcome, entries = await _outcome(session, feed, rules, chance)
    except Postponed:
        return None
    except FetchError as error:
        outcome = polling.unanswered(error, now=session.clock.now(), chance=chance)
    except StorageError:
        raise
    except Exception as error:  # the pipeline's edge: one bad feed never stops another
        logger.exception("Polling %s failed", feed.name)
        crash = FetchError(ErrorKind.CRASHED, f"Polling failed ({type(error).__name__}: {error}).")
        outcome = polling.unanswered(crash, now=session.clock.now(), chance=chance)
    return polling.poll_result(feed, rules, outcome, entries=entries, topic=session.topic)


async def _outcome(
    session: CrawlSession, feed: DueFeed, rules: FeedConfig, chance: float
) -> tuple[Outcome, Entries]:
    now = session.clock.now()
    quarantined = polling.quarantined(feed, now=now, chance=chance)
    if quarantined is not None:
        return quarantined, ()
    wanted = polling.wanted_of(
        feed,
        now=now,
        timeout=session.config.timeout.total_seconds(),
        authorization=session.authorizations.get(feed.url, ""),
    )
    fetched = await session.fetch(wanted)
    outcome = polling.answered(fetched, now=session.clock.now(), chance=chance)
    if outcome.failure is not None or outcome.not_modified:
        return outcome, ()
    return await _read(session, feed, rules, fetched, outcome)


async def _read(
    session: CrawlSession, feed: DueFeed, rules: FeedConfig, fetched: Fetched, outcome: Outcome
) -> tuple[Outcome, Entries]:
    """What a body says. Whatever its reading fails with is remembered with the body."""
    if known := polling.unread(feed, fetched, outcome):
        return known, ()
    try:
        document = await session.readers.read_feed(
            fetched.body,
            url=fetched.url,
            content_type=fetched.headers.get("Content-Type", ""),
            memory=feed.memory,
            now=outcome.polled_at,
        )
        entries = judging.judge_entries(
            document.entries,
            feed,
            judge=session.judge,
            rules=judging.PageRules(rules.pages or session.config.pages, session.config.short_text),
            backfill=rules.backfill,
            now=outcome.polled_at,
        )
    except ReadError as error:
        return polling.unreadable(fetched, outcome, error.kind, error.message), ()
    except Exception as error:  # the pipeline's edge: one bad feed never stops another
        logger.exception("Reading %s failed", feed.name)
        problem = f"Reading the feed failed ({type(error).__name__}: {error})."
        return polling.unreadable(fetched, outcome, ErrorKind.CRASHED, problem), ()
    return replace(outcome, document=document), entries
