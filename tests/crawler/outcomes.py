"""Feeds with a past, and what a poll of them may end in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.due import Rhythm
from crawler.outcome import Failure, Outcome
from storage.records import ErrorKind, FeedDocument, FeedState

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
