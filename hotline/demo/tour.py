"""The way of an article on the made-up newsroom: crawl, news breaks, crawl again, alert, digest, mail.

Everything between the newsroom and the mailbox is the real thing, down to the configuration file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml import YAML

from digest.alerts.step import AlertStep
from digest.issue import Copy, IssueSlot, send_issue
from hotline.alerting import make_rules
from hotline.bootstrap import Application, open_application
from hotline.commands.crawl import Crawled, crawl_once
from hotline.config_file import load_config
from hotline.demo.mailbox import CaughtMail, Mailbox, open_mailbox
from hotline.demo.newsroom import open_newsroom
from hotline.demo.server import OnAir, on_air
from hotline.editions import make_edition
from hotline.sending import make_sender, send_waiting
from storage.archive import ArchivedArticle, Filter, read_articles
from storage.engine import reading
from storage.records import Decision

READER = "analyst@demo.example"
CONFIG_NAME = "hotline.yaml"
DATABASE_NAME = "demo.db"


@dataclass(frozen=True, slots=True)
class Tour:
    """What happened. `answers` counts the newsroom's answers by HTTP status."""

    config: Path
    first: Crawled
    second: Crawled
    answers: dict[int, int]
    alerts: tuple[CaughtMail, ...]
    issue: Copy
    digests: tuple[CaughtMail, ...]
    left_out: tuple[ArchivedArticle, ...]


def take_tour(folder: Path, *, now: datetime, say: Callable[[str], None]) -> Tour:
    """Run the demonstration in `folder`, which is there and holds no database yet.

    `say` hears of every step. Raises HotlineError when a step fails.
    """
    newsroom = open_newsroom(now.replace(microsecond=0))
    with on_air(newsroom) as air, open_mailbox() as mailbox:
        path = _write_config(folder, air, mailbox)
        config = load_config(path, {}).config
        with open_application(config, now=now) as application:
            say(f"A newsroom of {len(newsroom.outlets)} outlets is on the air. First crawl:")
            first = _crawl(application, say, everything=False)
            air.publish_second_edition()
            say("News breaks. Second crawl:")
            second = _crawl(application, say, everything=True)
            alerts = _raise_alerts(application)
            issue = _issue(application)
            send_waiting(make_sender(config, application.engine, {}))
            say(f"Mailed to {issue.reader.address}: {_count(alerts, 'alert')} and the digest.")
            left_out = _left_out(application)
    mails = tuple(mailbox.mails)
    return Tour(path, first, second, dict(air.requests), mails[:alerts], issue, mails[alerts:], left_out)


def _write_config(folder: Path, air: OnAir, mailbox: Mailbox) -> Path:
    settings = {
        "feeds": [
            {
                "name": outlet.name,
                "url": air.feeds[outlet.key],
                "language": outlet.language,
                "country": outlet.country,
                "kind": outlet.kind,
            }
            for outlet in air.newsroom.outlets
        ],
        "crawl": {
            "contact": "https://demo.example",
            "spacing": "1 ms",
            "allow_private": [site.removeprefix("http://") for site in air.sites.values()],
        },
        "digests": [{"name": "us-russia", "title": "US–Russia Monitor", "readers": [READER]}],
        "alerts": [{"name": "breaking", "to": [READER], "outlets": 3}],
        "mail": {"from": "Hotline <hotline@demo.example>"},
        "smtp": {"host": "127.0.0.1", "port": mailbox.port, "security": "none"},
        "storage": {"url": f"sqlite:///{DATABASE_NAME}"},
    }
    path = folder / CONFIG_NAME
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(settings, file)
    return path


def _crawl(application: Application, say: Callable[[str], None], *, everything: bool) -> Crawled:
    return asyncio.run(
        crawl_once(
            application,
            due_only=not everything,
            on_poll=lambda feed: say(f"  {feed.name}: {feed.poll.message or f'{feed.poll.new} new'}"),
        )
    )


def _raise_alerts(application: Application) -> int:
    now = datetime.now(UTC)
    return sum(AlertStep(application.engine, rule).run(now) for rule in make_rules(application.config))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _issue(application: Application) -> Copy:
    (digest,) = application.config.digests
    now = datetime.now(UTC)
    edition = make_edition(application.config, digest, {})
    report = send_issue(application.engine, edition, IssueSlot.by_hand(now, digest), now=now)
    assert report is not None  # a new database has no issue yet
    return report.copies[0]


def _left_out(application: Application) -> tuple[ArchivedArticle, ...]:
    with reading(application.engine) as connection:
        return tuple(read_articles(connection, Filter(decision=Decision.REJECTED)))
