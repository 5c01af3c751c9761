from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from digest.alerts.config import OperatorConfig
from digest.alerts.operator import find_dying, find_silence, watch
from storage.channel_pauses import pause_channel
from storage.crawl_health import CrawlHealth
from storage.engine import writing
from storage.notices import open_notice, service_notices
from storage.tables import Feed
from storage.unit_of_work import UnitOfWork
from tests.digest.mails import rows
from tests.digest.samples import MAIL

HOUR = timedelta(hours=1)
OPERATOR = OperatorConfig(to=("ops@example.net", "desk"))


def health(
    now: datetime, *, ago: float = 2, feeds: int = 20, overdue: int = 0, tried: int = 0, died: int = 0
) -> CrawlHealth:
    return CrawlHealth(feeds, now - ago * HOUR, overdue, tried, died)


@pytest.mark.parametrize(
    ("ago", "overdue", "tried", "silent"),
    [(2, 5, 0, True), (2, 0, 5, True), (2, 0, 0, False), (0.5, 5, 5, False)],
)
def test_no_success_for_an_hour_alarms_unless_nothing_was_due(
    now: datetime, ago: float, overdue: int, tried: int, silent: bool
) -> None:
    found = find_silence(health(now, ago=ago, overdue=overdue, tried=tried), OPERATOR, now=now)
    assert bool(found) is silent


def test_a_database_that_was_never_crawled_is_not_silent(now: datetime) -> None:
    assert find_silence(CrawlHealth(20, None, 20, 0, 0), OPERATOR, now=now) == ""


@pytest.mark.parametrize(
    ("feeds", "died", "alarm"), [(20, 5, True), (20, 4, False), (100, 24, False), (6, 2, False)]
)
def test_feeds_that_die_in_numbers_alarm(now: datetime, feeds: int, died: int, alarm: bool) -> None:
    assert bool(find_dying(health(now, feeds=feeds, died=died), OPERATOR)) is alarm


def _add_feeds(engine: Engine, now: datetime) -> None:
    with UnitOfWork(engine) as work:
        for number in range(8):
            feed = Feed(
                name=f"f{number}",
                url=f"https://f{number}.example/",
                next_check_at=now,
                last_polled_at=now - HOUR / 2,
                last_success_at=now - 3 * HOUR,
                failures=4,
            )
            work.session.add(feed)
        work.commit()


def test_each_trouble_is_told_once_to_everybody_and_again_when_it_comes_back(
    engine: Engine, now: datetime
) -> None:
    _add_feeds(engine, now)
    assert watch(engine, OPERATOR, MAIL, now=now) == 4  # silent and dying, by mail and by channel
    assert watch(engine, OPERATOR, MAIL, now=now + HOUR) == 0
    with UnitOfWork(engine) as work:
        for feed in work.session.exec(select(Feed)):
            feed.last_success_at, feed.failures = now + HOUR, 0
        work.commit()
    assert watch(engine, OPERATOR, MAIL, now=now + HOUR) == 0
    with engine.connect() as connection:
        assert service_notices(connection) == []


def test_a_refused_login_is_told_by_the_channel_that_still_works(sqlite: Engine, now: datetime) -> None:
    pause_channel(sqlite, "mail", until=now + HOUR, reason="535 Bad credentials", now=now)
    assert watch(sqlite, OPERATOR, MAIL, now=now) == 1
    assert rows(sqlite)[0].channel == "desk"


def test_a_full_disk_is_told(sqlite: Engine, now: datetime) -> None:
    with writing(sqlite) as connection:
        open_notice(connection, "disk-low", "The disk is nearly full.", now=now)
    assert watch(sqlite, OPERATOR, MAIL, now=now) == 2
    assert rows(sqlite)[0].subject == "Hotline: The disk is nearly full."


def test_without_an_operator_nothing_is_queued_but_status_still_knows(sqlite: Engine, now: datetime) -> None:
    _add_feeds(sqlite, now)
    assert watch(sqlite, OperatorConfig(), MAIL, now=now) == 0
    with sqlite.connect() as connection:
        assert len(service_notices(connection)) == 2
