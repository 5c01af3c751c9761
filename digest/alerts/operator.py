"""Alarms for whoever runs the service: nothing comes in, feeds die in numbers, mail or disk fail."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from digest.alerts.config import OperatorConfig
from digest.alerts.messages import alert_message
from digest.alerts.view import AlertView
from digest.config import MailConfig
from language.duration import format_duration
from storage.crawl_health import CrawlHealth, crawl_health
from storage.engine import writing
from storage.notices import OpenNotice, close_notices, open_notice, service_notices
from storage.outbox import enqueue

CRAWL_SILENT, FEEDS_DYING = "crawl-silent", "feeds-dying"
_NO_MAIL = "mail-"  # how kinds begin of which a mail would tell when it is over
_ALIVE = timedelta(days=2)
_LEAST_DYING = 5  # feeds; of a handful, one is a quarter


def find_silence(health: CrawlHealth, config: OperatorConfig, *, now: datetime) -> str:
    """Say that no poll succeeded for too long, or nothing.

    Feeds that are simply not due yet raise no alarm, nor does a database that was never crawled.
    """
    if health.last_success_at is None or health.last_success_at > now - config.silence:
        return ""
    if not health.overdue and not health.tried:
        return ""
    span = format_duration(config.silence)
    return f"No feed was read successfully for {span} (last: {health.last_success_at:%d %b %H:%M} UTC)."


def find_dying(health: CrawlHealth, config: OperatorConfig) -> str:
    """Say that many feeds failed within two days, or nothing."""
    if health.died < max(_LEAST_DYING, config.failing_share * health.feeds):
        return ""
    return f"{health.died} of {health.feeds} feeds stopped working within two days."


def watch(engine: Engine, config: OperatorConfig, mail: MailConfig, *, now: datetime) -> int:
    """Look at the crawl's health and queue a message for every trouble that is new; how many.

    A trouble is told once, however long it lasts, and again when it comes back. Raises StorageError.
    """
    with writing(engine, durable=True) as connection:
        health = crawl_health(connection, since=now - config.silence, alive_since=now - _ALIVE)
        _note(connection, CRAWL_SILENT, find_silence(health, config, now=now), now)
        _note(connection, FEEDS_DYING, find_dying(health, config), now)
        return sum(
            _tell(connection, notice, recipient, mail, now)
            for notice in service_notices(connection)
            for recipient in config.to
            if not (notice.kind.startswith(_NO_MAIL) and "@" in recipient)
        )


def _note(connection: Connection, kind: str, trouble: str, now: datetime) -> None:
    if trouble:
        open_notice(connection, kind, trouble, now=now)
    else:
        close_notices(connection, kind, now=now)


def _tell(
    connection: Connection, notice: OpenNotice, recipient: str, mail: MailConfig, now: datetime
) -> bool:
    view = AlertView(
        name="service",
        subject=f"Hotline: {notice.message}"[:160],
        heading="Hotline needs you",
        intro=notice.message,
        stories=(),
        footer="`hotline status` tells more. This is told once, until it is over and comes back.",
    )
    message = alert_message(
        view,
        recipient=recipient,
        key=f"operator:{notice.id}:{recipient}",
        mail=mail,
        kind="operator",
        now=notice.raised_at,
    )
    return enqueue(connection, message, now=now) is not None
