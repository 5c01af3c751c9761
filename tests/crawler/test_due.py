"""When a feed is asked again, and what one poll changes of what is known about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.due import (
    Failure,
    Outcome,
    Rhythm,
    is_conditional,
    is_moved,
    is_poison,
    is_poisonous,
    poll_url,
    settle,
)
from storage.records import Entry, ErrorKind, FeedDocument, FeedState, PollStatus

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)  # a Thursday
URL = "https://a.example/feed"
FREE = Rhythm()
TIMEOUT = Failure(ErrorKind.TIMEOUT, "took too long")
GONE = Failure(ErrorKind.GONE, "gone")


def known_state(**fields: Any) -> FeedState:
    """A feed with a past: polled an hour ago, due now."""
    past = NOON - timedelta(hours=1)
    defaults = {"baseline_at": past, "last_full_at": past, "last_polled_at": past, "last_success_at": past}
    return FeedState(next_check_at=NOON, **(defaults | fields))


def read(**fields: Any) -> Outcome:
    """A 200 that was read; `document` fields may be given too."""
    document = FeedDocument(**fields.pop("document", {}))
    return Outcome(polled_at=NOON, http_status=200, document=document, url=URL, **fields)


def failed(failure: Failure, *, status: int = 0, at: datetime = NOON) -> Outcome:
    return Outcome(polled_at=at, http_status=status, failure=failure)


NOT_MODIFIED = Outcome(polled_at=NOON, http_status=304, not_modified=True, url=URL, conditional=True)


def wait(state: FeedState) -> timedelta:
    return state.next_check_at - NOON


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


def test_an_unchanged_body_is_told_apart_from_a_304() -> None:
    same = settle(known_state(), read(document={"known": 9, "parsed": False}), FREE, new=0, known=0)
    told = settle(known_state(), NOT_MODIFIED, FREE, new=0, known=0)
    assert (same.poll.status, told.poll.status) == (PollStatus.UNCHANGED, PollStatus.NOT_MODIFIED)


def test_a_feed_that_ends_processes_is_left_alone_after_the_third_time_and_then_after_each() -> None:
    assert [is_poisonous(known_state(), crashes) for crashes in range(4)] == [False, False, False, True]
    told = known_state(error_kind=ErrorKind.CRASHED)
    assert [is_poisonous(told, crashes) for crashes in range(2)] == [False, True]


def test_a_body_that_cost_a_worker_is_known_for_a_day_or_until_the_feed_is_read() -> None:
    crash = Outcome(NOON, 200, Failure(ErrorKind.CRASHED, "stopped"), poison=b"body")
    after = settle(known_state(), crash, FREE, new=0, known=0).state
    assert is_poison(after, b"body", now=NOON + timedelta(hours=23))
    assert not is_poison(after, b"body", now=NOON + timedelta(hours=24))
    assert not is_poison(after, b"other", now=NOON)
    assert not is_poison(settle(after, read(), FREE, new=0, known=9).state, b"body", now=NOON)


def test_a_damaged_body_leaves_no_validators_and_is_read_again_soon() -> None:
    settled = settle(
        known_state(validator_url=URL, etag='"1"', interval_seconds=36_000),
        read(document={"damaged": True}, etag='"2"'),
        FREE,
        new=3,
        known=20,
    )
    assert (settled.state.etag, settled.state.validator_url) == ("", "")
    assert wait(settled.state) == timedelta(minutes=10)
    assert "damaged" in settled.poll.message


def test_a_304_may_renew_the_validators() -> None:
    state = known_state(validator_url=URL, etag='"1"', last_modified="monday")
    after = settle(state, replace(NOT_MODIFIED, etag='"2"'), FREE, new=0, known=0)
    assert (after.state.etag, after.state.last_modified) == ('"2"', "monday")
    assert after.poll.status is PollStatus.NOT_MODIFIED
    assert after.state.last_full_at == state.last_full_at


def test_a_move_is_believed_after_three_polls_that_agree() -> None:
    state = known_state()
    for count in range(1, 4):
        assert poll_url("old", state) == "old"
        state = settle(state, read(permanent_url="new"), FREE, new=0, known=5).state
        assert state.moved_count == count
    assert is_moved(state)
    assert poll_url("old", state) == "new"
    state = settle(state, read(), FREE, new=0, known=5).state
    assert poll_url("old", state) == "new"  # asked at the new address, nothing redirects any more


def test_a_move_that_changes_its_mind_starts_over() -> None:
    state = known_state()
    for target in ["new", "new", "other"]:
        state = settle(state, read(permanent_url=target), FREE, new=0, known=5).state
    assert (state.moved_to, state.moved_count) == ("other", 1)
    state = settle(state, read(), FREE, new=0, known=5).state
    assert (state.moved_to, state.moved_count) == ("", 0)


def test_a_new_address_that_fails_sends_us_back_to_the_configured_one() -> None:
    state = known_state(moved_to="new", moved_count=3, moved_since=NOON)
    after = settle(state, failed(Failure(ErrorKind.DNS, "no such name")), FREE, new=0, known=0).state
    assert poll_url("old", after) == "old"
    busy = Failure(ErrorKind.HTTP, "later", retry_at=NOON + timedelta(hours=1))
    assert is_moved(settle(state, failed(busy, status=503), FREE, new=0, known=0).state)


def test_gone_three_times_over_two_days_pauses() -> None:
    state = known_state()
    for hours, paused in [(0, False), (20, False), (47, False), (48, True)]:
        at = NOON + timedelta(hours=hours)
        state = settle(state, failed(GONE, status=410, at=at), FREE, new=0, known=0).state
        assert (state.paused_at is not None) is paused
    assert "410" in state.pause_reason


def test_gone_is_forgiven_when_anything_else_is_answered() -> None:
    state = known_state(gone_count=2, gone_since=NOON - timedelta(days=3))
    state = settle(state, failed(TIMEOUT), FREE, new=0, known=0).state
    assert (state.gone_count, state.gone_since) == (0, None)


def test_a_paused_feed_that_answers_is_back() -> None:
    state = known_state(paused_at=NOON - timedelta(days=1), pause_reason="gone")
    after = settle(state, read(), FREE, new=1, known=4).state
    assert (after.paused_at, after.pause_reason) == (None, "")
