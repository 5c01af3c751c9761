"""The day behind an issue: volume, reading, the feeds' health. One for all readers of a digest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.chart import DAYS
from digest.choose import wanted
from digest.config import DigestConfig
from digest.stories import DayVolume, FailingFeed, FeedHealth
from storage import newsday
from storage.feed_signs import Sign, read_signs

_DAY = timedelta(days=1)
_SILENT = frozenset({Sign.STALE, Sign.EMPTY})  # as good as failing: they give nothing


@dataclass(frozen=True, slots=True)
class NewsDay:
    """What every reader's issue says beside its stories."""

    since: datetime
    until: datetime
    read: int
    volume: tuple[DayVolume, ...]
    health: FeedHealth


def read_day(connection: Connection, digest: DigestConfig, *, since: datetime, until: datetime) -> NewsDay:
    """Read the day that ends at `until` for an issue whose window begins at `since`."""
    first = until - DAYS * _DAY
    matched = newsday.matched_since(connection, topic=digest.topic, since=first)
    mine = [
        article.first_seen_at
        for article in matched
        if article.score >= digest.min_score and wanted(article, digest)
    ]
    begin = newsday.records_begin(connection)
    return NewsDay(
        since=since,
        until=until,
        read=newsday.count_read(connection, since=since, until=until),
        volume=() if begin is None else volume(mine, digest=digest, begin=begin, until=until),
        health=_health(connection, since=since, until=until),
    )


def volume(
    seen: Iterable[datetime], *, digest: DigestConfig, begin: datetime, until: datetime
) -> tuple[DayVolume, ...]:
    """Count `seen` in the 24-hour windows that end at the issue's time of day, oldest first; windows
    that ended before records `begin` are left out."""
    counts = [0] * DAYS
    for at in seen:
        back = (until - at) // _DAY
        if 0 <= back < DAYS:
            counts[back] += 1
    zone = digest.schedule.zone
    return tuple(
        DayVolume((until - back * _DAY).astimezone(zone).date(), counts[back])
        for back in reversed(range(DAYS))
        if until - back * _DAY > begin
    )


def _health(connection: Connection, *, since: datetime, until: datetime) -> FeedHealth:
    # An issue by hand may come minutes after another: no feed is silent for that.
    report = newsday.feeds_report(connection, since=min(since, until - _DAY))
    signs = read_signs(connection, now=until)
    silent = [FailingFeed(sign.feed, sign.sentence, sign.since) for sign in signs if sign.sign in _SILENT]
    odd = [f"{sign.feed}: {sign.sentence}." for sign in signs if sign.sign not in _SILENT]
    return FeedHealth(
        total=report.total,
        answered=report.answered,
        failing=(*(FailingFeed(feed.name, feed.problem, feed.since) for feed in report.failing), *silent),
        notices=(*newsday.feed_notices(connection, since=since, until=until), *odd),
    )
