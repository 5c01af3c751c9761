"""Issues over a real database: what the reader gets, and what the ledger says of it."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from digest.addresses import Mailbox
from digest.config import DigestConfig
from digest.issue import Edition, IssueReport, IssueSlot, preview_issue, send_issue, send_test
from storage.engine import reading, writing
from storage.ledger import IssueRecord, LedgerConflict, LedgerLine, LedgerState, record_issue
from storage.outbox import suppress
from storage.readers import reader_since, sync_readers
from storage.tables import Article, Feed, Story
from storage.tables.core import ALERT, ARTICLE, FEED, ISSUE, LEDGER, OUTBOX
from storage.unit_of_work import UnitOfWork
from tests.digest.samples import MAIL, SECTIONS

ANN, BOB = "ann@example.net", "bob@example.net"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Newsroom:
    """A database with one feed, to which a test adds matched articles by hand."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self.engine = engine
        self.now = now
        self.count = 0
        feed = Feed(name="Potomac Post", url="https://feed.example/", next_check_at=now, last_success_at=now)
        with UnitOfWork(engine) as work:
            work.session.add(feed)
            work.commit()
        self.feed = feed.id

    def add(self, *, story: int | None = None, **fields: Any) -> int:
        """Add a matched article, of a story of its own unless one is named; return its id."""
        self.count += 1
        address = f"https://example.org/{self.count}"
        values: dict[str, Any] = {
            "identity": address,
            "url": address,
            "feed_id": self.feed,
            "title": f"Envoy travels to town number {self.count}",
            "language": "en",
            "first_seen_at": self.now,
            "decision": "matched",
            "decided_at": self.now,
            "topic": "us-russia",
            "score": 80,
            "subtopics": ["diplomacy"],
            "hits": [{"term": "us", "found": "Envoy", "field": "title", "start": 0, "end": 5}],
        }
        with UnitOfWork(self.engine) as work:
            if story is None:
                founded = Story(first_seen_at=self.now)
                work.session.add(founded)
                work.session.flush()
                story = founded.id
            article = Article(**values | {"story_id": story} | fields)
            work.session.add(article)
            work.commit()
        assert article.id is not None
        return article.id

    def story_of(self, article: int) -> int:
        with reading(self.engine) as connection:
            return int(
                connection.execute(select(ARTICLE.c.story_id).where(ARTICLE.c.id == article)).scalar_one()
            )

    def ledger(self, address: str = ANN) -> dict[int, str]:
        with reading(self.engine) as connection:
            rows = connection.execute(select(LEDGER).where(LEDGER.c.address == address))
            return {row.article_id: row.state for row in rows}

    def outbox(self) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(OUTBOX).order_by(OUTBOX.c.id)))


def edition(name: str = "daily", *readers: str, **changes: Any) -> Edition:
    config = {
        "name": name,
        "topic": "us-russia",
        "readers": list(readers) or [ANN],
        "schedule": {"at": "12:00"},
        **changes,
    }
    return Edition(DigestConfig.model_validate(config), SECTIONS, MAIL)


def send(newsroom: Newsroom, issue: Edition, at: datetime, **options: Any) -> IssueReport:
    report = send_issue(newsroom.engine, issue, IssueSlot(at.date(), f"{at:%H:%M}"), now=at, **options)
    assert report is not None
    return report


@pytest.fixture
def newsroom(engine: Engine, now: datetime) -> Newsroom:
    with writing(engine) as connection:
        sync_readers(connection, [("daily", ANN), ("daily", BOB), ("weekly", ANN)], now=now - HOUR)
    return Newsroom(engine, now)


def something(_told: Sequence[str], _later: Sequence[str]) -> tuple[str, ...]:
    return ("44 towns",)


def test_an_issue_its_ledger_and_its_mail_become_true_together(newsroom: Newsroom, now: datetime) -> None:
    first = newsroom.add()
    second = newsroom.add(story=newsroom.story_of(first), language="ru", title="Посланник едет")
    report = send(newsroom, edition(), now)
    assert newsroom.ledger() == {first: "printed", second: "folded"}
    (mail,) = newsroom.outbox()
    assert (mail.recipient, mail.status, mail.issue_id) == (ANN, "pending", report.issue_id)
    message = email.message_from_bytes(mail.body, policy=email.policy.SMTP)
    assert message["Message-ID"] == mail.message_id
    assert "Envoy travels to town number 1" in message.as_string()


def test_a_slot_is_issued_once(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add()
    send(newsroom, edition(), now)
    newsroom.add()
    assert send_issue(newsroom.engine, edition(), IssueSlot(now.date(), "12:00"), now=now + HOUR) is None
    assert len(newsroom.outbox()) == 1


def test_an_issue_takes_what_the_ledger_lacks_however_late_it_was_decided(
    newsroom: Newsroom, now: datetime
) -> None:
    send(newsroom, edition(), now)
    late = newsroom.add(first_seen_at=now - 40 * HOUR, decided_at=now - 30 * timedelta(minutes=1))
    send(newsroom, edition(), now + DAY)
    assert newsroom.ledger() == {late: "printed"}


def test_a_new_reader_starts_now(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add(decided_at=now - 2 * HOUR)
    fresh = newsroom.add()
    send(newsroom, edition(), now)
    assert newsroom.ledger() == {fresh: "printed"}


def test_a_reader_registered_again_keeps_her_start(newsroom: Newsroom, now: datetime) -> None:
    with writing(newsroom.engine) as connection:
        sync_readers(connection, [("daily", ANN)], now=now + DAY)
        assert reader_since(connection, digest="daily", address=ANN) == now - HOUR


def test_a_story_comes_again_only_with_new_material(newsroom: Newsroom, now: datetime) -> None:
    story = newsroom.story_of(newsroom.add())
    send(newsroom, edition(), now)
    second = newsroom.add(story=story)
    send(newsroom, edition(), now + DAY)
    assert newsroom.ledger()[second] == "nothing-new"
    third = newsroom.add(story=story)
    report = send(newsroom, edition(), now + 2 * DAY, novelty=something)
    assert newsroom.ledger()[third] == "printed"
    (shown,) = report.copies[0].view.stories
    assert shown.updated.startswith("New since")
    assert shown.whats_new == ("44 towns",)


def test_a_story_of_one_digest_is_not_repeated_by_another(newsroom: Newsroom, now: datetime) -> None:
    first = newsroom.add()
    send(newsroom, edition(), now)
    report = send(newsroom, edition("weekly"), now)
    assert report.copies[0].view.printed == ()
    with reading(newsroom.engine) as connection:
        rows = connection.execute(select(LEDGER.c.state).where(LEDGER.c.digest == "weekly"))
        assert list(rows.scalars()) == ["elsewhere"]
    assert newsroom.story_of(first)


def test_a_story_is_repeated_where_that_is_wanted(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add()
    send(newsroom, edition(), now)
    report = send(newsroom, edition("weekly", repeat=True), now)
    assert len(report.copies[0].view.printed) == 1


def test_readers_have_their_own_ledgers(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add()
    send(newsroom, edition(), now)
    second = newsroom.add()
    report = send(newsroom, edition("daily", ANN, BOB), now + DAY)
    assert [len(copy.view.printed) for copy in report.copies] == [1, 2]
    assert newsroom.ledger(BOB)[second] == "printed"


def test_what_does_not_fit_is_counted_and_ledgered_as_such(newsroom: Newsroom, now: datetime) -> None:
    for _ in range(5):
        newsroom.add()
    report = send(newsroom, edition(maximum=3), now)
    assert "2 more stories did not fit." in report.copies[0].view.remainder
    assert sorted(newsroom.ledger().values()) == ["not-fitting"] * 2 + ["printed"] * 3
    assert send(newsroom, edition(), now + DAY).copies[0].view.printed == ()


def test_an_empty_day_is_sent_or_skipped_as_configured(newsroom: Newsroom, now: datetime) -> None:
    send(newsroom, edition(empty_day="skip"), now)
    assert newsroom.outbox() == []
    send(newsroom, edition(), now + HOUR)
    assert "No new stories" in newsroom.outbox()[0].subject


def test_a_broken_monitor_is_told_even_where_empty_days_are_skipped(
    newsroom: Newsroom, now: datetime
) -> None:
    send(newsroom, edition(empty_day="skip"), now + 3 * DAY)
    assert newsroom.outbox()[0].subject.startswith("Nothing collected")


def test_who_unsubscribed_gets_nothing(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add()
    with writing(newsroom.engine) as connection:
        suppress(connection, ANN, reason="unsubscribed", now=now, digest="daily")
    report = send(newsroom, edition("daily", ANN, BOB), now)
    assert report.unsubscribed == (ANN,)
    assert [mail.recipient for mail in newsroom.outbox()] == [BOB]
    assert newsroom.ledger() == {}


def test_an_alert_does_not_suppress_the_story_and_is_remembered(newsroom: Newsroom, now: datetime) -> None:
    story = newsroom.story_of(newsroom.add())
    with writing(newsroom.engine) as connection:
        row = {"rule": "urgent", "story_id": story, "update": 0, "recipient": ANN, "raised_at": now - HOUR}
        connection.execute(insert(ALERT).values(row))
    (shown,) = send(newsroom, edition(), now).copies[0].view.stories
    assert "alerted 11:00" in shown.details


def test_a_catch_up_covers_everything_since_the_last_issue(newsroom: Newsroom, now: datetime) -> None:
    send(newsroom, edition(), now)
    newsroom.add(decided_at=now + HOUR)
    slot = IssueSlot((now + 3 * DAY).date(), "12:00", "catch-up", missed=2)
    report = send_issue(newsroom.engine, edition(), slot, now=now + 3 * DAY)
    assert report is not None
    view = report.copies[0].view
    assert view.window == "3 days to 12:00 UTC"
    assert "makes up for 2 issues" in view.remarks[0]


def test_a_line_written_meanwhile_voids_the_whole_issue(newsroom: Newsroom, now: datetime) -> None:
    line = LedgerLine(ANN, newsroom.add(), None, LedgerState.PRINTED)
    send(newsroom, edition(), now)
    later = IssueRecord("daily", date(2030, 1, 1), "12:00", "scheduled", now, now, now, {})
    with pytest.raises(LedgerConflict), writing(newsroom.engine) as connection:
        record_issue(connection, later, lines=[line], messages=[])
    with reading(newsroom.engine) as connection:
        assert len(connection.execute(select(ISSUE)).all()) == 1


def test_two_issues_at_the_same_time_tell_an_article_once(newsroom: Newsroom, now: datetime) -> None:
    story = newsroom.story_of(newsroom.add())
    send(newsroom, edition(), now)
    newsroom.add(story=story)
    others: list[IssueReport] = []

    def meanwhile(_told: Sequence[str], _later: Sequence[str]) -> tuple[str, ...]:
        if not others:
            others.append(send(newsroom, edition(), now + DAY + HOUR, novelty=something))
        return ("44 towns",)

    first = send(newsroom, edition(), now + DAY, novelty=meanwhile)
    assert len(others[0].copies[0].view.printed) == 1
    assert first.copies[0].view.printed == ()


def test_a_preview_writes_nothing(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add()
    copy = preview_issue(newsroom.engine, edition(), Mailbox(address=ANN), now=now)
    assert len(copy.view.printed) == 1
    assert newsroom.ledger() == {}
    assert newsroom.outbox() == []


def test_a_preview_since_shows_what_was_sent_already(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add()
    send(newsroom, edition(), now)
    reader = Mailbox(address=ANN)
    assert preview_issue(newsroom.engine, edition(), reader, now=now + HOUR).view.printed == ()
    again = preview_issue(newsroom.engine, edition(), reader, now=now + HOUR, since=now - DAY)
    assert len(again.view.printed) == 1


def test_a_test_mail_touches_no_ledger(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add()
    copy = preview_issue(newsroom.engine, edition(), Mailbox(address="me@example.net"), now=now)
    assert send_test(newsroom.engine, edition(), copy, now=now)
    (mail,) = newsroom.outbox()
    assert (mail.kind, mail.recipient, mail.issue_id) == ("test", "me@example.net", None)
    assert newsroom.ledger() == {}


def test_an_issue_by_hand_stands_beside_the_scheduled_one(newsroom: Newsroom, now: datetime) -> None:
    newsroom.add()
    by_hand = IssueSlot.by_hand(now, edition().digest)
    assert send_issue(newsroom.engine, edition(), by_hand, now=now) is not None
    assert send(newsroom, edition(), now + HOUR).copies[0].view.printed == ()


def test_the_outlet_with_the_smallest_number_speaks_for_a_story(newsroom: Newsroom, now: datetime) -> None:
    first = newsroom.add()
    favourite = Feed(name="Favourite", url="https://f.example/", next_check_at=now, options={"priority": 1})
    with UnitOfWork(newsroom.engine) as work:
        work.session.add(favourite)
        work.commit()
    newsroom.add(story=newsroom.story_of(first), feed_id=favourite.id, first_seen_at=now + HOUR)
    (shown,) = send(newsroom, edition(), now).copies[0].view.stories
    assert shown.outlet == "Favourite"


def test_failing_feeds_are_reported(newsroom: Newsroom, now: datetime) -> None:
    with writing(newsroom.engine) as connection:
        connection.execute(update(FEED).values(failures=5, failing_since=now - DAY, error="HTTP 403"))
    view = send(newsroom, edition(), now).copies[0].view
    assert view.health.headline == "The one feed is failing"
    assert view.health.lines == ("Potomac Post: HTTP 403, since Wed 18 Nov",)
