"""Signs of trouble that no error tells: a feed that went quiet, empty, loud, or elsewhere.

The facts are read in three queries for all feeds; judging them is pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import mean, stdev

from sqlalchemy import Connection, func, select

from storage.tables.core import ARTICLE, FEED, POLL

CONFIRMATIONS = 3  # polls that must agree before a permanent redirect is believed
DAYS = 28  # of history that "usual" is made from (Media Cloud)
_WEEK = 7
_LEAST_HISTORY = 14  # days before the last week, or there is no usual yet
_TOO_LOW, _TOO_HIGH = 1.5, 2.0  # standard deviations (Media Cloud)
_SURPRISE = 10  # articles that the usual rate owed us during the silence: one chance in 20,000
_SHORTEST_SILENCE = timedelta(days=2)  # weekends
_LONG_SILENCE = timedelta(days=DAYS)
_MISSES = 3  # polls without overlap in a day
_LOUD = 20  # articles a week; below that a change means little


class Sign(StrEnum):
    """What is odd about a feed whose polls succeed."""

    STALE = "stale"
    EMPTY = "empty"
    LOW = "low"
    HIGH = "high"
    MOVED = "moved"
    MISSED = "missed"
    LYING = "lying"


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """What is known of a feed that answers. `daily` counts its new articles over the last 28 whole
    days in UTC, oldest first; `entries` were in its last full answer, None when that is not known;
    `misses` are polls of the last day that shared no entry with the one before; `distrusted_until` is
    set where its "not modified" proved wrong."""

    name: str
    url: str
    since: datetime | None = None  # its first good poll
    last_new_at: datetime | None = None
    moved_to: str = ""  # believed
    entries: int | None = None
    daily: tuple[int, ...] = (0,) * DAYS
    misses: int = 0
    distrusted_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedSign:
    """One odd thing. `sentence` follows the feed's name: "quiet for 9 days, usually 12 a day"."""

    feed: str
    sign: Sign
    sentence: str
    since: datetime | None = None


def judge(facts: FeedFacts, *, now: datetime) -> tuple[FeedSign, ...]:
    """All signs of one feed, the most telling first."""
    return tuple(_signs(facts, now))


def _signs(facts: FeedFacts, now: datetime) -> Iterator[FeedSign]:
    if facts.moved_to:
        sentence = f"moved for good to {facts.moved_to}; change its address in the configuration"
        yield FeedSign(facts.name, Sign.MOVED, sentence)
    if facts.entries == 0:
        yield FeedSign(facts.name, Sign.EMPTY, "answers without a single entry", facts.last_new_at)
    elif stale := _stale(facts, now):
        yield stale
    elif volume := _volume(facts, now):
        yield volume
    if facts.misses >= _MISSES:
        sentence = "changes faster than it is polled and may have missed entries; shorten its min_every"
        yield FeedSign(facts.name, Sign.MISSED, sentence)
    if facts.distrusted_until and facts.distrusted_until > now:
        sentence = (
            "its validators lie: the server said that nothing had changed (304) when something had; "
            f"it is fetched in full until {facts.distrusted_until:%d %b}"
        )
        yield FeedSign(facts.name, Sign.LYING, sentence)


def _stale(facts: FeedFacts, now: datetime) -> FeedSign | None:
    """Too long without anything new for a feed of this rate."""
    last = facts.last_new_at or facts.since
    if last is None or facts.since is None or now - last < _SHORTEST_SILENCE:
        return None
    silence = now - last
    known_days = _days_between(max(facts.since, now - timedelta(days=DAYS)), last)
    rate = sum(facts.daily) / known_days if known_days >= 1 else 0.0
    owed = rate * silence / timedelta(days=1)
    if owed < _SURPRISE and silence < _LONG_SILENCE:
        return None
    usual = f", usually {_rate(rate)}" if rate else ""
    return FeedSign(facts.name, Sign.STALE, f"quiet for {silence.days} days{usual}", last)


def _volume(facts: FeedFacts, now: datetime) -> FeedSign | None:
    """A week far off the weeks before it."""
    if facts.since is None:
        return None
    whole_days = int(_days_between(facts.since, now)) - 1  # not the day of the first poll
    before = facts.daily[:-_WEEK][-(whole_days - _WEEK) :] if whole_days > _WEEK else ()
    if len(before) < _LEAST_HISTORY:
        return None
    week, usual, spread = sum(facts.daily[-_WEEK:]), mean(before), stdev(before)
    told = f"{week} articles in a week, usually {usual * _WEEK:.0f}"
    if week / _WEEK < min(usual - _TOO_LOW * spread, usual / 2) and usual * _WEEK >= _LOUD:
        return FeedSign(facts.name, Sign.LOW, told)
    if week / _WEEK > max(usual + _TOO_HIGH * spread, usual * 2) and week >= _LOUD:
        return FeedSign(facts.name, Sign.HIGH, told)
    return None


def _days_between(start: datetime, end: datetime) -> float:
    return (end - start) / timedelta(days=1)


def _rate(per_day: float) -> str:
    return f"{per_day:.0f} articles a day" if per_day >= 1.5 else f"{per_day * _WEEK:.0f} a week"


def read_signs(connection: Connection, *, now: datetime) -> list[FeedSign]:
    """The signs of all active feeds that answer, by name; those that fail have an error to show."""
    return [sign for facts in _read_facts(connection, now) for sign in judge(facts, now=now)]


def _read_facts(connection: Connection, now: datetime) -> list[FeedFacts]:
    daily = _daily(connection, now)
    entries = _last_entries(connection)
    misses = _misses(connection, now)
    rows = connection.execute(
        select(FEED)
        .where(FEED.c.active, FEED.c.paused_at.is_(None), FEED.c.failures == 0)
        .order_by(FEED.c.name)
    )
    return [
        FeedFacts(
            name=row.name,
            url=row.url,
            since=row.baseline_at,
            last_new_at=row.last_new_at,
            moved_to=row.moved_to if row.moved_count >= CONFIRMATIONS else "",
            entries=entries.get(row.id),
            daily=tuple(daily[row.id]) if row.id in daily else (0,) * DAYS,
            misses=misses.get(row.id, 0),
            distrusted_until=row.distrusted_until,
        )
        for row in rows
    ]


def _daily(connection: Connection, now: datetime) -> Mapping[int, Sequence[int]]:
    today = now.date()
    first = today - timedelta(days=DAYS)
    day = func.date(ARTICLE.c.first_seen_at)
    query = (
        select(ARTICLE.c.feed_id, day, func.count())
        .where(ARTICLE.c.first_seen_at >= datetime(first.year, first.month, first.day, tzinfo=now.tzinfo))
        .where(ARTICLE.c.baseline.is_(False), ARTICLE.c.backfill.is_(False))
        .group_by(ARTICLE.c.feed_id, day)
    )
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0] * DAYS)
    for feed_id, found, count in connection.execute(query):
        place = ((found if isinstance(found, date) else date.fromisoformat(found)) - first).days
        if 0 <= place < DAYS:
            counts[feed_id][place] = count
    return counts


def _last_entries(connection: Connection) -> Mapping[int, int]:
    """How many entries were in each feed's last full answer."""
    place = func.row_number().over(partition_by=POLL.c.feed_id, order_by=POLL.c.polled_at.desc())
    full = (
        select(POLL.c.feed_id, POLL.c.entries, place.label("place"))
        .where(POLL.c.http_status == 200, POLL.c.error_kind == "")
        .subquery()
    )
    rows = connection.execute(select(full.c.feed_id, full.c.entries).where(full.c.place == 1))
    return {row.feed_id: row.entries for row in rows}


def _misses(connection: Connection, now: datetime) -> Mapping[int, int]:
    query = (
        select(POLL.c.feed_id, func.count().label("times"))
        .join(FEED, FEED.c.id == POLL.c.feed_id)
        .where(POLL.c.polled_at >= now - timedelta(days=1), POLL.c.polled_at > FEED.c.baseline_at)
        .where(POLL.c.entries > 0, POLL.c.entries == POLL.c.new)
        .group_by(POLL.c.feed_id)
    )
    return {row.feed_id: row.times for row in connection.execute(query)}
