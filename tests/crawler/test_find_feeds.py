from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from crawler.errors import FetchError
from crawler.fetcher import Fetched, Wanted
from crawler.find_feeds import FoundFeed, NoFeedFound, find_feeds
from crawler.reading.discovery import Evidence
from crawler.reading.workers import Readers
from storage.records import ErrorKind
from tests.crawler.reading.test_read import item, rss

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
FEED = rss(item(1), item(2), item(3), item(4), channel="<language>en</language>")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(processes=1) as started:
        yield started


class Web:
    """Answers by address, counts what was asked; an address that is not there is 404."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def fetch(self, wanted: Wanted) -> Fetched:
        """As Fetcher.fetch."""
        self.asked.append(wanted.url)
        if "broken" in wanted.url:
            raise FetchError(ErrorKind.TIMEOUT, "It took too long.")
        body = self.pages.get(wanted.url)
        return Fetched(wanted.url, 404 if body is None else 200, {"Content-Type": "text/html"}, body or b"")


async def found(web: Web, readers: Readers, address: str = "paper.example") -> tuple[FoundFeed, ...]:
    return await find_feeds(address, fetch=web.fetch, readers=readers, now=NOW)


async def test_the_address_of_a_feed_is_that_feed(readers: Readers) -> None:
    web = Web({"https://paper.example/rss": FEED})
    (feed,) = await found(web, readers, "paper.example/rss")
    assert (feed.url, feed.title, feed.language) == ("https://paper.example/rss", "The Paper", "en")
    assert (feed.evidence, feed.entries, len(feed.latest)) == (Evidence.ITSELF, 4, 3)
    assert web.asked == ["https://paper.example/rss"]


async def test_declared_feeds_are_read_and_dead_ones_left_out(readers: Readers) -> None:
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}">'
        for href in ("/broken", "/gone", "/rss", "/html")
    )
    page = f"<html><head>{head}</head><body><p>News</p></body></html>".encode()
    web = Web(
        {
            "https://paper.example/": page,
            "https://paper.example/rss": FEED,
            "https://paper.example/html": page,
        }
    )
    assert [feed.url for feed in await found(web, readers)] == ["https://paper.example/rss"]


async def test_usual_places_are_tried_until_one_answers(readers: Readers) -> None:
    web = Web(
        {
            "https://paper.example/": b"<html><body><p>News</p></body></html>",
            "https://paper.example/rss": FEED,
        }
    )
    (feed,) = await found(web, readers)
    assert (feed.url, feed.evidence) == ("https://paper.example/rss", Evidence.GUESSED)
    assert web.asked[-1] == "https://paper.example/rss"


NEWS_MAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://paper.example/story</loc>
 <news:news><news:publication><news:name>The Paper</news:name><news:language>en</news:language>
 </news:publication><news:publication_date>2026-03-05T10:00:00Z</news:publication_date>
 <news:title>Talks &amp; more</news:title></news:news></url></urlset>"""
INDEX = b"""<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
 <sitemap><loc>https://paper.example/map/tags.xml</loc></sitemap>
 <sitemap><loc>https://paper.example/map/news.xml?a=1&amp;b=2</loc></sitemap></sitemapindex>"""
ROBOTS = b"User-agent: *\nDisallow: /search\nsitemap: https://paper.example/index.xml\n"


async def test_a_news_sitemap_is_found_through_robots_txt(readers: Readers) -> None:
    web = Web(
        {
            "https://paper.example/": b"<html><body><p>News</p></body></html>",
            "https://paper.example/robots.txt": ROBOTS,
            "https://paper.example/index.xml": INDEX,
            "https://paper.example/map/news.xml?a=1&b=2": NEWS_MAP,
        }
    )
    (feed,) = await found(web, readers)
    assert (feed.url, feed.evidence) == ("https://paper.example/map/news.xml?a=1&b=2", Evidence.SITEMAP)
    assert feed.title == "The Paper"
    assert [entry.title for entry in feed.latest] == ["Talks & more"]
    web.pages = {**web.pages, "https://paper.example/feed/": FEED}
    assert [feed.evidence for feed in await found(web, readers)] == [Evidence.GUESSED, Evidence.SITEMAP]


async def test_sitemaps_that_lead_in_circles_cost_few_questions(readers: Readers) -> None:
    maze = b"".join(b"<loc>https://paper.example/news-%d.xml</loc>" % n for n in range(100))
    pages = {
        f"https://paper.example/news-{n}.xml": b"<sitemapindex>%b</sitemapindex>" % maze for n in range(9)
    }
    pages["https://paper.example/robots.txt"] = b"Sitemap: https://paper.example/news-1.xml\nSitemap: x\n"
    web = Web({"https://paper.example/": b"<html><body><p>News</p></body></html>", **pages})
    with pytest.raises(NoFeedFound):
        await found(web, readers)
    assert sum("news-" in url for url in web.asked) == 5


async def test_a_site_without_feeds_says_so_after_few_questions(readers: Readers) -> None:
    web = Web({"https://paper.example/": b"<html><body><p>News</p></body></html>"})
    with pytest.raises(NoFeedFound, match=r"No feed was found at https://paper\.example/"):
        await found(web, readers)
    assert len(web.asked) <= 14


async def test_what_is_no_address_is_refused_unasked(readers: Readers) -> None:
    web = Web({})
    with pytest.raises(FetchError):
        await found(web, readers, "javascript://alert")
    assert web.asked == []
