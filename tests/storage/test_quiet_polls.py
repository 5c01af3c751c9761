"""Polls that brought nothing are stored together, and each only under its own fence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine, select

from storage.crawl_database import CrawlDatabase
from storage.engine import reading
from storage.feeds import POLLS_KEPT
from storage.records import DueFeed, FeedMemory
from storage.tables.core import FEED, POLL
from storage.writer import Writer
from tests.storage.crawls import HOUR, configure, count, poll


async def claim(
    engine: Engine, database: CrawlDatabase, now: datetime, *, feeds: int = 3
) -> Sequence[DueFeed]:
    configure(engine, now, *(f"f{number}" for number in range(feeds)))
    return await database.claim_feeds(owner="me", now=now, until=now + HOUR, limit=feeds)


async def test_many_at_once_are_all_stored(engine: Engine, writer: Writer, now: datetime) -> None:
    database = CrawlDatabase(writer)
    feeds = await claim(engine, database, now, feeds=40)
    settled = await database.save_quiet_polls([poll(feed, now) for feed in feeds])
    assert {feed_id: end.state.etag for feed_id, end in settled.items()} == {f.id: '"v1"' for f in feeds}
    with reading(engine) as connection:
        rows = connection.execute(select(FEED.c.etag, FEED.c.claimed_by, FEED.c.crashes)).all()
    assert set(map(tuple, rows)) == {('"v1"', "", 0)}
    assert count(engine, POLL) == 40


async def test_a_late_worker_is_refused_and_its_neighbours_are_not(
    engine: Engine, writer: Writer, now: datetime
) -> None:
    database = CrawlDatabase(writer)
    first, late, last = await claim(engine, database, now)
    results = [poll(feed, now) for feed in (first, replace(late, fence=late.fence - 1), last)]
    assert set(await database.save_quiet_polls(results)) == {first.id, last.id}
    with reading(engine) as connection:
        claimed = connection.execute(select(FEED.c.name).where(FEED.c.claimed_by == "me")).scalars().all()
    assert claimed == [late.name]


async def test_a_body_with_nothing_new_is_remembered(engine: Engine, writer: Writer, now: datetime) -> None:
    database = CrawlDatabase(writer)
    memory = FeedMemory(b"body", b"envelope", frozenset({b"12345678", b"abcdefgh"}))
    changed, same, _ = await claim(engine, database, now)
    await database.save_quiet_polls([poll(changed, now, memory=memory), poll(same, now)])
    later = await database.claim_feeds(owner="me", now=now + 2 * HOUR, until=now + 3 * HOUR, limit=10)
    assert {feed.id: feed.memory for feed in later if feed.id in {changed.id, same.id}} == {
        changed.id: memory,
        same.id: FeedMemory(),
    }


async def test_only_the_last_polls_of_a_feed_are_kept(engine: Engine, writer: Writer, now: datetime) -> None:
    database = CrawlDatabase(writer)
    feed, other, _ = await claim(engine, database, now)
    await database.save_quiet_polls([poll(other, now)])
    for number in range(POLLS_KEPT + 3):
        await database.save_quiet_polls([poll(feed, now + number * HOUR)])
    with reading(engine) as connection:
        polled = connection.execute(select(POLL.c.polled_at).where(POLL.c.feed_id == feed.id)).scalars().all()
    assert sorted(polled) == [now + number * HOUR for number in range(3, POLLS_KEPT + 3)]
    assert count(engine, POLL) == POLLS_KEPT + 1
