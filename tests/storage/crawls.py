"""What many storage tests begin with: feeds, a claim, polls with entries of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Table, func, select

from storage.crawl_database import CrawlDatabase
from storage.engine import reading, writing
from storage.feeds import sync_feeds
from storage.records import (
    ConfiguredFeed,
    DueFeed,
    Entry,
    JudgedEntry,
    PollRecord,
    PollResult,
    PollStatus,
    Settlement,
)
from topics.document import Match, Verdict

YES = Match(Verdict.YES, 90, ("diplomacy",), lang="en", reason="both countries in the title")
NO = Match(Verdict.NO, 0)
PERHAPS = Match(Verdict.UNDECIDED, 20)
HOUR = timedelta(hours=1)


def configure(engine: Engine, now: datetime, *names: str) -> None:
    feeds = [
        ConfiguredFeed(name, f"https://{name}.example/rss", host=f"{name}.example", options={"backfill": 1})
        for name in names
    ]
    with writing(engine) as connection:
        sync_feeds(connection, feeds, now=now)


async def claim(
    database: CrawlDatabase, now: datetime, owner: str = "me", **options: Any
) -> Sequence[DueFeed]:
    return await database.claim_feeds(owner=owner, now=now, until=now + HOUR, limit=10, **options)


def poll(feed: DueFeed, now: datetime, *items: JudgedEntry, **options: Any) -> PollResult:
    def settle(new: int, known: int) -> Settlement:
        state = replace(feed.state, next_check_at=now + HOUR, last_polled_at=now, etag='"v1"')
        return Settlement(state, PollRecord(now, PollStatus.NEW, 200, entries=new + known, new=new))

    return PollResult(
        feed.id, feed.fence, now, settle, items, topic="us-russia", before=feed.state, **options
    )


def entry(number: int, title: str = "", match: Match = YES, page: str = "", **fields: Any) -> JudgedEntry:
    defaults = {
        "guid": f"g{number}",
        "url": f"https://one.example/news/{number}",
        "title": title or f"Item {number}",
    }
    return JudgedEntry(Entry(**defaults | fields), match, page)


def count(engine: Engine, table: Table) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def rows(engine: Engine, table: Table) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))


async def save(database: CrawlDatabase, result: PollResult) -> int | None:
    """How many articles were new; None when the fence refused the poll."""
    settled = await database.save_poll(result)
    return settled.poll.new if settled else None


async def first_poll(database: CrawlDatabase, engine: Engine, now: datetime, *items: JudgedEntry) -> DueFeed:
    configure(engine, now, "one")
    (feed,) = await claim(database, now)
    assert await save(database, poll(feed, now, *items)) == len(items)
    return feed


async def second_poll(database: CrawlDatabase, now: datetime, *items: JudgedEntry) -> int | None:
    (feed,) = await claim(database, now + 2 * HOUR)
    return await save(database, poll(feed, now + 2 * HOUR, *items))
