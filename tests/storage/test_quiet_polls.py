"""Polls that brought nothing are stored together, and each only under its own fence."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from storage.crawl_database import CrawlDatabase
from storage.engine import writing
from storage.feeds import sync_feeds
from storage.records import ConfiguredFeed, DueFeed, PollRecord, PollResult, PollStatus, Settlement
from storage.tables.core import FEED, POLL
from storage.writer import Writer


def quiet(feed: DueFeed, at: datetime, *, fence: int = 0) -> PollResult:
    state = replace(feed.state, next_check_at=at + timedelta(hours=1), etag=f'"{feed.name}"')
    poll = PollRecord(polled_at=at, status=PollStatus.NOT_MODIFIED, http_status=304)
    return PollResult(
        feed_id=feed.id,
        fence=fence or feed.fence,
        polled_at=at,
        settle=lambda new, known: Settlement(state, poll),
    )


async def claim(engine: Engine, database: CrawlDatabase, now: datetime, *, count: int) -> list[DueFeed]:
    names = [f"f{number}" for number in range(count)]
    wanted = [ConfiguredFeed(name, f"https://{name}.example/", f"{name}.example") for name in names]
    with writing(engine) as connection:
        sync_feeds(connection, wanted, now=now)
    until = now + timedelta(minutes=15)
    return list(await database.claim_feeds(owner="me", now=now, until=until, limit=count))


async def test_many_at_once_are_all_stored(engine: Engine, writer: Writer, now: datetime) -> None:
    database = CrawlDatabase(writer)
    feeds = await claim(engine, database, now, count=40)
    saved = await asyncio.gather(*(database.save_poll(quiet(feed, now)) for feed in feeds))
    assert saved == [0] * 40
    with engine.connect() as connection:
        rows = connection.execute(select(FEED.c.name, FEED.c.etag, FEED.c.claimed_by, FEED.c.crashes)).all()
        assert {tuple(row) for row in rows} == {(f.name, f'"{f.name}"', "", 0) for f in feeds}
        assert len(connection.execute(select(POLL.c.id)).all()) == 40


async def test_a_late_worker_is_refused_and_its_neighbours_are_not(
    engine: Engine, writer: Writer, now: datetime
) -> None:
    database = CrawlDatabase(writer)
    feeds = await claim(engine, database, now, count=3)
    fences = [feeds[0].fence, feeds[1].fence - 1 or 99, feeds[2].fence]
    saved = await asyncio.gather(
        *(database.save_poll(quiet(feed, now, fence=f)) for feed, f in zip(feeds, fences, strict=True))
    )
    assert saved == [0, None, 0]
    with engine.connect() as connection:
        claimed = connection.execute(select(FEED.c.name).where(FEED.c.claimed_by == "me")).scalars().all()
        assert claimed == [feeds[1].name]


async def test_a_caller_that_is_cancelled_takes_nobody_along(
    engine: Engine, writer: Writer, now: datetime
) -> None:
    database = CrawlDatabase(writer)
    first, second = await claim(engine, database, now, count=2)
    impatient = asyncio.ensure_future(database.save_poll(quiet(first, now)))
    patient = asyncio.ensure_future(database.save_poll(quiet(second, now)))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await patient == 0
