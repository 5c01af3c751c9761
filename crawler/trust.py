"""Whether a feed's validators are to be believed. Pure.

Some servers answer 304 to everything. A feed is read in full once a day, and what that brings shows
whether the answers before it were true.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from crawler.outcome import Outcome
from storage.records import FeedState

FULL_FETCH_EVERY = timedelta(hours=24)  # then validators are not sent
LIES_BELIEVED = 2  # strikes; one body that changed under equal validators counts as two
DISTRUST = timedelta(days=7)  # without validators that lied; then they get another chance
_DOUBT = timedelta(hours=1)  # entries are dated a little before they appear


def is_conditional(state: FeedState, *, now: datetime) -> bool:
    """True when validators are known and a full fetch is not due yet."""
    if state.distrusted_until and now < state.distrusted_until:
        return False
    known = bool(state.validator_url) and bool(state.etag or state.last_modified)
    return known and state.last_full_at is not None and now - state.last_full_at < FULL_FETCH_EVERY


def lie_of(state: FeedState, outcome: Outcome, new: int) -> int:
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


def with_trust(state: FeedState, outcome: Outcome, lie: int) -> FeedState:
    """Do without validators for a while once they lied; a 200 to a conditional request clears them."""
    if outcome.conditional and not outcome.not_modified and (state.lies or state.distrusted_until):
        return replace(state, lies=0, distrusted_until=None)
    if not lie:
        return state
    lies = state.lies + lie
    until = outcome.polled_at + DISTRUST if lies >= LIES_BELIEVED else state.distrusted_until
    return replace(state, lies=lies, distrusted_until=until)


def _said_unchanged(state: FeedState, outcome: Outcome) -> bool:
    """True when this address answered 304 since its last full answer."""
    if state.last_full_at is None or state.last_polled_at is None or state.failures:
        return False
    known = bool(state.etag or state.last_modified) and state.validator_url == outcome.url
    return known and state.last_polled_at > state.last_full_at
