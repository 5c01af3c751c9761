from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError

import feedparser
import pytest

from hotline.demo.feeds import render_feed
from hotline.demo.newsroom import Format, Newsroom, Outlet, Trouble, open_newsroom
from hotline.demo.server import OnAir, on_air

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)  # a Thursday
ROOM = open_newsroom(NOW)
HEALTHY = [outlet for outlet in ROOM.outlets if outlet.trouble in {Trouble.NONE, Trouble.MOVED}]


@pytest.fixture
def air() -> Iterator[OnAir]:
    with on_air(ROOM) as running:
        yield running


def _get(url: str, etag: str = "") -> tuple[int, bytes, str]:
    request = urllib.request.Request(url, headers={"If-None-Match": etag} if etag else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers.get("ETag", "")
    except HTTPError as error:
        with error:
            return error.code, error.read(), error.headers.get("ETag", "")


def test_the_newsroom_speaks_three_languages_in_four_formats_with_three_troubles() -> None:
    assert len(HEALTHY) >= 12
    assert {outlet.language for outlet in HEALTHY} == {"en", "ru", "uk"}
    assert {outlet.format for outlet in HEALTHY} == set(Format)
    assert {outlet.trouble for outlet in ROOM.outlets} == set(Trouble)


def test_there_are_many_stories_and_all_are_from_the_last_day() -> None:
    slugs = {story.slug for story in ROOM.stories}

    assert len(slugs) >= 50
    assert all(timedelta() < NOW - story.published_at < timedelta(hours=24) for story in ROOM.stories)


def test_a_wire_story_stands_in_several_outlets_and_credits_the_first() -> None:
    copies = [story for story in ROOM.stories if story.slug == "treasury-tanker-insurers"]

    assert len({story.outlet for story in copies}) == 5
    assert sum(story.paragraphs[-1] == "Reporting by Union Wire." for story in copies) == 4


@pytest.mark.parametrize("outlet", HEALTHY, ids=[outlet.key for outlet in HEALTHY])
def test_every_feed_is_well_formed(outlet: Outlet) -> None:
    stories = list(ROOM.edition(outlet, second=True))

    body = render_feed(outlet, stories, "http://127.0.0.1:1")

    if outlet.format is Format.JSON:
        titles = [item["title"] for item in json.loads(body)["items"]]
    else:
        parsed = feedparser.parse(io.BytesIO(body))
        assert not parsed.bozo
        titles = [entry.title for entry in parsed.entries]
    assert titles == [story.title for story in stories]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (19, "The Treasury Department on Thursday placed 27 insurers"),
        (21, "The Treasury Department on Saturday placed 27 insurers"),
    ],
)
def test_weekdays_follow_the_day_of_the_demonstration(day: int, sentence: str) -> None:
    room = open_newsroom(NOW.replace(day=day))

    assert any(story.summary.startswith(sentence) for story in room.stories)


def test_russian_weekdays_keep_their_grammar() -> None:
    tuesday = open_newsroom(NOW.replace(day=17))

    text = " ".join(" ".join(story.paragraphs) for story in tuesday.stories)

    assert "во вторник" in text
    assert "в вторник" not in text


def test_an_unchanged_feed_answers_304(air: OnAir) -> None:
    status, _body, etag = _get(air.feeds["union"])

    assert status == 200
    assert _get(air.feeds["union"], etag)[0] == 304


def test_the_second_edition_changes_only_some_feeds(air: OnAir) -> None:
    tags = {key: _get(url)[2] for key, url in air.feeds.items()}

    air.publish_second_edition()

    changed = {key for key, url in air.feeds.items() if _get(url)[2] != tags[key]}
    assert changed == {"union", "potomac", "harbor", "thames", "vostok", "neva"}


def test_troubled_feeds_are_moved_broken_or_gone(air: OnAir) -> None:
    assert air.feeds["rhine"].endswith("/old-feed")
    assert _get(air.feeds["rhine"])[0] == 200
    assert b"<html" in _get(air.feeds["lakeside"])[1]
    assert _get(air.feeds["old"])[0] == 410
    assert air.requests == {301: 1, 200: 2, 410: 1}


def test_every_entry_has_a_page_with_its_whole_text(air: OnAir) -> None:
    room: Newsroom = air.newsroom
    for story in room.stories[::9]:
        status, body, _etag = _get(f"{air.sites[story.outlet]}/{story.slug}")
        if not story.late:
            assert status == 200
            assert story.paragraphs[0].split("«")[0][:20] in body.decode()


def test_a_page_that_does_not_exist_is_404(air: OnAir) -> None:
    assert _get(f"{air.sites['union']}/nothing")[0] == 404
