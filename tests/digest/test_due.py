from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.config import DigestConfig
from digest.due import find_due, find_next, issue_if_due
from digest.issue import Edition
from storage.engine import reading, writing
from storage.readers import sync_readers
from tests.digest.mails import rows
from tests.digest.samples import MAIL, SECTIONS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANN = "ann@example.net"


def edition() -> Edition:
    digest = DigestConfig.model_validate({"name": "morning", "readers": [ANN], "schedule": {"at": "06:30"}})
    return Edition(digest, SECTIONS, MAIL)


def begin(engine: Engine, at: datetime) -> None:
    with writing(engine) as connection:
        sync_readers(connection, [("morning", ANN)], now=at)


def test_an_issue_is_written_once_for_its_slot(engine: Engine, now: datetime) -> None:
    begin(engine, now)
    at = now + 20 * HOUR
    assert issue_if_due(engine, edition(), now=at) is not None
    assert issue_if_due(engine, edition(), now=at + HOUR) is None
    assert len(rows(engine)) == 1


def test_nothing_is_due_before_the_slot_and_before_the_first_reader(sqlite: Engine, now: datetime) -> None:
    assert issue_if_due(sqlite, edition(), now=now + 20 * HOUR) is None
    begin(sqlite, now)
    assert issue_if_due(sqlite, edition(), now=now + 18 * HOUR) is None


def test_row_28_three_days_of_downtime_are_one_issue_that_says_so(engine: Engine, now: datetime) -> None:
    begin(engine, now)
    assert issue_if_due(engine, edition(), now=now + 20 * HOUR) is not None
    awake = now + 4 * DAY
    with reading(engine) as connection:
        due = find_due(connection, edition().digest, now=awake)
    assert due is not None
    assert len(due.missed) == 2
    assert issue_if_due(engine, edition(), now=awake) is not None
    assert issue_if_due(engine, edition(), now=awake + HOUR) is None
    assert len(rows(engine)) == 2


def test_row_25_a_clock_a_day_ahead_and_right_again_issues_each_date_once(
    engine: Engine, now: datetime
) -> None:
    begin(engine, now)
    hours = (44, 20, 44, 45)  # a day ahead at first, then right
    issued = [hour for hour in hours if issue_if_due(engine, edition(), now=now + hour * HOUR)]
    assert issued == [44, 20]


def test_the_next_slot_is_told(now: datetime) -> None:
    assert find_next(edition().digest, now=now).instant == now + 18.5 * HOUR
