"""The bars above the stories: how busy the subject has been."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from digest.stories import DayVolume
from digest.view import Bar, Chart

DAYS = 14
_LEAST_DAYS = 2  # one bar alone compares with nothing


def chart_of(volume: Sequence[DayVolume]) -> Chart | None:
    """Return the last 14 days as bars, or None where there is nothing to compare.

    Days before records began are empty places, not zeros.
    """
    known = {item.day: item.matched for item in volume}
    if len(known) < _LEAST_DAYS or not any(known.values()):
        return None
    last = max(known)
    days = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    highest = max(known.get(day, 0) for day in days) or 1
    bars = tuple(_bar(day, known.get(day), highest=highest, today=day == last) for day in days)
    shown = [day for day in days if day in known]
    listed = ", ".join(str(known[day]) for day in shown)
    first, final = f"{shown[0].day} {shown[0]:%b}", f"{last.day} {last:%b}"
    return Chart(
        bars=bars,
        caption=f"Matching articles per day, {first} to {final}; weekends lighter",
        spoken=f"Bar chart, matching articles per day from {first} to {final}: {listed}.",
    )


def _bar(day: date, value: int | None, *, highest: int, today: bool) -> Bar:
    return Bar(
        weekday=f"{day:%a}",
        day=str(day.day),
        month=f"{day:%b}",
        value=value,
        share=(value or 0) / highest,
        weekend=day.weekday() >= 5,
        today=today,
    )
