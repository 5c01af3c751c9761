"""Whether a feed's validators are to be believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crawler.outcome import Failure
from crawler.settling import settle
from crawler.trust import is_conditional
from storage.records import Entry, ErrorKind, FeedState
from tests.crawler.outcomes import (
    FREE,
    NOON,
    URL,
    failed,
    known_state,
    read,
)


def test_validators_are_left_out_once_a_day() -> None:
    state = known_state(validator_url=URL, etag='"1"', last_full_at=NOON)
    assert is_conditional(state, now=NOON + timedelta(hours=23, minutes=59))
    assert not is_conditional(state, now=NOON + timedelta(hours=24))


def test_a_failed_full_fetch_is_not_repeated_in_full_within_a_day() -> None:
    state = known_state(validator_url=URL, etag='"1"', last_full_at=NOON - timedelta(hours=24))
    error = Failure(ErrorKind.HTTP, "server error")
    after = settle(state, failed(error, status=500), FREE, new=0, known=0).state
    assert is_conditional(after, now=NOON + timedelta(hours=1))


def told_unchanged(**fields: Any) -> FeedState:
    """A feed whose last answers were 304 for a day: a full fetch is due."""
    said = {"validator_url": URL, "etag": '"1"', "last_full_at": NOON - timedelta(hours=24)}
    return known_state(**(said | fields))


def entries_of(*ages: timedelta) -> dict[str, Any]:
    """A document with one entry of each age."""
    return {"entries": tuple(Entry(f"{age}", "", f"{age}", published_at=NOON - age) for age in ages)}


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("etag", "ages", "new", "lies"),
    [
        ('"1"', [MINUTE], 1, 2),  # equal validators, another body
        ('"2"', [5 * HOUR, 6 * HOUR], 2, 1),  # what the last 304, an hour ago, should have told
        ('"2"', [MINUTE, 5 * HOUR], 1, 0),  # the older one is known
        ('"2"', [MINUTE], 1, 0),
        ('"1"', [], 0, 0),
    ],
)
def test_a_full_fetch_shows_whether_304_was_the_truth(
    etag: str, ages: list[timedelta], new: int, lies: int
) -> None:
    answer = read(etag=etag, document=entries_of(*ages))
    settled = settle(told_unchanged(), answer, FREE, new=new, known=9)
    assert settled.state.lies == lies
    assert ("304" in settled.poll.message) == (lies > 0)
    assert (settled.state.distrusted_until is not None) == (lies == 2)


def test_the_second_likely_lie_is_believed() -> None:
    answer = read(etag='"2"', document=entries_of(5 * HOUR))
    after = settle(told_unchanged(lies=1), answer, FREE, new=1, known=9).state
    assert after.distrusted_until is not None


def test_a_feed_that_never_said_304_cannot_have_lied() -> None:
    state = told_unchanged(last_polled_at=NOON - timedelta(hours=24))
    assert settle(state, read(etag='"1"'), FREE, new=5, known=9).state.lies == 0


def test_validators_that_lied_are_left_out_for_a_week_and_may_clear_themselves() -> None:
    liar = settle(told_unchanged(), read(etag='"1"'), FREE, new=5, known=9).state
    recent = replace(liar, last_full_at=NOON + timedelta(days=8))
    assert not is_conditional(recent, now=NOON + timedelta(days=6, hours=23))
    assert is_conditional(recent, now=NOON + timedelta(days=8))
    honest = settle(recent, read(etag='"3"', conditional=True), FREE, new=1, known=9).state
    assert (honest.lies, honest.distrusted_until) == (0, None)
