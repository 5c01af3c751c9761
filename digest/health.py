"""The state of the feeds, as every issue tells it: no feed dies in silence."""

from __future__ import annotations

from datetime import datetime

from digest import wording
from digest.stories import FailingFeed, FeedHealth
from digest.view import HealthView

_MOST_LINES = 10


def health_of(health: FeedHealth, *, now: datetime) -> HealthView:
    """Return what to print about the feeds; `now` is in the reader's zone. The longest failing first."""
    failing = sorted(health.failing, key=lambda feed: (feed.since or now, feed.name))
    lines = [_line(feed, now=now) for feed in failing[:_MOST_LINES]]
    if len(failing) > _MOST_LINES:
        lines.append(f"and {len(failing) - _MOST_LINES} more; hotline status lists them")
    return HealthView(
        headline=_headline(len(failing), health.total),
        lines=tuple(lines),
        all_well="" if failing else _all_well(health.total),
        notices=health.notices,
    )


def _headline(failing: int, total: int) -> str:
    if not failing:
        return ""
    if total == 1:
        return "The one feed is failing"
    return f"{failing} of {total} feeds {'is' if failing == 1 else 'are'} failing"


def _all_well(total: int) -> str:
    if total == 0:
        return "No feed is configured."
    return "The one feed is working." if total == 1 else f"All {total} feeds are working."


def _line(feed: FailingFeed, *, now: datetime) -> str:
    since = f", {wording.since_phrase(feed.since, now=now)}" if feed.since else ""
    return f"{feed.name}: {feed.problem.rstrip('.')}{since}"
