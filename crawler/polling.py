"""One poll of one feed, around the wire: what to ask, and what the answer means. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial

from crawler import settling, trust
from crawler.config import FeedConfig
from crawler.due import Rhythm
from crawler.errors import FetchError
from crawler.fetcher import Fetched, Validators, Wanted
from crawler.freshness import fresh_for
from crawler.outcome import Failure, Outcome
from crawler.reading.read import body_hash
from storage.records import (
    DueFeed,
    ErrorKind,
    FeedDocument,
    FeedMemory,
    JudgedEntry,
    PollResult,
    Settlement,
)


def rules_of(feed: DueFeed) -> FeedConfig:
    """The feed's part of the configuration, as its row keeps it; address and name are the row's own."""
    return _rules(frozenset(feed.options.items()))


@lru_cache(maxsize=1024)
def _rules(options: frozenset[tuple[str, object]]) -> FeedConfig:
    """Most feeds have the same few options, and reading them costs more than a header."""
    return FeedConfig.model_validate({"url": "https://feed.invalid/", **dict(options)})


def rhythm_of(rules: FeedConfig, *, pushed: bool) -> Rhythm:
    """How often the configuration lets it be polled; at the upper limit while a hub tells of changes."""
    if pushed:
        return Rhythm(fixed=rules.max_every, shortest=rules.min_every, longest=rules.max_every)
    return Rhythm(fixed=rules.every, shortest=rules.min_every, longest=rules.max_every)


def wanted_of(feed: DueFeed, *, now: datetime, timeout: float, authorization: str = "") -> Wanted:
    """What to ask for: validators of this very address, unless a full fetch is due."""
    state = feed.state
    validators = Validators()
    if trust.is_conditional(state, now=now):
        validators = Validators(state.validator_url, state.etag, state.last_modified)
    return Wanted(
        url=settling.poll_url(feed.url, state),
        validators=validators,
        authorization=authorization,
        timeout=timeout,
    )


def answered(fetched: Fetched, *, now: datetime, chance: float) -> Outcome:
    """The outcome of an answer, before its body is read."""
    headers = fetched.headers
    return Outcome(
        polled_at=now,
        http_status=fetched.status,
        failure=_refusal(fetched),
        not_modified=fetched.status == 304,
        url=fetched.url,
        permanent_url=fetched.permanent_url,
        etag=_validator(headers.get("ETag", "")),
        last_modified=_validator(headers.get("Last-Modified", "")),
        conditional=fetched.conditional,
        fresh_for=fresh_for(headers, now=now),
        size=len(fetched.body),
        seconds=fetched.seconds,
        chance=chance,
    )


def _validator(value: str) -> str:
    """Empty where it is no text: bytes of no encoding can neither be stored nor be sent again."""
    return value if value.encode("utf-8", "ignore").decode() == value else ""


def _refusal(fetched: Fetched) -> Failure | None:
    status = fetched.status
    if status == 304:
        return None if fetched.conditional else Failure(ErrorKind.HTTP, "304 although nothing was known.")
    if 200 <= status < 300:
        return None
    if status == 410:
        return Failure(ErrorKind.GONE, "The server says the feed is gone (410).")
    if fetched.retry_at is not None:
        message = f"The server asks to be left alone until {fetched.retry_at:%Y-%m-%d %H:%M} UTC ({status})."
        return Failure(ErrorKind.HTTP, message, retry_at=fetched.retry_at)
    return Failure(ErrorKind.HTTP, f"The server answered {status}{_meaning(status)}.")


def _meaning(status: int) -> str:
    meanings = {401: "login required", 403: "forbidden", 404: "not found", 451: "blocked for legal reasons"}
    text = meanings.get(status, "server error" if status >= 500 else "")
    return f" ({text})" if text else ""


def unanswered(error: FetchError, *, now: datetime, chance: float) -> Outcome:
    """The outcome of a fetch that brought no answer."""
    return Outcome(polled_at=now, failure=Failure(error.kind, error.message), chance=chance)


def quarantined(feed: DueFeed, *, now: datetime, chance: float) -> Outcome | None:
    """The outcome of a poll that is better not made, None where nothing speaks against it."""
    if not settling.is_poisonous(feed.state, feed.crashes):
        return None
    message = f"Hotline ended {feed.crashes} times while it polled the feed, which is left alone for a while."
    if feed.crashes == 1:
        message = "Hotline ended again while it polled the feed, which is left alone for a while."
    return Outcome(polled_at=now, failure=Failure(ErrorKind.CRASHED, message), chance=chance)


def unread(feed: DueFeed, fetched: Fetched, outcome: Outcome) -> Outcome | None:
    """The outcome where the body is the one whose reading had to be stopped, else None."""
    if not feed.state.poison or not settling.is_poison(feed.state, _identity(fetched), now=outcome.polled_at):
        return None
    message = (
        "The answer is still the one whose reading had to be stopped; "
        "it is read again when it changes, or after a day."
    )
    return replace(outcome, failure=Failure(ErrorKind.CRASHED, message))


def unreadable(fetched: Fetched, outcome: Outcome, kind: ErrorKind, message: str) -> Outcome:
    """The outcome of a body that cannot be read; one that costs a worker is remembered."""
    poison = _identity(fetched) if kind is ErrorKind.CRASHED else b""
    return replace(outcome, failure=Failure(kind, message), poison=poison)


def _identity(fetched: Fetched) -> bytes:
    return body_hash(fetched.body, url=fetched.url, content_type=fetched.headers.get("Content-Type", ""))


def poll_result(
    feed: DueFeed,
    rules: FeedConfig,
    outcome: Outcome,
    *,
    entries: Sequence[JudgedEntry] = (),
    topic: str = "",
) -> PollResult:
    """Pack a poll for the database, with the decision that only it can complete."""
    document = outcome.document
    return PollResult(
        feed_id=feed.id,
        fence=feed.fence,
        polled_at=outcome.polled_at,
        before=feed.state,
        settle=partial(_settle, feed, outcome, rhythm_of(rules, pushed=feed.pushed)),
        entries=tuple(entries),
        memory=_memory_of(feed, document),
        baseline=feed.state.baseline_at is None,
        backfill=rules.backfill,
        topic=topic,
    )


def _settle(feed: DueFeed, outcome: Outcome, rhythm: Rhythm, new: int, known: int) -> Settlement:
    return settling.settle(feed.state, outcome, rhythm, new=new, known=known)


def _memory_of(feed: DueFeed, document: FeedDocument | None) -> FeedMemory | None:
    if document is None or document.memory == feed.memory:
        return None
    return document.memory
