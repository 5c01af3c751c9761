"""What one poll changes of what is known about a feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from crawler.outcome import Failure, Outcome
from crawler.settling import is_moved, is_poison, is_poisonous, poll_url, settle
from storage.records import ErrorKind, PollStatus
from tests.crawler.outcomes import (
    FREE,
    GONE,
    NOON,
    NOT_MODIFIED,
    TIMEOUT,
    URL,
    failed,
    known_state,
    read,
    wait,
)


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
