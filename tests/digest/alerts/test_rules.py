"""Which stories are urgent, and who is told when: the pure part of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digest.alerts.config import AlertConfig, QuietHours
from digest.alerts.rules import Alarm, Told, UrgentStory, decide, eligible, find_urgent
from storage.ledger import UntoldArticle

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN = "ann@example.net"


def rule(**values: Any) -> AlertConfig:
    return AlertConfig.model_validate({"name": "flash", "to": [ANN], **values})


def article(
    number: int = 1, *, story: int | None = 1, outlet: str = "Potomac Post", **fields: Any
) -> UntoldArticle:
    values: dict[str, Any] = {
        "id": number,
        "url": f"https://example.org/{number}",
        "title": "Envoys meet",
        "summary": "",
        "text": "",
        "language": "en",
        "published_at": None,
        "first_seen_at": NOW - timedelta(minutes=5),
        "score": 80,
        "subtopics": (),
        "hits": (),
        "baseline": False,
        "backfill": False,
        "outlet": outlet,
        "priority": 100,
        "country": "US",
        "kind": "newspaper",
        "story_id": story,
        "story_first_seen_at": NOW,
        "copy_of": None,
    }
    return UntoldArticle(**{**values, **fields})


def is_eligible(found: UntoldArticle, **values: Any) -> bool:
    return eligible(found, rule(**values), matches=lambda each: "cake" not in each.title, now=NOW)


def urgent(*articles: UntoldArticle, usual: float = 0, **values: Any) -> list[UrgentStory]:
    return find_urgent(rule(**values), articles, usual=usual)


def told_now(
    found: Sequence[UrgentStory],
    *,
    told: dict[tuple[str, int], Told] | None = None,
    recent: dict[str, list[datetime]] | None = None,
    news: tuple[str, ...] = ("30 ships",),
    now: datetime = NOW,
    **values: Any,
) -> list[Alarm]:
    return decide(
        rule(**values), found, told=told or {}, recent=recent or {}, novelty=lambda *_: news, now=now
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"baseline": True},
        {"backfill": True},
        {"story": None},
        {"score": 59},
        {"title": "A cake for the fair"},
        {"first_seen_at": NOW - 2 * HOUR},
        {"published_at": NOW - 25 * HOUR},
    ],
)
def test_a_new_feeds_backlog_and_what_is_old_or_off_the_rule_never_alerts(fields: dict[str, Any]) -> None:
    assert not is_eligible(article(**fields))


def test_fresh_news_of_the_rules_kind_may_alert() -> None:
    assert is_eligible(article(published_at=NOW - HOUR))
    assert not is_eligible(article(), outlets_among={"countries": ["RU"]})


def test_without_a_condition_the_first_article_is_urgent() -> None:
    [story] = urgent(article(score=91))
    assert story.reason == "score 91"


def test_forty_copies_of_one_flash_are_one_story() -> None:
    copies = [article(number, outlet=f"Outlet {number}", copy_of=1) for number in range(2, 41)]
    [story] = urgent(*copies, article(1, outlet="Wire"), outlets=3)
    assert story.reason == "40 outlets within 1 h"
    assert story.articles[0].outlet == "Wire"  # the original speaks, not a copy


def test_outlets_are_counted_not_articles() -> None:
    same = [article(number) for number in range(5)]
    assert urgent(*same, outlets=2) == []


def test_a_named_source_is_urgent_by_itself() -> None:
    [story] = urgent(article(outlet="Wire"), article(2, story=2), sources=["wire"], outlets=9)
    assert (story.story_id, story.reason) == (1, "Wire has it")


def test_a_burst_makes_the_leading_story_urgent_and_no_other() -> None:
    leading = [article(number, outlet=f"Outlet {number}") for number in range(6)]
    [story] = urgent(*leading, article(9, story=2), burst=3, usual=2.0)
    assert (story.story_id, story.reason) == (1, "7 articles within 1 h, usually 2.0; this story leads")
    assert urgent(*leading, article(9, story=2), burst=4, usual=2.0) == []


def test_three_times_next_to_nothing_is_no_burst() -> None:
    assert urgent(article(1), article(2, outlet="Other"), burst=3, usual=0.1) == []


def test_a_story_is_told_once_per_recipient() -> None:
    found = urgent(article())
    to = [ANN, "bob@example.net"]
    assert [alarm.recipient for alarm in told_now(found, to=to)] == to
    told = {(ANN, 1): Told(0, NOW - timedelta(minutes=10))}
    assert [alarm.recipient for alarm in told_now(found, told=told, to=to)] == ["bob@example.net"]


def test_a_story_comes_again_only_after_the_cooldown_and_with_new_material() -> None:
    found = urgent(article())
    told = {(ANN, 1): Told(0, NOW - 7 * HOUR)}
    [alarm] = told_now(found, told=told)
    assert (alarm.update, alarm.whats_new) == (1, ("30 ships",))
    assert told_now(found, told=told, news=()) == []
    assert told_now(found, told={(ANN, 1): Told(0, NOW - 5 * HOUR)}) == []


def test_what_was_there_at_the_last_alert_is_no_new_material() -> None:
    found = urgent(article(first_seen_at=NOW - 8 * HOUR))
    assert told_now(found, told={(ANN, 1): Told(0, NOW - 7 * HOUR)}) == []


def test_beyond_the_hourly_cap_alerts_wait_until_the_hour_is_over() -> None:
    found = urgent(*(article(number, story=number) for number in range(1, 5)))
    recent = {ANN: [NOW - timedelta(minutes=50)]}
    held = [alarm.held_until for alarm in told_now(found, recent=recent, hourly_cap=2)]
    assert held[0] is None
    assert held[1:] == [NOW + timedelta(minutes=10)] * 3


def test_in_quiet_hours_alerts_wait_until_they_end() -> None:
    night = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    quiet = {"from": "22:00", "to": "07:00"}
    [alarm] = told_now(urgent(article()), now=night, quiet=quiet, timezone="Europe/Berlin")
    assert alarm.held_until == datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "at", "until"),
    [
        (("22:00", "07:00"), "2026-11-19T21:59", None),
        (("22:00", "07:00"), "2026-11-19T22:00", "2026-11-20T07:00"),
        (("22:00", "07:00"), "2026-11-19T06:59", "2026-11-19T07:00"),
        (("22:00", "07:00"), "2026-11-19T07:00", None),
        (("12:00", "13:00"), "2026-11-19T12:30", "2026-11-19T13:00"),
        (("12:00", "13:00"), "2026-11-19T11:30", None),
    ],
)
def test_quiet_hours_end_when_they_say(quiet: tuple[str, str], at: str, until: str | None) -> None:
    hours = QuietHours.model_validate({"from": quiet[0], "to": quiet[1]})
    expected = None if until is None else datetime.fromisoformat(until).replace(tzinfo=UTC)
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert hours.until(now, rule().zone) == expected


@given(st.timedeltas(timedelta(0), timedelta(days=3000)), st.times(), st.times())
def test_the_end_of_the_quiet_lies_within_a_day_ahead(after: timedelta, start: Any, end: Any) -> None:
    if start == end:
        return
    now = NOW + after
    until = QuietHours(start=start, end=end).until(now, rule(timezone="America/New_York").zone)
    assert until is None or now < until <= now + timedelta(hours=25)


def test_a_recipient_is_an_address_or_a_channel() -> None:
    assert rule(to=["ann@example.net", "desk"]).to == ("ann@example.net", "desk")
    with pytest.raises(ValidationError):
        rule(to=["not an address@"])
    with pytest.raises(ValidationError):
        rule(to=["Not A Channel"])
