"""The composition root: the only place where concrete things are wired together.

Nothing connects, reads or starts a thread on import; everything opened here is closed here.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from crawler.config import FeedConfig
from hotline.config import Config
from storage.corpus.domain import registrable_domain
from storage.engine import make_engine, writing
from storage.feeds import sync_feeds
from storage.migrations import upgrade
from storage.readers import sync_readers
from storage.records import ConfiguredFeed
from storage.writer import Writer

if TYPE_CHECKING:
    from crawler.clock import Clock
    from crawler.fetcher import Fetcher
    from crawler.reading.workers import Readers
    from crawler.session import CrawlSession
    from topics.matcher import Matcher

# Scrapy, aiohttp and the word forms are imported where they are needed: a second that commands which
# only read the database need not wait.


@dataclass(frozen=True, slots=True)
class Application:
    """A configuration with its open database, feeds and readers in step with it."""

    config: Config
    engine: Engine

    @property
    def topic(self) -> str:
        """The name of the topic that is watched."""
        return next(iter(self.config.topics))


@contextmanager
def open_application(config: Config, *, now: datetime) -> Iterator[Application]:
    """Open and migrate the database, bring its feeds and readers in step. Raises StorageError."""
    engine = make_engine(config.storage)
    try:
        upgrade(engine)
        application = Application(config, engine)
        synchronise(application, now=now)
        yield application
    finally:
        engine.dispose()


@contextmanager
def joined_application(config: Config) -> Iterator[Application]:
    """Open a database that a service looks after; nothing is migrated or brought in step."""
    engine = make_engine(config.storage)
    try:
        yield Application(config, engine)
    finally:
        engine.dispose()


def synchronise(application: Application, *, now: datetime) -> None:
    """Bring feeds and readers of the database in step with the configuration; new readers start now."""
    with writing(application.engine) as connection:
        sync_feeds(connection, configured_feeds(application.config), now=now)
        sync_readers(connection, configured_readers(application.config), now=now)


def configured_feeds(config: Config) -> list[ConfiguredFeed]:
    """The feeds of the configuration as the database keeps them."""
    return [_configured(feed) for feed in config.feeds]


def configured_readers(config: Config) -> list[tuple[str, str]]:
    """The readers of all digests, as (digest, address)."""
    return [(digest.name, reader.address) for digest in config.digests for reader in digest.readers]


def _configured(feed: FeedConfig) -> ConfiguredFeed:
    return ConfiguredFeed(
        name=feed.title,
        url=feed.url,
        host=registrable_domain(feed.url),
        language=feed.language,
        country=feed.country,
        kind=feed.kind,
        options=feed.options,
    )


def make_matcher(config: Config) -> Matcher:
    """The compiled topic; the longest step of a start. Raises QueryError."""
    from topics.matcher import compile_topic

    (topic,) = config.topics.values()
    return compile_topic(topic, cache=_cache_folder())


def _cache_folder() -> Path:
    """Where what can be made again is kept (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hotline"


@asynccontextmanager
async def open_crawler(
    application: Application,
    *,
    matcher: Matcher | None = None,
    rehearse: bool = False,
    clock: Clock | None = None,
) -> AsyncIterator[CrawlSession]:
    """Everything a crawl needs: one writer, the reading workers, connections, the topic.

    `matcher` is the compiled topic, where it is at hand.
    With `rehearse` nothing is kept: every write is rolled back (`crawl --dry-run`).
    """
    from crawler.open_files import raise_limit
    from crawler.reading.workers import Readers
    from crawler.session import open_session
    from storage.crawl_database import CrawlDatabase
    from storage.rehearsal import RehearsalDatabase

    raise_limit()
    matcher = matcher or make_matcher(application.config)
    writer = Writer(application.engine)
    writer.start()
    try:
        with Readers() as readers:
            store = RehearsalDatabase(writer) if rehearse else CrawlDatabase(writer)
            async with open_session(
                config=application.config.crawl,
                store=store,
                readers=readers,
                judge=matcher,
                feeds=application.config.feeds,
                topic=application.topic,
                clock=clock,
            ) as session:
                yield session
    finally:
        writer.close()


@asynccontextmanager
async def open_web(application: Application) -> AsyncIterator[tuple[Fetcher, Readers]]:
    """What asks sites for their feeds: polite connections and reading workers, without a topic."""
    from crawler.reading.workers import Readers
    from crawler.session import open_fetcher
    from storage.crawl_database import CrawlDatabase

    writer = Writer(application.engine)
    writer.start()
    try:
        with Readers(processes=1) as readers:
            async with open_fetcher(
                config=application.config.crawl,
                store=CrawlDatabase(writer),
                feeds=application.config.feeds,
            ) as fetcher:
                yield fetcher, readers
    finally:
        writer.close()
