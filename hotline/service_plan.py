"""What one configuration makes the service do: the jobs of `hotline run`, wired to their rooms."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from digest.alerts.operator import watch as watch_service
from digest.alerts.step import AlertStep
from digest.due import issue_if_due
from digest.issue import Edition
from digest.outbox import OutboxSender
from hotline.alerting import make_rules
from hotline.bootstrap import Application, make_matcher
from hotline.config import Config
from hotline.crawl_work import Bells, Crawling, Disk, Work
from hotline.editions import make_edition
from hotline.job_engine import JobQueue, make_job_engine
from hotline.sending import make_sender
from hotline.websub import Subscribing
from language.errors import HotlineError
from scheduler.job import Job, Plan, in_thread
from storage.ballast import Ballast
from storage.config import RetentionConfig
from storage.engine import writing
from storage.notices import close_notices, open_notice
from storage.retention import forget

log = logging.getLogger(__name__)


def make_plan(application: Application, environ: Mapping[str, str], *, files: Sequence[Path]) -> Plan:
    """The jobs for `application`. Blocking: compiles the topic. Raises HotlineError."""
    config, engine = application.config, application.engine
    disk = Disk(engine.url, minimum=config.service.minimum_free_mb * 2**20)
    queue = make_job_engine(config)
    crawling = Crawling(application, make_matcher(config), disk, shards=queue.shards)
    bells = Bells(queue.jobs, engine, disk, shards=queue.shards)
    work = Work(queue.jobs, crawling.work, at_once=config.service.crawls_at_once)
    editions = [make_edition(config, digest, environ) for digest in config.digests]
    ballast = Ballast.beside(engine.url)
    sender = make_sender(config, engine, environ)
    watches = [AlertStep(engine, rule) for rule in make_rules(config)]
    service = config.service
    return Plan(
        jobs=(
            Job("bells", service.crawl_every, bells.ring),
            Job("crawls", service.crawl_every, work.step, stop=lambda: stop(crawling, work), retire=work.end),
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
        close=lambda: close(crawling, queue),
    )


def stop(crawling: Crawling, work: Work) -> None:
    """Take no more bells, and break off the crawls in hand."""
    work.end()
    crawling.stop()


async def close(crawling: Crawling, queue: JobQueue) -> None:
    """End connections and workers."""
    await crawling.close()
    await queue.close()


def _websub_jobs(config: Config, engine: Engine, crawling: Crawling) -> tuple[Job, ...]:
    """Hubs can reach only a listener that is on and has a public address."""
    if config.service.listen_at is None or not config.mail.base_url:
        return ()
    subscribing = Subscribing(engine, crawling.open, config.mail.base_url)
    return (Job("websub", config.service.crawl_every, subscribing.step),)


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
