"""`hotline crawl` over loopback: the whole way from a feed to matched, folded articles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.config import CrawlConfig, FeedConfig
from hotline.bootstrap import Application, open_application
from hotline.commands.crawl import crawl, crawl_once
from hotline.config import Config
from hotline.named_feeds import UnknownFeed
from storage.archive import ArchivedArticle, Filter, read_articles
from storage.config import StorageConfig
from storage.engine import reading
from tests.crawler.site import Site, answer, rss

QUICK = CrawlConfig(spacing=timedelta(milliseconds=1))
TALKS = "U.S. and Russia hold talks on arms control"


@contextmanager
def application(folder: Path, site: Site, now: datetime, *paths: str) -> Iterator[Application]:
    feeds = tuple(
        FeedConfig(url=site.url(path), name=path.strip("/"), allow_private=True, backfill=20)
        for path in paths
    )
    storage = StorageConfig(url=f"sqlite:///{folder / 'hotline.db'}")
    with open_application(Config(feeds=feeds, crawl=QUICK, storage=storage), now=now) as opened:
        yield opened


def articles(opened: Application) -> list[ArchivedArticle]:
    with reading(opened.engine) as connection:
        return list(read_articles(connection, Filter(decision=None)))


async def test_a_crawl_stores_what_matches_and_why(tmp_path: Path, now: datetime) -> None:
    async with Site() as site:
        site.pages["/world"] = answer(rss(TALKS, "A cake for the fair"))
        with application(tmp_path, site, now, "/world") as opened:
            crawled = await crawl_once(opened)
            found = {article.title: article for article in articles(opened)}
    assert len(crawled.polled) == 1
    assert found[TALKS].decision == "matched"
    assert {hit["found"] for hit in found[TALKS].hits} >= {"U.S.", "Russia"}
    assert found["A cake for the fair"].decision == "rejected"


async def test_one_bad_feed_stops_no_other(tmp_path: Path, now: datetime) -> None:
    async with Site() as site:
        site.pages["/good"] = answer(rss(TALKS))
        with application(tmp_path, site, now, "/gone", "/good") as opened:
            crawled = await crawl_once(opened)
            assert [feed.name for feed in crawled.failed] == ["gone"]
            assert [article.title for article in articles(opened)] == [TALKS]


async def test_a_dry_run_reads_and_keeps_nothing(tmp_path: Path, now: datetime) -> None:
    async with Site() as site:
        site.pages["/world"] = answer(rss(TALKS))
        with application(tmp_path, site, now, "/world") as opened:
            rehearsed = await crawl_once(opened, rehearse=True)
            assert [feed.poll.new for feed in rehearsed.polled] == [1]
            assert articles(opened) == []
            assert len((await crawl_once(opened)).polled) == 1


def test_a_feed_that_is_not_configured_is_named_with_the_nearest(tmp_path: Path) -> None:
    config = tmp_path / "hotline.yaml"
    config.write_text("feeds:\n  - {url: 'https://paper.example/rss', name: Paper}\n", encoding="utf-8")
    with pytest.raises(UnknownFeed, match="Papre"):
        crawl(config, {}, feeds=["Papre"], quiet=True)
