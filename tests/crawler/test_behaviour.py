"""A server that judges its reader, over two simulated weeks.

After the rules of rachelbythebay.com's feed reader score: validators echoed byte for byte, no
unconditional repeat within a day, no repeat before the answer said it may have changed, Retry-After
kept, one request at a time, nothing sent that was not asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, pairwise

import pytest
from aiohttp import web
from sqlalchemy import Engine

from crawler.config import FeedConfig
from tests.crawler.desk import TestClock, open_desk
from tests.crawler.site import Site, rss

WEEKS = timedelta(weeks=2)
SPACING = timedelta(seconds=1)


@dataclass
class Judge:
    """One feed of the judging server: publishes every `every`, says it is fresh for `max_age`, is down
    in `trouble` (start, end, status, Retry-After). `complaints` is what a log reader would resent."""

    clock: TestClock
    every: timedelta
    max_age: timedelta
    trouble: tuple[timedelta, timedelta, int, timedelta] | None = None
    complaints: list[str] = field(default_factory=list)
    asked: int = 0
    not_modified: int = 0
    _start: datetime | None = None
    _etag: str = ""
    _full_at: datetime | None = None
    _fresh_until: datetime | None = None
    _away_until: datetime | None = None

    async def __call__(self, request: web.Request) -> web.Response:
        """Answer, and note every breach."""
        now = self.clock.now()
        self._start = self._start or now
        self.asked += 1
        self._check(request, now)
        age = now - self._start
        if self.trouble and self.trouble[0] <= age < self.trouble[1]:
            _, _, status, wait = self.trouble
            self._away_until = now + wait
            return web.Response(status=status, headers={"Retry-After": str(int(wait.total_seconds()))})
        self._fresh_until = now + self.max_age
        edition = int(age / self.every)
        etag = f'W/"edition {edition}, really"'
        headers = {"ETag": etag, "Cache-Control": f"max-age={int(self.max_age.total_seconds())}"}
        if request.headers.get("If-None-Match") == etag:
            self.not_modified += 1
            return web.Response(status=304, headers=headers)
        self._etag = etag
        titles = [f"Edition {number}" for number in range(edition, max(-1, edition - 20), -1)]
        return web.Response(text=rss(*titles), content_type="application/rss+xml", headers=headers)

    def _check(self, request: web.Request, now: datetime) -> None:
        sent = request.headers.get("If-None-Match", "")
        if sent and sent != self._etag:
            self.complaints.append(f"{now}: a validator that was never given: {sent}")
        if not sent:
            if self._full_at and now - self._full_at < timedelta(hours=24):
                self.complaints.append(f"{now}: unconditional again after {now - self._full_at}")
            self._full_at = now
        if self._fresh_until and now < self._fresh_until:
            self.complaints.append(f"{now}: asked before anything could have changed")
        if self._away_until and now < self._away_until:
            self.complaints.append(f"{now}: did not wait as long as asked")
        extra = set(request.headers) - {
            "Host", "Accept", "Accept-Encoding", "User-Agent", "If-None-Match", "If-Modified-Since",
        }  # fmt: skip
        if extra:
            self.complaints.append(f"{now}: sent {extra}")
        if "desk@example.org" not in request.headers["User-Agent"]:
            self.complaints.append(f"{now}: no contact in the User-Agent")


@pytest.mark.timeout(400)  # some two thousand polls, each through Scrapy and a real database
async def test_two_weeks_without_a_complaint(sqlite: Engine) -> None:
    clock = TestClock()
    hour, day = timedelta(hours=1), timedelta(days=1)
    judges = [
        Judge(clock, every=timedelta(minutes=40), max_age=timedelta(minutes=5)),
        Judge(clock, every=hour, max_age=3 * hour),
        Judge(clock, every=day, max_age=timedelta(0)),
        Judge(clock, every=hour, max_age=hour, trouble=(3 * day, 5 * day, 503, 2 * hour)),
        Judge(clock, every=hour, max_age=hour, trouble=(6 * day, 7 * day, 429, 20 * hour)),
    ]
    async with Site("127.0.0.2", now=clock.now) as first, Site("127.0.0.3", now=clock.now) as second:
        feeds = []
        for number, judge, site in zip(count(), judges, [first, first, first, second, second], strict=False):
            site.pages[f"/{number}"] = judge
            feeds.append(FeedConfig(url=site.url(f"/{number}"), name=f"Feed {number}", allow_private=True))
        end = clock.now() + WEEKS
        async with open_desk(sqlite, *feeds, clock=clock, contact="desk@example.org") as desk:
            while (due := desk.next_check()) < end:
                clock.set(due)
                await desk.crawl()
                clock.pass_time(minutes=1)  # the service ticks no faster
    for judge in judges:
        assert judge.complaints == []
        assert judge.asked >= 14
    for site in (first, second):
        assert site.most_at_once == 1
        moments = [asked.at for asked in site.asked]
        assert all(later - earlier >= SPACING for earlier, later in pairwise(moments))
    assert judges[2].not_modified > judges[2].asked / 3
    told = {int(title.removeprefix("Edition ")) for title in desk.titles()}
    assert told == set(range(max(told) + 1))  # the busy feed lost nothing
    assert max(told) > 480  # and was polled to the end
