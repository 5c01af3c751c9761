"""Recorded polls of real feeds, crawled from an empty database.

A part by default; the whole of both series with HOTLINE_FULL_REPLAY=1 (about ten minutes).
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.config import CrawlConfig, FeedConfig, PagesPolicy
from crawler.crawl import crawl_batch
from crawler.spiders.feeds import PolledFeed
from hotline.bootstrap import Application, open_application, open_crawler
from hotline.config import Config
from storage.archive import ArchivedArticle, Filter, read_articles
from storage.config import StorageConfig
from storage.engine import reading
from storage.records import ErrorKind
from tests.hotline.replay import Replay, replayed

FULL = bool(os.environ.get("HOTLINE_FULL_REPLAY"))
US = re.compile(
    r"\b(?:U\.?S\.?A?|America\w*|Washington|White House|Biden|Trump|Pentagon)\b|США|Трамп|Байден|Вашингтон"
)
RUSSIA = re.compile(r"\b(?:Russia\w*|Moscow|Kremlin|Putin\w*|Lavrov)\b|Росси|Москв|Кремл|Путин|Лавров")


def _application(folder: Path, replay: Replay) -> Config:
    feeds = tuple(FeedConfig(url=url, name=name, allow_private=True) for name, url in replay.feeds.items())
    crawl = CrawlConfig(pages=PagesPolicy.NEVER, spacing=timedelta(milliseconds=1))
    return Config(feeds=feeds, crawl=crawl, storage=StorageConfig(url=f"sqlite:///{folder / 'hotline.db'}"))


async def _crawl_all(application: Application, replay: Replay) -> list[PolledFeed]:
    polled: list[PolledFeed] = []
    async with open_crawler(application) as session:
        going = True
        while going:
            report = await crawl_batch(session, limit=1000, per_host=1000, due_only=False)
            polled += report.polled
            going = replay.step()
    return polled


def _articles(application: Application) -> list[ArchivedArticle]:
    with reading(application.engine) as connection:
        return list(read_articles(connection, Filter(decision=None)))


@pytest.mark.timeout(1800 if FULL else 300)
@pytest.mark.parametrize(
    ("series", "start", "until"),
    [
        ("english-2020-2021", "20210920", "20210921" if FULL else "20210920T02"),
        ("russian-2025-08", "0", "9" if FULL else "20250810T08"),
    ],
)
async def test_a_recorded_series_is_crawled_without_crash_double_or_unexplained_miss(
    tmp_path: Path, shared: Path, series: str, start: str, until: str
) -> None:
    with replayed(shared, series, start=start, until=until) as replay:
        config = _application(tmp_path, replay)
        with open_application(config, now=datetime.now(UTC)) as application:
            polled = await _crawl_all(application, replay)
            articles = _articles(application)
        log = replay.log()
    assert not [feed for feed in polled if feed.poll.error_kind == ErrorKind.CRASHED]
    assert len({article.identity for article in articles}) == len(articles) > 100
    for article in articles:
        both = US.search(article.title) and RUSSIA.search(article.title)
        assert article.decision == "matched" or article.reason or not both, article.title
    broken = {feed.name for feed in polled if feed.poll.error_kind}
    _assert_validators_came_back([request for request in log if request["feed"] not in broken])


def _assert_validators_came_back(log: list[dict[str, Any]]) -> None:
    """After its first poll a feed is always asked with a validator, so an unchanged one answers 304."""
    asked: set[str] = set()
    for request in log:
        assert request["if_none_match"] or request["feed"] not in asked, request
        asked.add(request["feed"])
    if FULL:
        assert any(request["status"] == 304 for request in log)
