"""Dates as feeds write them, in English, Russian and Ukrainian, to aware UTC, or None."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from feedparser.datetimes import _parse_date as parse_rare_date

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(days=1)  # how far ahead of us a publisher's clock may be

# First three letters, lower case: English, Russian (nominative and genitive), Ukrainian
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan янв січ",
            "feb фев лют",
            "mar мар бер",
            "apr апр кві",
            "may май мая тра",
            "jun июн чер",
            "jul июл лип",
            "aug авг сер",
            "sep сен вер",
            "oct окт жов",
            "nov ноя лис",
            "dec дек гру",
        ),
        start=1,
    )
    for name in names.split()
}
# RFC 822, 5.1, and what newsrooms from Lisbon to Auckland write instead of an offset. Hours.
_ZONES = {
    **dict.fromkeys(("ut", "utc", "gmt", "z", "wet"), 0.0),
    **dict.fromkeys(("cet", "bst", "west", "met"), 1.0),
    **dict.fromkeys(("eet", "cest", "sast", "mest"), 2.0),
    **dict.fromkeys(("msk", "мск", "eest", "trt"), 3.0),
    **dict.fromkeys(("msd", "samt", "gst"), 4.0),
    **dict.fromkeys(("yekt", "pkt", "uzt"), 5.0),
    **dict.fromkeys(("ist",), 5.5),
    **dict.fromkeys(("hkt", "sgt", "pht", "awst"), 8.0),
    **dict.fromkeys(("jst", "kst"), 9.0),
    "aest": 10.0,
    "aedt": 11.0,
    "nzst": 12.0,
    "nzdt": 13.0,
    **dict.fromkeys(("adt",), -3.0),
    **dict.fromkeys(("edt", "ast"), -4.0),
    **dict.fromkeys(("est", "et", "cdt"), -5.0),
    **dict.fromkeys(("cst", "mdt"), -6.0),
    **dict.fromkeys(("mst", "pdt"), -7.0),
    **dict.fromkeys(("pst",), -8.0),
    "akdt": -8.0,
    "akst": -9.0,
    "hst": -10.0,
}
_CLOCK = r"(?:[\sT,в]+(?:at\s+|о\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?)?"
_ZONE = r"\s*(?P<zone>[+-]\d{1,2}:?\d{2}|(?:GMT|UTC)[+-]\d{1,2}(?::?\d{2})?|[^\W\d_]{1,5})?"
_SHAPES = tuple(
    re.compile(shape + _CLOCK + _ZONE, re.IGNORECASE)
    for shape in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})(?:\s+|-)(?P<month>[^\W\d_]{3,12})\.?,?(?:\s+|-)(?P<year>\d{4}|\d{2})\b(?:\s*(?:г|р)\.?,?)?",
        r"(?P<month>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}),?",
    )
)
_WEEKDAY = re.compile(
    r"^\s*[^\W\d_]{2,12}\.?\s*[,.]\s*|^\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\s+", re.IGNORECASE
)
_UNIX = re.compile(r"\d{9,10}(?=(?:\d{3})?$)")
_LONGEST = 80  # characters of a date


def parse_date(raw: str, *, now: datetime) -> datetime | None:
    """Return the instant `raw` names in UTC; None when it names none or one that cannot be true.

    Not believable is a time before 1990 or more than a day after `now`. Without a zone the time is
    taken as UTC; without a clock it is midnight.
    """
    moment = _read(raw.strip()[:_LONGEST]) if raw else None
    return moment if moment and EARLIEST <= moment <= now + LEEWAY else None


def _read(raw: str) -> datetime | None:
    if unix := _UNIX.match(raw):
        return datetime.fromtimestamp(int(unix[0]), UTC)
    plain = _WEEKDAY.sub("", raw)
    for shape in _SHAPES:
        if found := shape.match(plain):
            moment = _moment(found)
            if moment is not None:
                return moment
    return _rare(raw)


def _moment(found: re.Match[str]) -> datetime | None:
    month = found["month"]
    number = int(month) if month.isdigit() else _MONTHS.get(month[:3].lower(), 0)
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 1900 if year >= 90 else 2000
    hour, minute, second = int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0)
    try:
        day = datetime(year, number, int(found["day"]), tzinfo=_zone(found["zone"] or ""))
        if hour > 24 or minute > 59 or second > 60:  # 24:00 is the next day, :60 a leap second
            return None
        return (day + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)
    except (ValueError, OverflowError):  # 31 February, year 0, the end of time
        return None


@lru_cache(maxsize=256)
def _zone(name: str) -> timezone:
    name = name.lower()
    if name[:3] in {"gmt", "utc"} and len(name) > 3:
        name = name[3:]
    if name[:1] not in {"+", "-"}:
        return timezone(timedelta(hours=_ZONES.get(name, 0.0)))
    digits = name[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if name[0] == "-" else offset)


def _rare(raw: str) -> datetime | None:
    """Korean, Greek, Hungarian, asctime, week dates: feedparser knows them."""
    parsed = parse_rare_date(raw)
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError):
        return None
