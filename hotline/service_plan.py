"""What one configuration makes the service do: the jobs of `hotline run`, wired to their rooms."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from crawler.crawl import crawl_batch, read_pages
from crawler.session import CrawlSession
from digest.alerts.operator import watch as watch_service
from digest.alerts.step import AlertStep
from digest.due import issue_if_due
from digest.issue import Edition
from digest.outbox import OutboxSender
from hotline.alerting import make_rules
from hotline.bootstrap import Application, make_matcher, open_crawler
from hotline.config import Config
from hotline.editions import make_edition
from hotline.sending import make_sender
from hotline.websub import Subscribing
from language.errors import HotlineError
from scheduler.job import Job, Plan, in_thread
from storage.ballast import Ballast
from storage.config import RetentionConfig
from storage.engine import writing
from storage.notices import close_notices, open_notice
from storage.retention import forget
from topics.matcher import Matcher

log = logging.getLogger(__name__)

_FEEDS_AT_ONCE = 200  # of one tick; a crawl ends with its slowest feed
_PAGES_AT_ONCE = 100


def make_plan(application: Application, environ: Mapping[str, str], *, files: Sequence[Path]) -> Plan:
    """The jobs for `application`. Blocking: compiles the topic. Raises HotlineError."""
    config, engine = application.config, application.engine
    disk = Disk(engine.url, minimum=config.service.minimum_free_mb * 2**20)
    crawling = Crawling(application, make_matcher(config), disk)
    editions = [make_edition(config, digest, environ) for digest in config.digests]
    ballast = Ballast.beside(engine.url)
    sender = make_sender(config, engine, environ)
    watches = [AlertStep(engine, rule) for rule in make_rules(config)]
    service = config.service
    return Plan(
        jobs=(
            Job("feeds", service.crawl_every, crawling.poll, service.crawls_at_once, crawling.stop),
            Job("pages", service.crawl_every, crawling.read, service.crawls_at_once, crawling.stop),
            *_websub_jobs(config, engine, crawling),
            Job("digests", service.digest_every, in_thread(lambda now: issue_all(engine, editions, now))),
            Job("alerts", service.alert_every, in_thread(lambda now: raise_all(watches, now))),
            Job("operator", service.alert_every, in_thread(lambda now: warn_operator(engine, config, now))),
            Job(
                "mail",
                service.send_every,
                in_thread(sender.send_one),
                stop=sender.stop,
                abandon=in_thread(lambda now: _abandon(sender, now)),
            ),
            Job(
                "housekeeping",
                service.housekeeping_every,
                in_thread(lambda now: keep_house(engine, config.storage.retention, disk, ballast, now)),
            ),
        ),
        files=tuple(files),
        close=crawling.close,
    )


def _websub_jobs(config: Config, engine: Engine, crawling: Crawling) -> tuple[Job, ...]:
    """Hubs can reach only a listener that is on and has a public address."""
    if config.service.listen_at is None or not config.mail.base_url:
        return ()
    subscribing = Subscribing(engine, crawling.open, config.mail.base_url)
    return (Job("websub", config.service.crawl_every, subscribing.step),)


class Disk:
    """The disk that holds the database, if it is a file of this machine."""

    def __init__(self, url: URL, *, minimum: int) -> None:
        is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
        self._folder = Path(str(url.database)).absolute().parent if is_file else None
        self._minimum = minimum

    @property
    def is_low(self) -> bool:
        """True when less is free than the configuration demands for fetching."""
        return self._folder is not None and shutil.disk_usage(self._folder).free < self._minimum


class Crawling:
    """The crawls of one configuration. Their session is opened by the first and closed with the plan."""

    def __init__(self, application: Application, matcher: Matcher, disk: Disk) -> None:
        self._application = application
        self._matcher = matcher
        self._disk = disk
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._session: CrawlSession | None = None
        self._stopped = False

    async def poll(self, now: datetime) -> bool:
        """Poll the feeds that are due; the job's next tick takes what is left."""
        if self._stopped or self._disk.is_low:
            return False
        report = await crawl_batch(await self.open(), limit=_FEEDS_AT_ONCE)
        if report.polled:
            log.info(
                "polled %d feeds: %d new articles, %d failed",
                len(report.polled),
                report.new,
                len(report.failed),
            )
        return False

    async def read(self, now: datetime) -> bool:
        """Read the pages that are wanted."""
        if self._stopped or self._disk.is_low:
            return False
        report = await read_pages(await self.open(), limit=_PAGES_AT_ONCE)
        if report.read:
            log.info("read %d pages", len(report.read))
        return False

    def stop(self) -> None:
        """Break off fetches; what was fetched is still stored, the rest given back."""
        self._stopped = True
        if self._session is not None:
            self._session.stop()

    async def close(self) -> None:
        """End writer, workers and connections."""
        await self._stack.aclose()

    async def open(self) -> CrawlSession:
        """The session that all crawls of this configuration share."""
        async with self._opening:
            if self._session is None:
                crawler = open_crawler(self._application, matcher=self._matcher)
                self._session = await self._stack.enter_async_context(crawler)
            return self._session


def issue_all(engine: Engine, editions: Sequence[Edition], now: datetime) -> bool:
    """Issue every digest that is due; one that fails keeps no other from going out."""
    for edition in editions:
        try:
            report = issue_if_due(engine, edition, now=now)
        except HotlineError as error:
            log.error("the digest %s could not be issued, and is tried again: %s", edition.digest.name, error)
            continue
        if report is not None:
            log.info("issued the digest %s to %d readers", edition.digest.name, len(report.copies))
    return False


def raise_all(watches: Sequence[AlertStep], now: datetime) -> bool:
    """Raise what is urgent by each rule; one that fails keeps no other from being looked at."""
    for watch in watches:
        try:
            queued = watch.run(now)
        except HotlineError as error:
            log.error("the alert %s failed, and is tried again: %s", watch.name, error)
            continue
        if queued:
            log.info("the alert %s queued %d messages", watch.name, queued)
    return False


def warn_operator(engine: Engine, config: Config, now: datetime) -> bool:
    """Tell the operator what is wrong with the service itself."""
    watch_service(engine, config.operator, config.mail, now=now)
    return False


def keep_house(
    engine: Engine, retention: RetentionConfig, disk: Disk, ballast: Ballast | None, now: datetime
) -> bool:
    """Look after the disk and forget what is old; True while there is more to forget."""
    if ballast is not None:
        ballast.take_aboard()
    with writing(engine) as connection:
        if disk.is_low:
            message = "The disk is nearly full: nothing is fetched, mail still goes out."
            if open_notice(connection, "disk-low", message, now=now):
                log.error("%s", message)
        else:
            close_notices(connection, "disk-low", now=now)
        return forget(connection, retention, now=now).more


def _abandon(sender: OutboxSender, now: datetime) -> bool:
    sender.abandon(now)
    return False
