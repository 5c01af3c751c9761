"""The condition of one feed, in a word and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.settling import is_moved
from storage.records import FeedState


@dataclass(frozen=True, slots=True)
class Condition:
    """`word` is for scripts: new, ok, moved, failing, paused. `style` is rich's."""

    word: str
    sentence: str
    style: str = ""


def condition(state: FeedState, *, now: datetime) -> Condition:
    """What is known of a feed, the worst first."""
    if state.paused_at:
        return Condition("paused", f"paused since {state.paused_at:%d %b}: {state.pause_reason}", "bold red")
    if state.failures:
        since = f"{state.failing_since:%d %b %H:%M}" if state.failing_since else "now"
        return Condition("failing", f"failing since {since} UTC: {state.error}", "red")
    if is_moved(state):
        return Condition("moved", f"moved for good to {state.moved_to}", "yellow")
    if state.last_success_at is None:
        return Condition("new", "not asked yet", "dim")
    return Condition("ok", f"read {_ago(now, state.last_success_at)} ago", "green")


def _ago(now: datetime, moment: datetime) -> str:
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
