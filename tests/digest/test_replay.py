"""Recorded days, told day by day to one reader: nothing twice, nothing unaccounted for.

The clock is that of the recording: polls are stored as of their own time, the digest is issued at 06:30.
By default a part of the English series and the whole Russian one; all of both with
HOTLINE_FULL_REPLAY=1.
"""

from __future__ import annotations

import csv
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from crawler.config import PagesPolicy
from crawler.judging import PageRules, judge_entries
from crawler.reading.errors import ReadError
from crawler.reading.read import read_feed
from digest.config import DigestConfig
from digest.fitting import HTML_LIMIT
from digest.issue import Copy, Edition, IssueSlot, send_issue
from digest.stories import Subtopic
from storage.crawl_database import save_poll
from storage.engine import reading, writing
from storage.feeds import claim_feeds, sync_feeds
from storage.ledger import LedgerState
from storage.readers import sync_readers
from storage.records import ConfiguredFeed, PollRecord, PollResult, PollStatus, Settlement
from storage.tables.core import ARTICLE, LEDGER
from tests.digest.samples import MAIL
from topics.config import shipped_topics
from topics.matcher import Matcher, compile_topic

FULL = bool(os.environ.get("HOTLINE_FULL_REPLAY"))
READER = "reader@example.net"
TOPIC = "us-russia"
RULES = PageRules(PagesPolicy.NEVER, short_text=0)
ISSUED_AT = time(6, 30, tzinfo=UTC)
PARTS = {
    "english-2020-2021": ("", "9") if FULL else ("202006", "20200604"),
    "russian-2025-08": ("", "9"),
}


@dataclass(frozen=True)
class Poll:
    at: datetime
    feed: str
    body: bytes


@dataclass
class Newspaper:
    """A database, its topic and its one reader."""

    engine: Engine
    matcher: Matcher
    edition: Edition
    issues: list[Copy] = field(default_factory=list)

    def crawl(self, poll: Poll) -> None:
        with writing(self.engine) as connection:
            (feed,) = claim_feeds(
                connection, owner="replay", now=poll.at, until=poll.at + timedelta(minutes=1), limit=1,
                per_host=1, names=[poll.feed], due_only=False,
            )  # fmt: skip
        try:
            document = read_feed(poll.body, url=feed.url, memory=feed.memory, now=poll.at)
        except ReadError:
            return
        entries = judge_entries(
            document.entries, feed, judge=self.matcher, rules=RULES, backfill=0, now=poll.at
        )

        def settle(new: int, known: int) -> Settlement:
            state = replace(
                feed.state, last_success_at=poll.at, baseline_at=feed.state.baseline_at or poll.at
            )
            return Settlement(state, PollRecord(poll.at, PollStatus.NEW, 200, entries=new + known, new=new))

        result = PollResult(
            feed.id, feed.fence, poll.at, settle, entries, document.memory,
            baseline=feed.state.baseline_at is None, topic=TOPIC,
        )  # fmt: skip
        with writing(self.engine) as connection:
            assert save_poll(connection, result) is not None

    def issue(self, day: date) -> None:
        now = datetime.combine(day, ISSUED_AT)
        report = send_issue(self.engine, self.edition, IssueSlot(day, "06:30"), now=now)
        assert report is not None
        self.issues += report.copies


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return compile_topic(shipped_topics()[TOPIC])


@pytest.mark.timeout(1200 if FULL else 240)
@pytest.mark.parametrize("series", PARTS)
def test_no_story_comes_twice_without_news_and_every_article_is_accounted_for(
    sqlite: Engine, shared: Path, matcher: Matcher, series: str
) -> None:
    folder = shared / "feeds" / series
    polls = list(_polls(folder, *PARTS[series]))
    paper = _newspaper(sqlite, matcher, folder, polls[0].at)
    _tell(paper, polls)

    told: set[int] = set()
    for copy in paper.issues:
        assert len(copy.rendered.html.encode()) < HTML_LIMIT
        for story in copy.view.stories:
            assert story.id not in told or story.whats_new, story.headline
        told |= {story.id for story in copy.view.stories}
    assert told

    with reading(sqlite) as connection:
        matched = set(
            connection.execute(select(ARTICLE.c.id).where(ARTICLE.c.decision == "matched")).scalars()
        )
        rows = connection.execute(select(LEDGER.c.article_id, LEDGER.c.state))
        ledger = {row.article_id: LedgerState(row.state) for row in rows}
    assert matched == set(ledger)
    print(f"{series}: {len(paper.issues)} issues, {len(matched)} matched articles:", _counted(ledger))


def _counted(ledger: dict[int, LedgerState]) -> str:
    states = list(ledger.values())
    return ", ".join(f"{states.count(state)} {state}" for state in LedgerState if state in states)


def _newspaper(engine: Engine, matcher: Matcher, folder: Path, first: datetime) -> Newspaper:
    names = sorted({path.name.removesuffix(".tar.xz") for path in folder.glob("*.tar.xz")})
    feeds = [
        ConfiguredFeed(name, f"https://{name.replace('_', '-')}.example/rss", host=f"{name}.example")
        for name in names
    ]
    with writing(engine) as connection:
        sync_feeds(connection, feeds, now=first)
        sync_readers(connection, [("daily", READER)], now=first)
    sections = shipped_topics()[TOPIC].subtopics
    digest = DigestConfig.model_validate({"name": "daily", "readers": [READER], "topic": TOPIC})
    shown = tuple(Subtopic(key, subtopic.title) for key, subtopic in sections.items())
    return Newspaper(engine, matcher, Edition(digest, shown, MAIL))


def _tell(paper: Newspaper, polls: Sequence[Poll]) -> None:
    """Go through the recorded days; the last issue comes on the morning after."""
    day: date | None = None
    for poll in polls:
        at = poll.at.date() + timedelta(days=poll.at.timetz() > ISSUED_AT)  # the issue that will hold it
        if day is not None and at != day:
            paper.issue(day)
        day = at
        paper.crawl(poll)
    assert day is not None
    paper.issue(day)


def _polls(folder: Path, start: str, until: str) -> Iterator[Poll]:
    """The recorded polls whose document changed, in time."""
    with (folder / "polls.csv").open(newline="", encoding="utf-8") as file:
        changed = [row for row in csv.DictReader(file) if row["status"] == "changed"]
    rows = [row for row in changed if start <= row["poll_utc"] < until]
    packs: dict[str, dict[str, bytes]] = {}
    for row in sorted(rows, key=_order):
        documents = packs.get(row["feed"]) or packs.setdefault(row["feed"], _unpack(folder, row["feed"]))
        body = documents.get(row["poll_utc"])
        if body is not None:
            at = datetime.strptime(row["poll_utc"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            yield Poll(at, row["feed"], body)


def _order(row: dict[str, str]) -> tuple[str, str]:
    return row["poll_utc"], row["feed"]


def _unpack(folder: Path, feed: str) -> dict[str, bytes]:
    with tarfile.open(folder / f"{feed}.tar.xz") as pack:
        members = [member for member in pack if member.isfile()]
        return {Path(member.name).stem: _content(pack, member) for member in members}


def _content(pack: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = pack.extractfile(member)
    return b"" if file is None else file.read()
