"""Alerts over a real database: raised once, queued with their message, held and released."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from digest.alerts.config import AlertConfig
from digest.alerts.step import AlertRule, AlertStep
from storage.engine import reading
from storage.ledger import alert_times
from storage.outbox import claim
from storage.tables import Article, Feed, Story
from storage.unit_of_work import UnitOfWork
from tests.digest.mails import rows
from tests.digest.samples import MAIL
from topics.search import compile_query

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ANN = "ann@example.net"


class Newsroom:
    """A database in which a test lets matched articles come in."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self.engine = engine
        self.now = now
        self.feeds: dict[str, int] = {}
        self.count = 0

    def story(self) -> int:
        """Begin a story."""
        return self._add(Story(first_seen_at=self.now))

    def article(self, story: int, *, outlet: str = "Wire", at: datetime | None = None, **fields: Any) -> None:
        """Let an article of `story` come in."""
        self.count += 1
        address = f"https://example.org/{self.count}"
        values: dict[str, Any] = {
            "identity": address,
            "url": address,
            "feed_id": self._feed(outlet),
            "title": "Envoys of both countries meet in Geneva",
            "summary": "They spoke for six hours.",
            "language": "en",
            "first_seen_at": at or self.now,
            "decision": "matched",
            "decided_at": at or self.now,
            "topic": "us-russia",
            "score": 80,
            "story_id": story,
        }
        self._add(Article(**{**values, **fields}))

    def _feed(self, outlet: str) -> int:
        if outlet not in self.feeds:
            feed = Feed(name=outlet, url=f"https://{len(self.feeds)}.example/", next_check_at=self.now)
            self.feeds[outlet] = self._add(feed)
        return self.feeds[outlet]

    def _add(self, made: Any) -> int:
        with UnitOfWork(self.engine) as work:
            work.session.add(made)
            work.commit()
        return int(made.id)


@pytest.fixture
def newsroom(engine: Engine, now: datetime) -> Newsroom:
    return Newsroom(engine, now)


def watch(newsroom: Newsroom, *, query: str = "", news: tuple[str, ...] = (), **values: Any) -> AlertStep:
    config = AlertConfig.model_validate({"name": "flash", "to": [ANN], **values})
    rule = AlertRule(config, MAIL, compile_query(query) if query else None)
    return AlertStep(newsroom.engine, rule, novelty=lambda *_: news)


def test_a_flash_in_forty_outlets_is_one_alert(newsroom: Newsroom, now: datetime) -> None:
    story = newsroom.story()
    for number in range(40):
        newsroom.article(story, outlet=f"Outlet {number}")
    step = watch(newsroom, outlets=3)
    assert step.run(now + MINUTE) == 1
    newsroom.article(story, outlet="Latecomer", at=now + 2 * MINUTE)
    assert step.run(now + 3 * MINUTE) == 0
    [message] = rows(newsroom.engine)
    assert message.subject == "Alert: Envoys of both countries meet in Geneva"


def test_an_alert_is_raised_once_also_by_a_service_that_was_restarted(
    newsroom: Newsroom, now: datetime
) -> None:
    newsroom.article(newsroom.story())
    assert [watch(newsroom).run(now + MINUTE), watch(newsroom).run(now + MINUTE)] == [1, 0]


def test_a_new_feeds_backlog_raises_no_alert(newsroom: Newsroom, now: datetime) -> None:
    newsroom.article(newsroom.story(), baseline=True)
    newsroom.article(newsroom.story(), backfill=True)
    newsroom.article(newsroom.story(), published_at=now - 30 * HOUR)
    assert watch(newsroom).run(now + MINUTE) == 0


def test_an_alert_does_not_keep_the_story_from_the_digest_which_says_when(
    newsroom: Newsroom, now: datetime
) -> None:
    story = newsroom.story()
    newsroom.article(story)
    watch(newsroom).run(now + MINUTE)
    with reading(newsroom.engine) as connection:
        assert alert_times(connection, address=ANN, story_ids=[story]) == {story: now + MINUTE}


def test_a_rules_query_decides_what_it_looks_at(newsroom: Newsroom, now: datetime) -> None:
    newsroom.article(newsroom.story(), title="Ministers discuss grain")
    newsroom.article(newsroom.story(), title="Envoys sign a treaty on missiles")
    assert watch(newsroom, query="missile* OR missiles").run(now + MINUTE) == 1
    assert "missiles" in rows(newsroom.engine)[0].subject


def test_an_update_after_the_cooldown_says_what_is_new(newsroom: Newsroom, now: datetime) -> None:
    story = newsroom.story()
    newsroom.article(story)
    step = watch(newsroom, news=("31 ships",))
    assert step.run(now + MINUTE) == 1
    newsroom.article(story, at=now + HOUR)
    assert step.run(now + HOUR) == 0
    newsroom.article(story, at=now + 7 * HOUR)
    assert step.run(now + 7 * HOUR + MINUTE) == 1
    assert rows(newsroom.engine)[1].subject.startswith("Update: ")


def test_what_comes_in_quiet_hours_is_one_summary_in_the_morning(newsroom: Newsroom, now: datetime) -> None:
    for _ in range(3):
        newsroom.article(newsroom.story())
    step = watch(newsroom, quiet={"from": "11:00", "to": "15:00"})
    assert step.run(now + MINUTE) == 0
    assert step.run(now + 2 * HOUR) == 0
    assert step.run(now + 3 * HOUR) == 1
    assert step.run(now + 4 * HOUR) == 0
    [message] = rows(newsroom.engine)
    assert message.subject == "Held alerts: 3 stories"


def test_what_is_beyond_the_cap_becomes_one_summary(newsroom: Newsroom, now: datetime) -> None:
    for _ in range(6):
        newsroom.article(newsroom.story())
    step = watch(newsroom, hourly_cap=2)
    assert step.run(now + MINUTE) == 2
    assert step.run(now + 62 * MINUTE) == 1
    assert [message.subject for message in rows(newsroom.engine)][-1] == "Held alerts: 4 stories"


def test_a_burst_is_measured_against_the_usual_of_fourteen_days(newsroom: Newsroom, now: datetime) -> None:
    for hour in range(2, 14 * 24, 2):  # one article every two hours
        newsroom.article(newsroom.story(), at=now - hour * HOUR)
    story = newsroom.story()
    for number in range(5):
        newsroom.article(story, outlet=f"Outlet {number}")
    assert watch(newsroom, burst=20, name="quiet").run(now + MINUTE) == 0
    assert watch(newsroom, burst=5).run(now + MINUTE) == 1


def test_the_mail_has_text_and_html_and_no_foreign_header(newsroom: Newsroom, now: datetime) -> None:
    newsroom.article(
        newsroom.story(), title="Hi =?utf-8?q?=0ABcc:_v=40e?= <b>x</b>", summary="<script>1</script>"
    )
    watch(newsroom).run(now + MINUTE)
    held = claim(newsroom.engine, now=now + HOUR, lease=HOUR, owner="test")
    assert held is not None
    mail = email.message_from_bytes(held.body, policy=email.policy.SMTP)
    assert mail["Bcc"] is None
    assert mail["To"] == ANN
    assert mail["List-Id"].startswith("<alert-flash.")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "https://example.org/1" in text
    assert "<script>" not in html
    assert "&lt;b&gt;" in html


def test_a_channel_gets_title_and_text(newsroom: Newsroom, now: datetime) -> None:
    newsroom.article(newsroom.story())
    watch(newsroom, to=["desk"]).run(now + MINUTE)
    held = claim(newsroom.engine, now=now + HOUR, lease=HOUR, owner="test")
    assert held is not None
    assert held.channel == "desk"
    content = json.loads(held.body)
    assert content["title"].startswith("Alert: Envoys")
    assert "https://example.org/1" in content["body"]
