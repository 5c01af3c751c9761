from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, update

from digest.config import DigestConfig
from digest.newsday import read_day, volume
from storage.engine import writing
from storage.tables.core import FEED, NOTICE
from tests.digest.test_issue import Newsroom

DAY = timedelta(days=1)
UNTIL = datetime(2026, 11, 19, 11, 30, tzinfo=UTC)
DIGEST = DigestConfig.model_validate(
    {
        "name": "daily",
        "topic": "us-russia",
        "readers": ["a@example.org"],
        "min_score": 50,
        "schedule": {"timezone": "America/New_York"},
    }
)


def test_a_bar_is_the_day_that_ends_with_the_issue() -> None:
    seen = [UNTIL, UNTIL - DAY + timedelta(minutes=1), UNTIL - DAY, UNTIL - 20 * DAY]
    found = volume(seen, digest=DIGEST, begin=UNTIL - 40 * DAY, until=UNTIL)
    assert len(found) == 14
    assert [(item.day.day, item.matched) for item in found[-2:]] == [(18, 1), (19, 2)]


def test_days_before_records_began_are_left_out() -> None:
    assert len(volume([], digest=DIGEST, begin=UNTIL - 2.5 * DAY, until=UNTIL)) == 3


@given(st.lists(st.timedeltas(timedelta(0), 13 * DAY), max_size=20))
def test_every_article_of_two_weeks_is_in_one_bar(ages: list[timedelta]) -> None:
    found = volume([UNTIL - age for age in ages], digest=DIGEST, begin=UNTIL - 40 * DAY, until=UNTIL)
    assert sum(item.matched for item in found) == len(ages)


def test_the_day_counts_what_the_digest_wants_and_all_that_was_read(engine: Engine, now: datetime) -> None:
    newsroom = Newsroom(engine, now - timedelta(hours=1))
    newsroom.add()
    newsroom.add(score=49)
    newsroom.add(decision="rejected")
    newsroom.add(baseline=True)
    with writing(engine) as connection:
        day = read_day(connection, DIGEST, since=now - DAY, until=now)
    assert day.read == 4
    assert [item.matched for item in day.volume] == [1]
    assert (day.health.total, day.health.answered, day.health.failing) == (1, 1, ())


def test_one_bad_answer_is_no_news_but_three_are(engine: Engine, now: datetime) -> None:
    Newsroom(engine, now)
    found = []
    for failures in (1, 3):
        with writing(engine) as connection:
            values = {"failures": failures, "failing_since": now - timedelta(hours=1), "error": "HTTP 500"}
            connection.execute(update(FEED).values(values))
            found.append(read_day(connection, DIGEST, since=now - DAY, until=now).health.failing)
    assert [len(failing) for failing in found] == [0, 1]


def test_notices_about_feeds_are_told_in_the_next_issue_only(engine: Engine, now: datetime) -> None:
    feed = Newsroom(engine, now).feed
    with writing(engine) as connection:
        row = {
            "kind": "moved",
            "feed_id": feed,
            "message": "It moved.",
            "raised_at": now - timedelta(hours=2),
        }
        connection.execute(insert(NOTICE).values(row))
        today = read_day(connection, DIGEST, since=now - DAY, until=now)
        tomorrow = read_day(connection, DIGEST, since=now, until=now + DAY)
    assert today.health.notices == ("It moved.",)
    assert tomorrow.health.notices == ()
