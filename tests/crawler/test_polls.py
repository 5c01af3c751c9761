"""Polls in tasks of their own: nothing is lost between them and the database, nobody waits for others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

import pytest
from sqlalchemy import Engine

from crawler import polls
from crawler.config import FeedConfig
from crawler.fetcher import Fetched, Fetcher, Wanted
from crawler.polls import poll_all
from crawler.ports import CrawlStore
from crawler.session import CrawlSession
from storage.errors import DatabaseUnreachable
from storage.records import DueFeed, ErrorKind, FeedState, PollResult, PollStatus
from tests.crawler.desk import open_desk
from tests.crawler.site import Site, answer, rss, silent

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
NO_SESSION = cast("CrawlSession", None)


def due(number: int, host: str) -> DueFeed:
    return DueFeed(number, 1, f"Feed {number}", f"http://{host}/{number}", host, FeedState(NOW))


def result(feed: DueFeed) -> PollResult:
    return PollResult(feed.id, feed.fence, NOW, cast("Any", None))


async def test_what_arrives_while_results_are_stored_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, finished = asyncio.Event(), asyncio.Event()

    async def poll(_: CrawlSession, feed: DueFeed) -> PollResult:
        if feed.host == "slow.example":
            await stored.wait()
            finished.set()
        return result(feed)

    monkeypatch.setattr(polls, "poll", poll)
    feeds = [due(1, "quick.example"), due(2, "slow.example"), due(3, "quick.example")]
    batches = []
    async for results in poll_all(NO_SESSION, feeds):
        batches.append([each.feed_id for each in results])
        stored.set()
        await finished.wait()
        await asyncio.sleep(0)
    assert batches == [[1, 3], [2]]


async def test_a_database_that_fails_ends_the_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    broken_off = asyncio.Event()

    async def poll(_: CrawlSession, feed: DueFeed) -> PollResult:
        if feed.id == 1:
            raise DatabaseUnreachable("The database is away.")
        try:
            await asyncio.Event().wait()
        finally:
            broken_off.set()
        raise AssertionError

    monkeypatch.setattr(polls, "poll", poll)
    results = poll_all(NO_SESSION, [due(1, "a.example"), due(2, "b.example")])
    with pytest.raises(DatabaseUnreachable):
        await anext(results)
    assert broken_off.is_set()


async def test_a_feed_that_cannot_be_polled_stops_no_other(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/good"] = answer(rss("Russia talks"))
        feeds = [
            FeedConfig(url=site.url(f"/{name}"), name=name, allow_private=True) for name in ("bad", "good")
        ]
        async with open_desk(sqlite, *feeds) as desk:
            desk.session.fetcher = cast("Fetcher", Stumbling(desk.session.fetcher))
            report = await desk.crawl()
            ends = {feed.name: feed.poll for feed in report.polled}
            assert ends["good"].status is PollStatus.NEW
            assert ends["bad"].error_kind is ErrorKind.CRASHED
            assert desk.feed("bad").failures == 1


class Stumbling:
    """A fetcher with a bug."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def fetch(self, wanted: Wanted) -> Fetched:
        if wanted.url.endswith("bad"):
            raise ZeroDivisionError
        return await self._fetcher.fetch(wanted)


async def test_waiting_for_a_connection_is_no_time_out(sqlite: Engine) -> None:
    async with Site("127.0.0.2") as first, Site("127.0.0.3") as second, Site() as good:
        for site in (first, second):
            site.pages["/feed"] = silent()
        good.pages["/feed"] = answer(rss("Russia talks"))
        feeds = [
            FeedConfig(url=site.url("/feed"), name=name, allow_private=True)
            for name, site in (("first", first), ("second", second), ("good", good))
        ]
        async with open_desk(sqlite, *feeds, concurrency=1, timeout="0.4 s") as desk:
            report = await desk.crawl()
            kinds = {feed.name: feed.poll.error_kind for feed in report.polled}
            assert kinds == {"first": ErrorKind.TIMEOUT, "second": ErrorKind.TIMEOUT, "good": ""}


async def test_a_poll_that_cannot_be_stored_with_others_spoils_none_of_them(sqlite: Engine) -> None:
    async with Site() as site:
        feeds = [
            FeedConfig(url=site.url(f"/{name}"), name=name, allow_private=True) for name in ("one", "two")
        ]
        async with open_desk(sqlite, *feeds) as desk:
            desk.session.store = Spoilt(desk.session.store)
            report = await desk.crawl()
            assert {feed.name: feed.poll.http_status for feed in report.polled} == {"one": 404, "two": 404}
            assert len(desk.polls()) == 2


class Spoilt:
    """A store that fails with polls that are stored together."""

    def __init__(self, store: CrawlStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def save_quiet_polls(self, results: Sequence[PollResult]) -> NoReturn:
        raise UnicodeError(f"one of {len(results)}")


async def test_a_validator_that_is_no_text_is_not_kept(sqlite: Engine) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = rss("Russia talks").encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\nETag: "
        writer.write(head.encode() + b'"\xff\xfe"\r\n\r\n' + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
        async with open_desk(sqlite, FeedConfig(url=url, name="Paper", allow_private=True)) as desk:
            report = await desk.crawl()
            assert report.polled[0].poll.status is PollStatus.NEW
            assert desk.feed().etag == ""
