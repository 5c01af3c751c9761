"""What one poll changes of what we know about a feed. Pure.

Each poll ends in an Outcome; `settle` turns the old state and the outcome into the new state and the
poll's row of history. Nothing here reads a clock, a network or a database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crawler.due import Rhythm, after_failure, next_check, next_interval
from crawler.outcome import Failure, Outcome
from crawler.trust import lie_of, with_trust
from storage.feed_signs import CONFIRMATIONS
from storage.records import ErrorKind, FeedDocument, FeedState, PollRecord, PollStatus, Settlement

GONE_TIMES, GONE_FOR = 3, timedelta(hours=48)
CRASHES = 3  # polls in a row that ended with their process
POISON_KEPT = timedelta(hours=24)  # before the same bytes are read once more


def poll_url(url: str, state: FeedState) -> str:
    """The address to ask: the configured one, or where it moved once that is confirmed."""
    return state.moved_to if is_moved(state) else url


def is_moved(state: FeedState) -> bool:
    """True when a permanent redirect was confirmed often enough to be believed."""
    return bool(state.moved_to) and state.moved_count >= CONFIRMATIONS


def is_poisonous(state: FeedState, crashes: int) -> bool:
    """True when a feed is to be left alone for once: the last `crashes` polls of it never came to an end.

    Three may be chance (somebody kills the process); after a crash that was told, one is enough.
    """
    return crashes >= (1 if state.error_kind == ErrorKind.CRASHED else CRASHES)


def is_poison(state: FeedState, body: bytes, *, now: datetime) -> bool:
    """True for the hash of a `body` whose reading had to be stopped within the last day."""
    return bool(state.poison) and state.poison == body and now - (state.poisoned_at or now) < POISON_KEPT


def settle(state: FeedState, outcome: Outcome, rhythm: Rhythm, *, new: int, known: int) -> Settlement:
    """Return what is known after a poll: `new` articles did not exist before it, `known` did."""
    if outcome.failure is not None:
        return _settle_failure(state, outcome, outcome.failure, rhythm)
    return _settle_success(state, outcome, rhythm, new=new, known=known)


def _settle_success(
    state: FeedState, outcome: Outcome, rhythm: Rhythm, *, new: int, known: int
) -> Settlement:
    document = outcome.document
    if document is not None:
        known += document.known
    missed = document is not None and state.baseline_at is not None and new > 0 and known == 0
    interval = next_interval(state, outcome, rhythm, new=new, known=known, missed=missed)
    lie = lie_of(state, outcome, new)
    after = _with_validators(_with_document(_with_move(state, outcome), document), outcome)
    after = replace(
        with_trust(after, outcome, lie),
        interval_seconds=int(interval.total_seconds()),
        next_check_at=next_check(after, outcome, rhythm, interval),
        last_polled_at=outcome.polled_at,
        last_success_at=outcome.polled_at,
        last_new_at=outcome.polled_at if new else state.last_new_at,
        baseline_at=state.baseline_at or (outcome.polled_at if document is not None else None),
        failures=0,
        failing_since=None,
        error_kind="",
        error="",
        gone_count=0,
        gone_since=None,
        paused_at=None,
        pause_reason="",
        poison=b"",
        poisoned_at=None,
    )
    poll = PollRecord(
        polled_at=outcome.polled_at,
        status=_status(outcome, new),
        http_status=outcome.http_status,
        message=_remark(outcome, missed=missed, lie=lie),
        entries=new + known,
        new=new,
        size=outcome.size,
        seconds=outcome.seconds,
    )
    return Settlement(after, poll)


def _status(outcome: Outcome, new: int) -> PollStatus:
    if outcome.not_modified:
        return PollStatus.NOT_MODIFIED
    return PollStatus.NEW if new else PollStatus.UNCHANGED


def _remark(outcome: Outcome, *, missed: bool, lie: int) -> str:
    if lie:
        return "The server had answered that nothing changed (304), although the feed did change."
    if missed:
        return "Every entry is new since the last poll: it may have missed entries; it is polled more often."
    if outcome.document is not None and outcome.document.damaged:
        return "The feed is damaged; an entry may be missing until the next poll."
    return ""


def _with(state: FeedState, **values: Any) -> FeedState:
    """The state with these values: itself where it has them already, since a copy has its price."""
    if all(getattr(state, name) == value for name, value in values.items()):
        return state
    return replace(state, **values)


def _with_document(state: FeedState, document: FeedDocument | None) -> FeedState:
    if document is None or not document.parsed:
        return state
    return replace(
        state,
        hub_url=document.hub,
        self_url=document.self_url,
        ttl_seconds=document.ttl_seconds or 0,
        skip_hours=_bits(document.skip_hours, 24),
        skip_days=_bits(document.skip_days, 7),
    )


def _bits(numbers: Iterable[int], size: int) -> int:
    return sum(1 << number for number in numbers if 0 <= number < size)


def _with_validators(state: FeedState, outcome: Outcome) -> FeedState:
    """Keep validators only of a body that was read whole: a 304 would hide what a damaged one lacks."""
    if outcome.not_modified:
        return _with(
            state,
            etag=outcome.etag or state.etag,
            last_modified=outcome.last_modified or state.last_modified,
        )
    whole = outcome.document is None or not outcome.document.damaged
    return replace(
        state,
        validator_url=outcome.url if whole else "",
        etag=outcome.etag if whole else "",
        last_modified=outcome.last_modified if whole else "",
        last_full_at=outcome.polled_at,
    )


def _with_move(state: FeedState, outcome: Outcome) -> FeedState:
    """Count sightings of one permanent target; a poll that was not sent on forgets an unbelieved one."""
    target = outcome.permanent_url
    if not target:
        return state if is_moved(state) else _with(state, moved_to="", moved_count=0, moved_since=None)
    if target == state.moved_to:
        return replace(state, moved_count=state.moved_count + 1)
    return replace(state, moved_to=target, moved_count=1, moved_since=outcome.polled_at)


def _settle_failure(state: FeedState, outcome: Outcome, failure: Failure, rhythm: Rhythm) -> Settlement:
    failures = state.failures + 1
    after = replace(
        _with_gone(_without_move(state, failure), outcome, failure),
        next_check_at=after_failure(outcome, failure, rhythm, failures),
        last_polled_at=outcome.polled_at,
        failures=failures,
        failing_since=state.failing_since or outcome.polled_at,
        error_kind=failure.kind,
        error=failure.message,
    )
    if outcome.poison:
        after = replace(after, poison=outcome.poison, poisoned_at=outcome.polled_at)
    if outcome.http_status and not outcome.conditional:
        after = replace(after, last_full_at=outcome.polled_at)  # not again in full within a day
    poll = PollRecord(
        polled_at=outcome.polled_at,
        status=PollStatus.ERROR,
        http_status=outcome.http_status,
        error_kind=failure.kind,
        message=failure.message,
        size=outcome.size,
        seconds=outcome.seconds,
    )
    return Settlement(after, poll)


def _without_move(state: FeedState, failure: Failure) -> FeedState:
    """When the new address fails, ask the configured one again; a server that is busy has not failed."""
    if not is_moved(state) or failure.retry_at is not None:
        return state
    return replace(state, moved_to="", moved_count=0, moved_since=None)


def _with_gone(state: FeedState, outcome: Outcome, failure: Failure) -> FeedState:
    """410 is a word for good, yet servers have said it by mistake: three times over 48 hours pauses."""
    if failure.kind is not ErrorKind.GONE:
        return _with(state, gone_count=0, gone_since=None)
    since = state.gone_since or outcome.polled_at
    count = state.gone_count + 1
    pausing = count >= GONE_TIMES and outcome.polled_at - since >= GONE_FOR
    return replace(
        state,
        gone_count=count,
        gone_since=since,
        paused_at=outcome.polled_at if pausing else state.paused_at,
        pause_reason="The server says the feed is gone for good (410)." if pausing else state.pause_reason,
    )
