"""When a feed is asked again, and what one poll changes of what we know about it. Pure.

Each poll ends in an Outcome; `settle` turns the old state and the outcome into the new state and the
poll's row of history. Nothing here reads a clock, a network or a database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crawler.config import MAX_INTERVAL, MIN_INTERVAL
from storage.feed_signs import CONFIRMATIONS
from storage.records import ErrorKind, FeedDocument, FeedState, PollRecord, PollStatus, Settlement

FULL_FETCH_EVERY = timedelta(hours=24)  # validators can lie: once a day they are not sent
GONE_TIMES, GONE_FOR = 3, timedelta(hours=48)
LIES_BELIEVED = 2  # strikes; one body that changed under equal validators counts as two
DISTRUST = timedelta(days=7)  # without validators that lied; then they get another chance
_DOUBT = timedelta(hours=1)  # entries are dated a little before they appear
CRASHES = 3  # polls in a row that ended with their process
POISON_KEPT = timedelta(hours=24)  # before the same bytes are read once more
JITTER = 0.05  # of the interval, added, so that feeds do not march in step

_SOFT = frozenset(
    {
        ErrorKind.DNS,
        ErrorKind.TIMEOUT,
        ErrorKind.REFUSED,
        ErrorKind.TRUNCATED,
        ErrorKind.EMPTY,
        ErrorKind.ROBOTS,
    }
)
_SOFT_STATUSES = frozenset({404, 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530})
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


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a poll brought nothing. `retry_at` is the server's own wish (Retry-After)."""

    kind: ErrorKind
    message: str
    retry_at: datetime | None = None

    def is_soft(self, http_status: int) -> bool:
        """True for what usually passes by itself; 404 too, feeds do come back from it."""
        return self.kind in _SOFT or (self.kind is ErrorKind.HTTP and http_status in _SOFT_STATUSES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one poll went on the wire and in the parser.

    Exactly one holds: `failure` is set; `not_modified` is True (304); `document` is set (200, read).
    """

    polled_at: datetime
    http_status: int = 0
    failure: Failure | None = None
    not_modified: bool = False
    document: FeedDocument | None = None
    url: str = ""  # that answered, after redirects
    permanent_url: str = ""
    etag: str = ""
    last_modified: str = ""
    conditional: bool = False
    fresh_for: timedelta = timedelta(0)
    size: int = 0
    seconds: float = 0.0
    chance: float = 0.0  # 0 to 1, for jitter
    poison: bytes = b""  # hash of the body, where its reading had to be stopped


def poll_url(url: str, state: FeedState) -> str:
    """The address to ask: the configured one, or where it moved once that is confirmed."""
    return state.moved_to if is_moved(state) else url


def is_moved(state: FeedState) -> bool:
    """True when a permanent redirect was confirmed often enough to be believed."""
    return bool(state.moved_to) and state.moved_count >= CONFIRMATIONS


def is_conditional(state: FeedState, *, now: datetime) -> bool:
    """True when validators are known and a full fetch is not due yet."""
    if state.distrusted_until and now < state.distrusted_until:
        return False
    known = bool(state.validator_url) and bool(state.etag or state.last_modified)
    return known and state.last_full_at is not None and now - state.last_full_at < FULL_FETCH_EVERY


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
    interval = _next_interval(state, outcome, rhythm, new=new, known=known, missed=missed)
    lie = _lie(state, outcome, new)
    after = _with_validators(_with_document(_with_move(state, outcome), document), outcome)
    after = replace(
        _with_trust(after, outcome, lie),
        interval_seconds=int(interval.total_seconds()),
        next_check_at=_next_check(after, outcome, rhythm, interval),
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


def _lie(state: FeedState, outcome: Outcome, new: int) -> int:
    """How surely a full fetch shows that the 304s before it were wrong: 0, 1, or 2 for certain.

    Certain: new entries under the very validators that stood for "nothing new". Likely: entries that
    are older than the last 304, yet came with none; but a site may list late what it wrote early.
    """
    document = outcome.document
    if document is None or outcome.conditional or not new or not _said_unchanged(state, outcome):
        return 0
    if (outcome.etag, outcome.last_modified) == (state.etag, state.last_modified):
        return 2
    last = state.last_polled_at or outcome.polled_at
    recent = sum(
        1 for entry in document.entries if not entry.published_at or entry.published_at > last - _DOUBT
    )
    return 1 if recent < new else 0


def _said_unchanged(state: FeedState, outcome: Outcome) -> bool:
    """True when this address answered 304 since its last full answer."""
    if state.last_full_at is None or state.last_polled_at is None or state.failures:
        return False
    known = bool(state.etag or state.last_modified) and state.validator_url == outcome.url
    return known and state.last_polled_at > state.last_full_at


def _with_trust(state: FeedState, outcome: Outcome, lie: int) -> FeedState:
    """Do without validators for a while once they lied; a 200 to a conditional request clears them."""
    if outcome.conditional and not outcome.not_modified:
        return _with(state, lies=0, distrusted_until=None)
    lies = state.lies + lie
    distrusting = lie > 0 and lies >= LIES_BELIEVED
    until = outcome.polled_at + DISTRUST if distrusting else state.distrusted_until
    return _with(state, lies=lies, distrusted_until=until)


def _remark(outcome: Outcome, *, missed: bool, lie: int) -> str:
    if lie:
        return "The server had answered that nothing changed (304), although the feed did change."
    if missed:
        return "Every entry is new since the last poll: it may have missed entries; it is polled more often."
    if outcome.document is not None and outcome.document.damaged:
        return "The feed is damaged; an entry may be missing until the next poll."
    return ""


def _next_interval(
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


def _next_check(state: FeedState, outcome: Outcome, rhythm: Rhythm, interval: timedelta) -> datetime:
    """A fixed interval as it is; else the rhythm, but not before the server or the feed says so."""
    if rhythm.fixed is not None:
        return outcome.polled_at + rhythm.fixed
    if outcome.document is not None and outcome.document.damaged:
        interval = rhythm.shortest
    said = max(outcome.fresh_for, timedelta(seconds=state.ttl_seconds))
    wait = _within(max(interval, said), rhythm)
    return _outside_skipped(outcome.polled_at + wait * (1 + JITTER * outcome.chance), state)


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
    step = _SOFT_STEP if failure.is_soft(outcome.http_status) else _HARD_STEP
    wait = min(max(step * failures, rhythm.shortest), MAX_INTERVAL)
    next_check_at = outcome.polled_at + wait * (1 + JITTER * outcome.chance)
    after = replace(
        _with_gone(_without_move(state, failure), outcome, failure),
        next_check_at=max(next_check_at, failure.retry_at or next_check_at),
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
