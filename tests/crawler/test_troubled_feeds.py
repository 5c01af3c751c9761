"""Feeds whose addresses, dates or sizes lie, through a whole crawl into a real database.

Rows 34, 35, 41 and 42 of the fault table; rows 40 and 43 stand in test_faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select

from crawler.config import FeedConfig
from crawler.reading.errors import ReadError
from crawler.reading.workers import Readers
from storage.records import ErrorKind, FeedDocument
from storage.tables.core import ARTICLE, NOTICE, VERSION
from tests.crawler.desk import Desk, InlineReaders, open_desk
from tests.crawler.site import Site, answer


def watched(url: str, name: str = "Paper", **options: object) -> FeedConfig:
    return FeedConfig.model_validate({"url": url, "name": name, "allow_private": True} | options)


def item(title: str, *, link: str = "", guid: str = "", date: str = "", summary: str = "") -> str:
    parts = {"title": title, "link": link or f"https://paper.example/{title}", "guid": guid, "pubDate": date}
    found = "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts.items() if text)
    return f"<item>{found}<description>{summary or title}</description></item>"


def feed(*items: str) -> str:
    return f"<rss version='2.0'><channel><title>Paper</title>{''.join(items)}</channel></rss>"


def rows(desk: Desk, table: Any) -> Sequence[Any]:
    with desk.engine.connect() as connection:
        return connection.execute(select(table).order_by(table.c.id)).all()


async def poll_in_turn(desk: Desk, site: Site, *bodies: str) -> list[int]:
    """Serve one body after the other, each for one poll; return how many new articles each brought."""
    found = []
    for body in bodies:
        site.pages["/feed"] = answer(body)
        desk.clock.set(desk.next_check())
        report = await desk.crawl()
        found.append(report.new)
    return found


async def test_entries_that_all_share_one_link_are_told_apart_and_known_again(sqlite: Engine) -> None:
    home = "https://paper.example/live"
    first = [item(f"Bulletin {n}", link=home, date="Thu, 19 Nov 2026 10:00 GMT") for n in range(5)]
    fresh = item("Bulletin 9", link=home, date="Thu, 19 Nov 2026 13:00 GMT")
    async with Site() as site, open_desk(sqlite, watched(site.url("/feed"))) as desk:
        new = await poll_in_turn(desk, site, feed(*first), feed(*first) + "\n", feed(fresh, *first))
        assert new == [5, 0, 1]
        assert len(desk.titles()) == 6


async def test_a_stable_guid_outlives_a_changed_address(sqlite: Engine) -> None:
    def at(folder: str) -> str:
        return feed(
            *(item(f"S{n}", link=f"https://paper.example/{folder}/{n}", guid=f"id-{n}") for n in range(4))
        )

    async with Site() as site, open_desk(sqlite, watched(site.url("/feed"))) as desk:
        new = await poll_in_turn(desk, site, at("a"), at("a").replace("<title>S1", "<title>S1 now"), at("b"))
        assert new == [4, 0, 0]


async def test_one_guid_for_all_entries_is_never_trusted(sqlite: Engine) -> None:
    items = [item(f"Story-{n}", guid="always the same") for n in range(4)]
    async with Site() as site, open_desk(sqlite, watched(site.url("/feed"))) as desk:
        new = await poll_in_turn(
            desk, site, feed(*items[:2]), feed(*items[:2]) + " ", feed(*items[:3]), feed(*items)
        )
        assert new == [2, 0, 1, 1]


async def test_an_edited_headline_is_a_version_and_no_news(sqlite: Engine) -> None:
    before = feed(item("Russia-wins", link="https://paper.example/1"), item("Other"))
    after = before.replace("Russia-wins", "Russia-loses")
    async with Site() as site, open_desk(sqlite, watched(site.url("/feed"))) as desk:
        assert await poll_in_turn(desk, site, before, after) == [2, 0]
        assert desk.titles() == ["Russia-loses", "Other"]
        assert [version.title for version in rows(desk, VERSION)] == ["Russia-wins"]


async def test_row_41_five_thousand_old_entries_are_stored_and_told_in_one_line(sqlite: Engine) -> None:
    old = [item(f"Old-{n}", date="Mon, 01 Jan 2024 10:00:00 GMT") for n in range(5_000)]
    async with Site() as site, open_desk(sqlite, watched(site.url("/feed")), timeout="20 s") as desk:
        assert await poll_in_turn(desk, site, feed(item("First")), feed(*old, item("First"))) == [1, 5_000]
        (notice,) = rows(desk, NOTICE)
        assert "5000 old entries" in notice.message
        assert sum(article.backfill for article in rows(desk, ARTICLE)) == 5_000


async def test_row_42_dates_that_cannot_be_true_are_unknown_and_lose_nothing(sqlite: Engine) -> None:
    dates = {
        "absent": "",
        "epoch": "Thu, 01 Jan 1970 00:00:00 GMT",
        "far": "Mon, 01 Jan 2996 00:00:00 GMT",
        "moscow": "Thu, 19 Nov 2026 14:00:00 MSK",
        "russian": "19 ноября 2026, 10:00",
    }
    body = feed(*(item(title, date=date) for title, date in dates.items()))
    async with Site() as site, open_desk(sqlite, watched(site.url("/feed"))) as desk:
        started = desk.clock.now()
        assert await poll_in_turn(desk, site, body) == [5]
        articles = {article.title: article for article in rows(desk, ARTICLE)}
        assert {title for title, article in articles.items() if article.published_at} == {"moscow", "russian"}
        assert articles["moscow"].published_at == started.replace(hour=11, minute=0)
        assert all(article.first_seen_at >= started for article in articles.values())


async def test_row_35_a_feed_that_never_ends_being_read_is_stopped_and_the_others_are_read(
    sqlite: Engine,
) -> None:
    hostile = feed(f"<item><description>{'<div>' * 800_000}</description></item>")
    with Readers(processes=1, deadline=3.0) as readers:
        async with Site() as site, Site("127.0.0.2") as other:
            site.pages["/feed"] = answer(hostile)
            other.pages["/good"] = answer(feed(item("News")))
            bad, good = watched(site.url("/feed")), watched(other.url("/good"), "Good")
            async with open_desk(sqlite, bad, good, readers=readers) as desk:
                report = await desk.crawl()
                assert {polled.name: polled.poll.error_kind for polled in report.polled} == {
                    "Paper": "crashed",
                    "Good": "",
                }
                assert "longer than 3 seconds" in desk.feed().error
                assert desk.titles() == ["News"]
                assert desk.feed().next_check_at > desk.clock.now() + timedelta(minutes=10)


class CountingReaders(InlineReaders):
    """Stops reading whatever holds the word poison, and counts how often it was read."""

    def __init__(self) -> None:
        self.poisoned = 0

    async def read_feed(self, body: bytes, **given: Any) -> FeedDocument:
        """As crawler.ports.Readers."""
        if b"poison" in body:
            self.poisoned += 1
            raise ReadError(ErrorKind.CRASHED, "Reading the answer was stopped.")
        return await super().read_feed(body, **given)


async def test_a_body_that_stops_its_reader_costs_a_worker_once_a_day_and_is_told(sqlite: Engine) -> None:
    readers = CountingReaders()
    async with Site() as site, open_desk(sqlite, watched(site.url("/feed")), readers=readers) as desk:
        site.pages["/feed"] = answer(feed(item("poison")))
        start = desk.clock.now()
        while (due := desk.next_check()) < start + timedelta(hours=23):
            desk.clock.set(due)
            await desk.crawl()
        assert len(site.asked) == 7  # after one hour, two, three …
        assert readers.poisoned == 1
        assert "still the one whose reading had to be stopped" in desk.feed().error
        desk.clock.set(desk.next_check())
        await desk.crawl()
        assert readers.poisoned == 2  # the machine may only have been busy
        assert await poll_in_turn(desk, site, feed(item("other poison")), feed(item("News"))) == [0, 1]
        assert readers.poisoned == 3
        assert (desk.feed().failures, desk.feed().poison) == (0, b"")


async def test_row_34_documents_that_expand_or_include_are_harmless(sqlite: Engine) -> None:
    laughs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">\n' for n in range(12))
    bombs = [
        f'<!DOCTYPE rss [\n<!ENTITY a0 "ha">\n{laughs}]>' + feed(item("&a12;")),
        '<!DOCTYPE rss [\n<!ENTITY x SYSTEM "file:///etc/passwd">\n]>' + feed(item("file &x;")),
        '<!DOCTYPE rss [\n<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">\n%p;\n]>' + feed(item("parameter")),
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">' + feed(item("external")),
        feed(item("deep", summary="<b>" * 5_000)),
    ]
    async with Site() as site, open_desk(sqlite, watched(site.url("/feed"))) as desk:
        await poll_in_turn(desk, site, *bombs)
        assert {"parameter", "external", "deep"} <= set(desk.titles())
        assert not any(
            "root:" in article.title or len(article.title) > 500 for article in rows(desk, ARTICLE)
        )
        assert set(site.paths()) == {"/feed"}
