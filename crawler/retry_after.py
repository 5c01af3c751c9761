"""When a server that said "later" may be asked again (RFC 9110, 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=24)  # servers have asked for 88 hours by mistake (Media Cloud)
UNSAID = timedelta(minutes=15)  # a bare 429
JITTER = 0.1  # of the wait, added, so that not all feeds of a host come back in one second


def retry_at(value: str, *, date: str, now: datetime, chance: float) -> datetime:
    """Return when to ask again after 429 or 503.

    `value` is the Retry-After header (seconds or an HTTP-date, which is taken relative to the server's
    own `date` header, since its clock may be wrong), empty when there was none. At least a minute, at
    most 24 hours, plus up to a tenth of it by `chance` (0 to 1).
    """
    wait = _requested(value, date, now)
    wait = UNSAID if wait is None else min(max(wait, SHORTEST), LONGEST)
    return now + wait * (1 + JITTER * chance)


def _requested(value: str, date: str, now: datetime) -> timedelta | None:
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    moment = http_date(text)
    return moment - (http_date(date) or now) if moment else None


def http_date(text: str) -> datetime | None:
    """Read an HTTP-date as aware UTC; None when it is none."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
