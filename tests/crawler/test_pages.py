"""Pages behind entries: read when they could decide, as robots.txt allows, and given up in the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from crawler.config import FeedConfig
from crawler.crawl import PagesReport, read_pages
from crawler.reading import links
from crawler.reading.extract import extract_page
from storage.engine import reading
from storage.overview import slow_hosts
from storage.records import PageText
from storage.tables.core import ALIAS, ARTICLE, PAGE
from tests.crawler.desk import Desk, InlineReaders, open_desk
from tests.crawler.site import Site, answer, rss

OPEN = answer(status=404)


def watched(site: Site, **options: Any) -> FeedConfig:
    return FeedConfig.model_validate(
        {"url": site.url("/feed"), "name": "Paper", "allow_private": True, "backfill": 9} | options
    )


async def poll(desk: Desk, site: Site, *titles: str) -> None:
    """Poll a feed whose entries lead to this site's pages."""
    site.pages["/feed"] = answer(rss(*titles, base=site.url("")))
    await desk.crawl()


def decisions(desk: Desk) -> dict[str, str]:
    with desk.engine.connect() as connection:
        return {row.title: row.decision for row in connection.execute(select(ARTICLE))}


def waiting(desk: Desk) -> list[Any]:
    with desk.engine.connect() as connection:
        return list(connection.execute(select(PAGE)).all())


async def test_a_page_decides_what_its_summary_could_not(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages |= {
            "/robots.txt": OPEN,
            "/maybe-1": answer("All about Russia."),
            "/maybe-2": answer("Else."),
        }
        async with open_desk(sqlite, watched(site)) as desk:
            await poll(desk, site, "maybe 1", "maybe 2", "Weather")
            assert decisions(desk)["maybe 1"] == "undecided"
            report = await read_pages(desk.session)
            assert len(report.read) == 2
            assert decisions(desk) == {"maybe 1": "matched", "maybe 2": "rejected", "Weather": "rejected"}
            assert site.paths() == ["/feed", "/robots.txt", "/maybe-1", "/maybe-2"]
            assert waiting(desk) == []


async def test_no_page_is_read_where_the_configuration_says_never(sqlite: Engine) -> None:
    async with Site() as site, open_desk(sqlite, watched(site, pages="never")) as desk:
        await poll(desk, site, "maybe 1")
        assert await read_pages(desk.session) == PagesReport()
        assert decisions(desk) == {"maybe 1": "rejected"}


async def test_the_pages_of_a_baseline_are_left_alone(sqlite: Engine) -> None:
    async with Site() as site, open_desk(sqlite, watched(site, backfill=1)) as desk:
        await poll(desk, site, "maybe 1", "maybe 2", "maybe 3")
        assert len(waiting(desk)) == 1


async def test_a_forbidden_page_is_decided_by_what_the_feed_gave(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /\n")
        async with open_desk(sqlite, watched(site)) as desk:
            await poll(desk, site, "maybe 1")
            (page,) = (await read_pages(desk.session)).read
            assert page.error_kind == "robots"
            assert decisions(desk) == {"maybe 1": "rejected"}
            assert "/maybe-1" not in site.paths()


@pytest.mark.parametrize("robots", [OPEN, answer(status=503)], ids=["page fails", "robots.txt fails"])
async def test_what_may_pass_is_tried_three_times(sqlite: Engine, robots: Any) -> None:
    async with Site() as site:
        site.pages |= {"/robots.txt": robots, "/maybe-1": answer(status=500)}
        async with open_desk(sqlite, watched(site)) as desk:
            await poll(desk, site, "maybe 1")
            for _ in range(2):
                (page,) = (await read_pages(desk.session)).read
                assert page.retry_at
                assert decisions(desk) == {"maybe 1": "undecided"}
                assert (await read_pages(desk.session)).claimed == 0
                desk.clock.set(page.retry_at + timedelta(hours=1))
            (last,) = (await read_pages(desk.session)).read
            assert last.retry_at is None
            assert decisions(desk) == {"maybe 1": "rejected"}


async def test_a_page_that_is_gone_is_not_asked_for_again(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/robots.txt"] = OPEN
        async with open_desk(sqlite, watched(site)) as desk:
            await poll(desk, site, "maybe 1")
            (page,) = (await read_pages(desk.session)).read
            assert (page.error_kind, page.retry_at) == ("http", None)
            assert waiting(desk) == []


async def test_a_link_that_is_none_keeps_no_other_page_from_being_read(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages |= {"/robots.txt": OPEN, "/maybe-2": answer("All about Russia.")}
        async with open_desk(sqlite, watched(site)) as desk:
            await poll(desk, site, "maybe 1", "maybe 2")
            with sqlite.begin() as connection:
                broken = update(ARTICLE).where(ARTICLE.c.title == "maybe 1")
                connection.execute(broken.values(url="http://host:999999/"))
            assert len((await read_pages(desk.session)).read) == 2
            assert decisions(desk) == {"maybe 1": "rejected", "maybe 2": "matched"}


async def test_pages_and_feeds_of_one_host_wait_for_each_other(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/robots.txt"] = OPEN
        titles = [f"maybe {number}" for number in range(5)]
        site.pages |= {f"/maybe-{number}": answer("text") for number in range(5)}
        async with open_desk(sqlite, watched(site)) as desk:
            await poll(desk, site, *titles)
            started = desk.clock.monotonic()
            await read_pages(desk.session)
            assert site.most_at_once == 1
            assert desk.clock.monotonic() - started >= 5  # robots.txt and five pages, a second apart


async def test_a_429_for_one_page_gives_the_others_back(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages |= {"/robots.txt": OPEN, "/maybe-0": answer(status=429, Retry_After="7200")}
        async with open_desk(sqlite, watched(site)) as desk:
            await poll(desk, site, "maybe 0", "maybe 1")
            report = await read_pages(desk.session)
            assert report.postponed == 1
            (refused,) = report.read
            assert refused.retry_at
            assert refused.retry_at >= desk.clock.now() + timedelta(hours=1.9)
            desk.clock.pass_time(hours=1)
            assert (await read_pages(desk.session)).claimed == 0


async def test_pages_of_a_slow_host_are_read_one_by_one_and_told_while_they_wait(sqlite: Engine) -> None:
    titles = [f"maybe {n}" for n in range(3)]
    async with Site() as site:
        site.pages["/robots.txt"] = answer("User-agent: *\nCrawl-delay: 300\n")
        site.pages |= {f"/maybe-{n}": answer("All about Russia.") for n in range(3)}
        async with open_desk(sqlite, watched(site)) as desk:
            await poll(desk, site, *titles)
            report = await read_pages(desk.session)
            assert (len(report.read), report.postponed) == (1, 2)
            with reading(sqlite) as connection:
                (slow,) = slow_hosts(connection, now=desk.clock.now())
            assert (slow.host, slow.pages, slow.crawl_delay) == (site.address, 2, 300)
            assert await read_pages(desk.session) == PagesReport()  # they are not even claimed
        desk.clock.pass_time(minutes=5)
        async with open_desk(sqlite, watched(site), clock=desk.clock) as desk:  # also after a restart
            await read_pages(desk.session)
            assert len(waiting(desk)) == 1
            desk.clock.pass_time(minutes=5)
            await read_pages(desk.session)
            assert set(decisions(desk).values()) == {"matched"}


class ExtractingReaders(InlineReaders):
    """Pages are read as they are in the workers."""

    async def extract_page(self, body: bytes, *, url: str, content_type: str = "") -> PageText:
        """As crawler.ports.Readers."""
        return extract_page(body, url=url, content_type=content_type)


async def test_a_page_of_google_news_leads_to_the_publishers(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "AGGREGATORS", frozenset({"127.0.0.2"}))
    told = "".join(
        f"<p>On day {n} the envoys of Washington and Russia talked for {n} hours, as both of them said.</p>"
        for n in range(2, 12)
    )
    async with Site() as paper, Site("127.0.0.2") as google:
        target = paper.url("/story/1")
        google.pages["/robots.txt"] = paper.pages["/robots.txt"] = OPEN
        google.pages["/feed"] = answer(rss("maybe opaque", "maybe lost", base=google.url("")))
        google.pages["/maybe-opaque"] = answer(
            f'<html><body><c-wiz data-n-au="{target}">News</c-wiz></body></html>', content_type="text/html"
        )
        google.pages["/maybe-lost"] = answer(
            "<html><body>Enable scripts.</body></html>", content_type="text/html"
        )
        paper.pages["/story/1"] = answer(
            f"<html><body><article>{told}</article></body></html>", content_type="text/html"
        )
        readers, allowed = ExtractingReaders(), [paper.address]
        async with open_desk(sqlite, watched(google), readers=readers, allow_private=allowed) as desk:
            await desk.crawl()
            await read_pages(desk.session)
            with reading(sqlite) as connection:
                urls = {row.title: row.url for row in connection.execute(select(ARTICLE))}
                aliases = connection.execute(select(ALIAS.c.identity)).scalars().all()
            assert urls == {"maybe opaque": target, "maybe lost": google.url("/maybe-lost")}
            assert any("/story/1" in alias for alias in aliases)
            assert decisions(desk) == {"maybe opaque": "matched", "maybe lost": "rejected"}
