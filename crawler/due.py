"""When a feed is asked again: its own rhythm, the server's wish, the configuration's limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.config import MAX_INTERVAL, MIN_INTERVAL
from crawler.outcome import Failure, Outcome
from storage.records import FeedState

JITTER = 0.05  # of the interval, added, so that feeds do not march in step
_SOFT_STEP = timedelta(minutes=15)
_HARD_STEP = timedelta(hours=1)
_SLOWER, _FASTER = 1.25, 0.75
_WANTED_OVERLAP = (1 / 3, 2 / 3)  # of entries already known from poll to poll (Media Cloud's rule)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the configuration lets a feed be polled; `fixed` overrides what the feed says."""

    fixed: timedelta | None = None
    shortest: timedelta = MIN_INTERVAL
    longest: timedelta = MAX_INTERVAL


def next_interval(
    state: FeedState, outcome: Outcome, rhythm: Rhythm, *, new: int, known: int, missed: bool
) -> timedelta:
    """The feed's own rhythm: longer when most entries were known, shorter when few were."""
    current = timedelta(seconds=state.interval_seconds)
    overlap = known / (new + known) if new + known else 1.0
    if missed:
        current /= 2
    elif state.baseline_at is None or outcome.polled_at < state.next_check_at:
        pass  # the first poll says nothing about the rhythm, nor does one by hand before its time
    elif overlap < _WANTED_OVERLAP[0]:
        current *= _FASTER
    elif overlap > _WANTED_OVERLAP[1]:
        current *= _SLOWER
    return _within(current, rhythm)


def next_check(state: FeedState, outcome: Outcome, rhythm: Rhythm, interval: timedelta) -> datetime:
    """A fixed interval as it is; else the rhythm, but not before the server or the feed says so."""
    if rhythm.fixed is not None:
        return outcome.polled_at + rhythm.fixed
    if outcome.document is not None and outcome.document.damaged:
        interval = rhythm.shortest
    said = max(outcome.fresh_for, timedelta(seconds=state.ttl_seconds))
    wait = _within(max(interval, said), rhythm)
    return _outside_skipped(outcome.polled_at + wait * (1 + JITTER * outcome.chance), state)


def after_failure(outcome: Outcome, failure: Failure, rhythm: Rhythm, failures: int) -> datetime:
    """Later with each of the `failures` in a row, up to a day; not before the server's own wish."""
    step = _SOFT_STEP if failure.is_soft(outcome.http_status) else _HARD_STEP
    wait = min(max(step * failures, rhythm.shortest), MAX_INTERVAL)
    moment = outcome.polled_at + wait * (1 + JITTER * outcome.chance)
    return max(moment, failure.retry_at or moment)


def _within(span: timedelta, rhythm: Rhythm) -> timedelta:
    return min(max(span, rhythm.shortest), rhythm.longest)


def _outside_skipped(moment: datetime, state: FeedState) -> datetime:
    """Move on to the first hour that the feed does not ask to skip; a feed that skips all is ignored."""
    if not (state.skip_hours or state.skip_days):
        return moment
    candidate = moment
    for _ in range(7 * 24):
        if not (state.skip_hours >> candidate.hour & 1 or state.skip_days >> candidate.weekday() & 1):
            return candidate
        candidate = candidate.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment
