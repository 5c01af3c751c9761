"""When a feed is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.due import Rhythm
from crawler.outcome import Failure, Outcome
from crawler.settling import settle
from storage.records import ErrorKind, FeedDocument, FeedState
from tests.crawler.outcomes import (
    FREE,
    NOON,
    NOT_MODIFIED,
    TIMEOUT,
    URL,
    failed,
    known_state,
    read,
    wait,
)


@pytest.mark.parametrize(
    ("new", "known", "minutes"),
    [(0, 50, 75), (10, 40, 75), (25, 25, 60), (20, 30, 60), (40, 10, 45), (50, 0, 30), (0, 0, 75)],
)
def test_the_rhythm_aims_at_a_third_to_two_thirds_known(new: int, known: int, minutes: int) -> None:
    after = settle(known_state(), read(), FREE, new=new, known=known).state
    assert wait(after) == timedelta(minutes=minutes)


def test_known_blocks_count_as_known_entries() -> None:
    after = settle(known_state(), read(document={"known": 49}), FREE, new=1, known=0)
    assert after.state.interval_seconds == 4500
    assert (after.poll.entries, after.poll.new) == (50, 1)


def test_no_overlap_is_told_and_halves_the_interval() -> None:
    settled = settle(known_state(), read(), FREE, new=50, known=0)
    assert "may have missed entries" in settled.poll.message
    assert settled.state.interval_seconds == 1800


def test_the_first_poll_misses_nothing() -> None:
    settled = settle(FeedState(next_check_at=NOON), read(), FREE, new=50, known=0)
    assert settled.poll.message == ""
    assert settled.state.interval_seconds == 3600
    assert settled.state.baseline_at == NOON


def test_a_poll_by_hand_before_its_time_teaches_no_rhythm() -> None:
    early = replace(known_state(), next_check_at=NOON + timedelta(hours=5))
    assert settle(early, NOT_MODIFIED, FREE, new=0, known=0).state.interval_seconds == 3600


def test_what_the_server_says_comes_before_the_own_rhythm() -> None:
    said = read(fresh_for=timedelta(hours=6))
    assert wait(settle(known_state(), said, FREE, new=25, known=25).state) == timedelta(hours=6)


def test_what_the_feed_says_is_kept_through_304s() -> None:
    state = settle(known_state(), read(document={"ttl_seconds": 10_800}), FREE, new=25, known=25).state
    assert wait(state) == timedelta(hours=3)
    later = settle(state, NOT_MODIFIED, FREE, new=0, known=0).state
    assert wait(later) == timedelta(hours=3)


def test_a_glance_keeps_what_the_feed_said() -> None:
    state = known_state(ttl_seconds=10_800, hub_url="https://hub.example/")
    after = settle(state, read(document={"parsed": False, "known": 50}), FREE, new=0, known=0).state
    assert (after.ttl_seconds, after.hub_url) == (10_800, "https://hub.example/")


def test_skipped_hours_and_days_are_kept() -> None:
    hours = read(document={"skip_hours": frozenset({13, 14})})
    after = settle(known_state(), hours, FREE, new=25, known=25).state
    assert after.next_check_at == datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    days = read(document={"skip_days": frozenset({3, 4})})  # Thursday, Friday
    after = settle(known_state(), days, FREE, new=25, known=25).state
    assert after.next_check_at == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


def test_a_feed_that_skips_every_hour_is_not_believed() -> None:
    always = read(document={"skip_hours": frozenset(range(24))})
    assert wait(settle(known_state(), always, FREE, new=25, known=25).state) == timedelta(hours=1)


def test_a_fixed_interval_overrides_what_is_said() -> None:
    fixed = Rhythm(fixed=timedelta(minutes=5))
    said = read(fresh_for=timedelta(hours=6))
    assert wait(settle(known_state(), said, fixed, new=0, known=50).state) == timedelta(minutes=5)


@given(
    polls=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 200_000)), max_size=60),
    chance=st.floats(0, 1),
)
def test_the_interval_stays_within_its_limits(polls: list[tuple[int, int, int]], chance: float) -> None:
    state = FeedState(next_check_at=NOON)
    for new, known, fresh in polls:
        outcome = Outcome(
            polled_at=state.next_check_at,
            http_status=200,
            document=FeedDocument(),
            url=URL,
            fresh_for=timedelta(seconds=fresh),
            chance=chance,
        )
        before, state = state, settle(state, outcome, FREE, new=new, known=known).state
        assert timedelta(minutes=10) <= state.next_check_at - before.next_check_at <= timedelta(hours=25.2)


def test_soft_errors_back_off_slower_than_hard_ones_and_never_stop() -> None:
    for failure, first, status in [(TIMEOUT, 15, 0), (Failure(ErrorKind.NOT_A_FEED, "html"), 60, 200)]:
        state, at, waits = known_state(), NOON, []
        for _ in range(120):
            state = settle(state, failed(failure, status=status, at=at), FREE, new=0, known=0).state
            waits.append((state.next_check_at - at).total_seconds() / 60)
            at = state.next_check_at
        assert waits[:3] == [first, 2 * first, 3 * first]
        assert max(waits) == waits[-1] == 24 * 60
        assert state.failing_since == NOON
        assert state.paused_at is None


def test_a_failure_keeps_validators_and_a_success_forgets_the_failure() -> None:
    state = known_state(validator_url=URL, etag='"1"')
    state = settle(state, failed(TIMEOUT), FREE, new=0, known=0).state
    assert (state.etag, state.failures, state.error_kind) == ('"1"', 1, "timeout")
    state = settle(state, NOT_MODIFIED, FREE, new=0, known=0).state
    assert (state.failures, state.error_kind, state.failing_since) == (0, "", None)


def test_retry_after_is_kept_to() -> None:
    until = NOON + timedelta(hours=7)
    busy = Failure(ErrorKind.HTTP, "later", retry_at=until)
    assert settle(known_state(), failed(busy, status=429), FREE, new=0, known=0).state.next_check_at == until
