"""The demonstration is the whole way of an article; so is this test."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from hotline.commands.demo import DemoFolderError, demo
from hotline.result import Result, Status


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def result(folder: Path, said: list[str]) -> Result:
    return demo(folder, say=said.append)


def test_it_ends_well_within_a_minute(result: Result) -> None:
    assert result.status is Status.OK
    assert isinstance(result.data["seconds"], float)
    assert result.data["seconds"] < 60


def test_it_tells_every_step(result: Result, said: list[str]) -> None:
    assert sum("First crawl" in line or "Second crawl" in line for line in said) == 2
    assert "  Old Courier: The server says the feed is gone (410)." in said


def _stories(result: Result, *words: str) -> list[dict[str, object]]:
    stories = result.data["stories"]
    assert isinstance(stories, list)
    return [story for story in stories if any(word in story["headline"] for word in words)]


def test_dozens_of_stories_are_found_in_three_languages(result: Result) -> None:
    assert len(_stories(result, "")) >= 25
    assert _stories(result, "россияне стали лучше")
    assert _stories(result, "Київ", "envoy", "Ukraine waits")


def test_a_wire_story_is_told_once_with_its_copies(result: Result) -> None:
    (treasury,) = _stories(result, "27 companies", "27 firms", "27 insurers")

    also, more = treasury["also"], treasury["also_more"]
    assert isinstance(also, list)
    assert isinstance(more, int)
    assert treasury["outlet"] == "Union Wire"
    assert len(also) + more >= 6  # five copies, and reports of its own in two languages


def test_what_is_off_the_subject_is_left_out_with_a_reason(result: Result) -> None:
    left_out = result.data["left_out"]
    assert isinstance(left_out, list)

    assert {"Moscow bakery wins Northwest prize for its rye", "Salmon return early to the Russian River"} <= {
        article["title"] for article in left_out
    }
    assert all(article["reason"] for article in left_out)


def test_feeds_that_did_not_change_answered_304_and_two_failed(result: Result) -> None:
    answers = result.data["answers"]
    assert isinstance(answers, dict)

    assert answers[304] == 7
    assert result.data["failed_feeds"] == ["Lakeside Daily", "Old Courier"]


def test_the_mail_lies_there_as_it_came_over_the_wire(result: Result, folder: Path) -> None:
    message = message_from_bytes((folder / "digest.eml").read_bytes(), policy=default)

    assert message["To"] == "analyst@demo.example"
    assert message["List-Unsubscribe"]
    assert "<table" in (folder / "digest.html").read_text(encoding="utf-8")
    assert "US–Russia Monitor" in (folder / "digest.txt").read_text(encoding="utf-8")
    assert result.data["digests"] == 1


def test_what_breaks_is_told_at_once_and_once(result: Result, folder: Path) -> None:
    alerts = result.data["alerts"]
    assert isinstance(alerts, list)

    (subject,) = alerts
    assert "prisoner" in subject or "Абу-Даби" in subject
    assert "outlets within 1 h" in (folder / "alert.txt").read_text(encoding="utf-8")
    assert "alerted" in (folder / "digest.txt").read_text(encoding="utf-8")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(DemoFolderError):
        demo(tmp_path / "file", say=print)


def test_the_keys_of_the_data_are_a_contract(result: Result) -> None:
    assert list(result.data) == [
        "config",
        "files",
        "seconds",
        "answers",
        "polled",
        "pages",
        "failed_feeds",
        "stories",
        "left_out",
        "digests",
        "alerts",
    ]
