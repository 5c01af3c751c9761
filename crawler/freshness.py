"""How long an answer says it stays fresh (RFC 9111, 4.2). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from crawler.retry_after import http_date

LONGEST = timedelta(hours=24)


def fresh_for(headers: Mapping[str, str], *, now: datetime) -> timedelta:
    """Return for how long asking again is pointless: Cache-Control max-age less Age, else Expires
    relative to the server's own Date. Zero when nothing is said or caching is refused; at most 24 hours.
    """
    directives = _directives(headers.get("Cache-Control", ""))
    if "no-cache" in directives or "no-store" in directives:
        return timedelta(0)
    if "max-age" in directives:
        span = timedelta(seconds=_number(directives["max-age"]) - _number(headers.get("Age", "")))
    else:
        expires = http_date(headers.get("Expires", ""))
        span = expires - (http_date(headers.get("Date", "")) or now) if expires else timedelta(0)
    return min(max(span, timedelta(0)), LONGEST)


def _directives(value: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in value.split(","))
    return {name.strip().lower(): text.strip().strip('"') for name, _, text in pairs if name}


def _number(text: str) -> int:
    text = text.strip()
    return min(int(text[:10]), 10**8) if text.isascii() and text.isdigit() else 0
