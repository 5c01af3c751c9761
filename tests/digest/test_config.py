from __future__ import annotations

from datetime import time
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from digest.config import DigestConfig, MailConfig, Outlets, Schedule, Weekday


def digest(**changes: Any) -> DigestConfig:
    return DigestConfig.model_validate({"name": "daily", "readers": ["a@example.org"], **changes})


def test_three_lines_make_a_digest() -> None:
    plain = digest()
    assert plain.schedule.at == (time(6, 30),)
    assert plain.schedule.days == tuple(Weekday)
    assert plain.heading == "Daily"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("daily", "mon tue wed thu fri sat sun"),
        ("weekdays", "mon tue wed thu fri"),
        ("weekends", "sat sun"),
        ("fri", "fri"),
        (["fri", "mon", "fri"], "mon fri"),
    ],
)
def test_days_are_written_as_people_say_them(days: object, expected: str) -> None:
    assert " ".join(Schedule.model_validate({"days": days}).days) == expected


def test_times_are_sorted_and_may_be_one() -> None:
    assert Schedule.model_validate({"at": "18:05"}).at == (time(18, 5),)
    assert Schedule.model_validate({"at": ["18:05", "06:30"]}).at == (time(6, 30), time(18, 5))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Daily digest"},
        {"name": ""},
        {"readers": []},
        {"readers": ["nobody"]},
        {"readers": ["a@example.org", "A <a@example.org>"]},
        {"schedule": {"at": "25:00"}},
        {"schedule": {"at": "06:30:15"}},
        {"schedule": {"at": []}},
        {"schedule": {"days": "someday"}},
        {"schedule": {"timezone": "Mars/Olympus"}},
        {"schedule": {"timezone": "../etc/passwd"}},
        {"min_score": 101},
        {"maximum": 0},
        {"order": "mood"},
        {"no_such_key": 1},
    ],
)
def test_mistakes_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        digest(**changes)


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("a@example.org", "a@example.org", ""),
        ("Ann Lee <a@Example.org>", "a@example.org", "Ann Lee"),
        ("a@localhost", "a@localhost", ""),
        ("a@mail.internal", "a@mail.internal", ""),
        ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai", ""),
    ],
)
def test_readers_are_named_or_not(text: str, address: str, name: str) -> None:
    (reader,) = digest(readers=[text]).readers
    assert (reader.address, reader.name) == (address, name)


@pytest.mark.parametrize(
    "url", ["hotline.example.org", "ftp://example.org", "https://x.org/?a=1", "https://"]
)
def test_a_base_url_is_a_web_address(url: str) -> None:
    with pytest.raises(ValidationError):
        MailConfig.model_validate({"base_url": url})


def test_the_list_lives_in_the_senders_domain() -> None:
    mail = MailConfig.model_validate({"from": "Hotline <h@news.example.org>", "base_url": "https://x.org/"})
    assert (mail.domain, mail.unsubscribe_mailbox, mail.base_url) == (
        "news.example.org", "h@news.example.org", "https://x.org",
    )  # fmt: skip


def test_outlets_are_chosen_by_country_and_kind() -> None:
    outlets = Outlets(countries=("us", "RU"), exclude_kinds=("state",))
    assert outlets.allow(country="US", kind="news")
    assert not outlets.allow(country="US", kind="state")
    assert not outlets.allow(country="DE", kind="news")
    assert Outlets().allow(country="", kind="")


def test_the_schema_for_editors_accepts_what_the_model_accepts() -> None:
    schema = DigestConfig.model_json_schema()
    for readers in (["a@example.org"], [{"address": "a@example.org", "name": "Ann"}]):
        for days in ("weekdays", "mon", ["mon", "fri"]):
            jsonschema.validate({"name": "x", "readers": readers, "schedule": {"days": days}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"name": "x", "readers": ["a@example.org"], "schedule": {"days": "x"}}, schema)
