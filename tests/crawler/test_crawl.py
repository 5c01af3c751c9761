"""One crawl from due feeds to stored articles, over loopback and a real database."""

from __future__ import annotations

from sqlalchemy import Engine

from crawler.config import FeedConfig
from storage.records import PollStatus
from tests.crawler.desk import open_desk
from tests.crawler.site import Site, answer, conditional, rss


async def test_a_feed_is_polled_and_its_entries_are_stored(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/feed"] = answer(rss("Russia talks", "Weather"))
        feed = FeedConfig(url=site.url("/feed"), name="Paper", allow_private=True)
        async with open_desk(sqlite, feed) as desk:
            report = await desk.crawl()
            assert desk.titles() == ["Russia talks", "Weather"]
            assert report.new == 2
            assert report.polled[0].poll.status is PollStatus.NEW


async def test_an_unchanged_feed_is_asked_with_its_validators_byte_for_byte(sqlite: Engine) -> None:
    etag = "W/\"odd, 'quoted' \" -gzip"
    async with Site() as site:
        site.pages["/feed"] = conditional(rss("Russia talks"), etag=etag, last_modified="yesterday-ish")
        feed = FeedConfig(url=site.url("/feed"), name="Paper", allow_private=True)
        async with open_desk(sqlite, feed) as desk:
            await desk.crawl()
            desk.clock.pass_time(hours=2)
            report = await desk.crawl()
            assert report.polled[0].poll.status is PollStatus.NOT_MODIFIED
            assert site.asked[1].headers["If-None-Match"] == etag
            assert site.asked[1].headers["If-Modified-Since"] == "yesterday-ish"
            assert desk.titles() == ["Russia talks"]
