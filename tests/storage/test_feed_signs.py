"""Feeds that answer and yet are not well."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update
from sqlalchemy import insert as plain_insert

from storage.engine import reading, writing
from storage.feed_signs import DAYS, FeedFacts, Sign, judge, read_signs
from storage.feeds import record_poll, sync_feeds
from storage.records import ConfiguredFeed, PollRecord, PollStatus
from storage.tables import Article
from storage.tables.core import ARTICLE, FEED


@pytest.fixture
def well(now: datetime) -> FeedFacts:
    """A feed of ten articles a day, watched for months."""
    return FeedFacts(
        "Paper",
        "https://paper.example/",
        since=now - timedelta(days=90),
        last_new_at=now - timedelta(hours=1),
        entries=20,
        daily=(8, 12, 10, 9) * 7,
    )


def signs(facts: FeedFacts, now: datetime) -> list[Sign]:
    return [sign.sign for sign in judge(facts, now=now)]


def test_a_feed_that_is_well_has_no_sign(well: FeedFacts, now: datetime) -> None:
    assert signs(well, now) == []


def test_a_new_feed_is_left_in_peace(now: datetime) -> None:
    new = FeedFacts("New", "https://new.example/", since=now - timedelta(days=1), entries=5)
    assert signs(new, now) == []


def test_silence_is_measured_against_the_feeds_own_rate(well: FeedFacts, now: datetime) -> None:
    silent = replace(well, last_new_at=now - timedelta(days=5), daily=(10,) * 23 + (0,) * 5)
    (sign,) = judge(silent, now=now)
    assert (sign.sign, sign.sentence) == (Sign.STALE, "quiet for 5 days, usually 10 articles a day")
    slow = replace(silent, daily=(1, *(0,) * 27))
    assert signs(slow, now) == []


def test_a_monthly_feed_is_stale_after_a_month(now: datetime) -> None:
    rare = FeedFacts(
        "Rare", "https://r.example/", since=now - timedelta(days=300), last_new_at=now - timedelta(days=40)
    )
    assert [sign.sentence for sign in judge(rare, now=now)] == ["quiet for 40 days"]


def test_a_weekend_is_no_silence(well: FeedFacts, now: datetime) -> None:
    assert signs(replace(well, last_new_at=now - timedelta(hours=47)), now) == []


def test_an_empty_feed_is_told(well: FeedFacts, now: datetime) -> None:
    assert signs(replace(well, entries=0), now) == [Sign.EMPTY]


@pytest.mark.parametrize(("week", "sign"), [(2, [Sign.LOW]), (30, [Sign.HIGH]), (9, []), (13, [])])
def test_a_week_far_off_the_usual(well: FeedFacts, now: datetime, week: int, sign: list[Sign]) -> None:
    assert signs(replace(well, daily=well.daily[:21] + (week,) * 7), now) == sign


def test_there_is_no_usual_before_three_weeks(well: FeedFacts, now: datetime) -> None:
    young = replace(well, since=now - timedelta(days=15), daily=(0,) * 14 + (40,) * 7 + (1,) * 7)
    assert signs(young, now) == []


def test_a_move_and_misses_are_told(well: FeedFacts, now: datetime) -> None:
    assert signs(replace(well, moved_to="https://new.example/", misses=3), now) == [Sign.MOVED, Sign.MISSED]


def test_validators_that_lie_are_told_while_they_are_left_out(well: FeedFacts, now: datetime) -> None:
    (sign,) = judge(replace(well, distrusted_until=now + timedelta(days=3)), now=now)
    assert (sign.sign, "its validators lie" in sign.sentence) == (Sign.LYING, True)
    assert signs(replace(well, distrusted_until=now), now) == []


def test_facts_are_read_from_the_database(engine: Engine, now: datetime) -> None:
    start = now - timedelta(days=60)
    wanted = [
        ConfiguredFeed(name, f"https://{name}.example/", f"{name}.example") for name in ("busy", "mute")
    ]
    with writing(engine) as connection:
        sync_feeds(connection, wanted, now=start)
        known = {"baseline_at": start, "last_success_at": now, "last_new_at": now - timedelta(days=4)}
        connection.execute(update(FEED).values(**known))
        for day in range(4, DAYS):
            seen = now - timedelta(days=day)
            rows = [
                Article(
                    identity=f"{day}-{number}", url="https://x.example/", feed_id=1, first_seen_at=seen
                ).model_dump(exclude={"id"})
                for number in range(8)
            ]
            connection.execute(plain_insert(ARTICLE), rows)
        for hour in range(4):
            polled = PollRecord(now - timedelta(hours=hour), PollStatus.NEW, 200, entries=5, new=5)
            record_poll(connection, 2, polled)
        empty = PollRecord(now, PollStatus.UNCHANGED, 200)
        record_poll(connection, 2, replace(empty, polled_at=now + timedelta(minutes=1)))
    with reading(engine) as connection:
        found = {(sign.feed, sign.sign) for sign in read_signs(connection, now=now)}
    assert found == {("busy", Sign.STALE), ("mute", Sign.EMPTY), ("mute", Sign.MISSED)}
