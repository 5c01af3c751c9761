"""When a server that said "later" is asked again."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.retry_after import LONGEST, SHORTEST, UNSAID, retry_at


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("3600", timedelta(hours=1)),
        (" 120 ", timedelta(minutes=2)),
        ("0", SHORTEST),
        ("5", SHORTEST),
        ("317100", LONGEST),
        ("9" * 400, LONGEST),
        ("", UNSAID),
        ("soon", UNSAID),
        ("-5", UNSAID),
        ("٣٦٠٠", UNSAID),
    ],
)
def test_seconds_within_limits(now: datetime, value: str, wait: timedelta) -> None:
    assert retry_at(value, date="", now=now, chance=0) == now + wait


def test_a_date_is_relative_to_the_clock_of_the_server(now: datetime) -> None:
    servers_now = now - timedelta(days=400)
    value = format_datetime(servers_now + timedelta(hours=2), usegmt=True)
    date = format_datetime(servers_now, usegmt=True)
    assert retry_at(value, date=date, now=now, chance=0) == now + timedelta(hours=2)


def test_a_date_in_the_past_means_the_shortest_wait(now: datetime) -> None:
    value = format_datetime(now - timedelta(hours=2), usegmt=True)
    assert retry_at(value, date="", now=now, chance=0) == now + SHORTEST


@given(value=st.text(max_size=40), date=st.text(max_size=40), chance=st.floats(0, 1))
def test_whatever_is_said_the_wait_is_within_limits(value: str, date: str, chance: float) -> None:
    now = datetime.fromisoformat("2026-11-19T12:00:00+00:00")
    wait = retry_at(value, date=date, now=now, chance=chance) - now
    assert SHORTEST <= wait <= LONGEST * 1.1
