"""Moments as people write them on the command line: a span back from now, a date, a time."""

from __future__ import annotations

from datetime import UTC, datetime

from language.duration import parse_duration
from language.errors import HotlineError


class NotAMoment(HotlineError):
    """The text names no moment."""

    code = "not-a-moment"


def parse_since(text: str, *, now: datetime) -> datetime:
    """Read "2 d" (that long before `now`), "2026-11-18" or "2026-11-18T06:30" (UTC unless it says).

    Raises NotAMoment.
    """
    try:
        return now - parse_duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotAMoment(
            f"{text!r} is no time.", hint="Write for example 12 h, 3 d or 2026-11-18."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
