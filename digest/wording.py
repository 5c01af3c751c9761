"""The digest's own words: times, counts, trends. English, and the reader's own time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

_CLOSE = 4  # per cent around the average that count as the same
_LEAST_DAYS = 4  # fewer earlier days make no average worth printing

# Ukrainian is UA: "UK" would read as the United Kingdom.
_LANGUAGE_LABELS = {"uk": "UA"}
_LANGUAGE_NAMES = {
    "be": "Belarusian",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pl": "Polish",
    "ru": "Russian",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


def language_label(language: str) -> str:
    """Return the short mark of a language: EN, RU, UA."""
    return _LANGUAGE_LABELS.get(language, language.upper())


def language_name(label: str) -> str:
    """Return the English name behind a mark, or the mark itself where it is not known."""
    names = {language_label(code): name for code, name in _LANGUAGE_NAMES.items()}
    return names.get(label, label)


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return "1 story", "2,310 stories"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def zone_label(at: datetime) -> str:
    """Return the zone's letters at that moment, or UTC+4 where it has only digits."""
    name = at.tzname() or ""
    if name.isalpha():
        return name
    hours, minutes = divmod(int((at.utcoffset() or timedelta()).total_seconds()) // 60, 60)
    return f"UTC{hours:+d}" + (f":{minutes:02d}" if minutes else "")


def day(at: datetime) -> str:
    """Return "19 Nov"."""
    return f"{at.day} {at:%b}"


def moment(at: datetime, *, now: datetime) -> str:
    """Return "04:12" for today, "Wed 23:06" within the week before, "12 Nov" otherwise."""
    local = at.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%a %H:%M}" if 0 < days < 7 else day(local)


def since_phrase(at: datetime, *, now: datetime) -> str:
    """Return "since 04:00", "since Tue 17 Nov"."""
    local = at.astimezone(now.tzinfo)
    return f"since {local:%H:%M}" if local.date() == now.date() else f"since {local:%a} {day(local)}"


def span(since: datetime, until: datetime) -> str:
    """Return "24 hours", or "3 days" from two days on."""
    hours = max(1, round((until - since) / timedelta(hours=1)))
    return counted(hours, "hour") if hours < 48 else counted(round(hours / 24), "day")


def past(since: datetime, until: datetime) -> str:
    """Return "the last hour", "the last 24 hours", "the last 3 days"."""
    return f"the last {span(since, until).removeprefix('1 ')}"


def trend(values: Sequence[int]) -> str:
    """Compare the last value with those before it: "the most in 14 days (daily average 91)".

    Empty while there are fewer than four earlier days.
    """
    *before, today = values
    if len(before) < _LEAST_DAYS or not any(before):
        return ""
    average = sum(before) / len(before)
    if today > max(before):
        return f"the most in {len(values)} days (daily average {average:,.0f})"
    if today < min(before):
        return f"the fewest in {len(values)} days (daily average {average:,.0f})"
    return f"{_distance(today, average)} the {len(before)}-day average of {average:,.0f}"


def _distance(today: int, average: float) -> str:
    percent = round((today - average) / average * 100)
    if abs(percent) <= _CLOSE:
        return "close to"
    return f"{abs(percent)} % {'above' if percent > 0 else 'below'}"


def spread(languages: Sequence[str]) -> str:
    """Return "12 outlets (8 EN, 4 RU)" for the languages of a story's outlets; empty for one outlet."""
    if len(languages) < 2:
        return ""
    text = counted(len(languages), "outlet")
    labels = [language_label(language) for language in languages]
    order = sorted(set(labels), key=lambda label: (label != "EN", -labels.count(label), label))
    if len(order) < 2:
        return text
    return f"{text} ({', '.join(f'{labels.count(label)} {label}' for label in order)})"
