"""The made-up newsroom as data: outlets, and what each has published by a given moment.

Every outlet, official and event is invented. The texts were written as if on a Thursday; weekdays in
them are moved so that they fit the day of the demonstration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

_WRITTEN_ON = 3  # Thursday
_MIDDLE_OF_THE_NEWS = timedelta(hours=6)  # most of it is older than that: just after midnight, yesterday's
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ru": ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"),
    "uk": ("понеділок", "вівторок", "середу", "четвер", "п'ятницю", "суботу", "неділю"),
}
_CREDIT = {"en": "Reporting by {}.", "ru": "По сообщению: {}.", "uk": "За повідомленням: {}."}


class Format(StrEnum):
    """The four kinds of feed in the wild."""

    RSS = "rss"
    RDF = "rdf"
    ATOM = "atom"
    JSON = "json"


class Gives(StrEnum):
    """How much of an article its feed carries."""

    TITLE = "title"
    SUMMARY = "summary"
    FULL = "full"


class Trouble(StrEnum):
    """What is the matter with a feed."""

    NONE = ""
    MOVED = "moved"  # 301 to its new address
    BROKEN = "broken"  # answers 200 with a web page
    GONE = "gone"  # 410


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet and its feed."""

    key: str
    name: str
    language: str
    country: str
    kind: str
    format: Format
    gives: Gives
    encoding: str = "utf-8"
    trouble: Trouble = Trouble.NONE


@dataclass(frozen=True, slots=True)
class Story:
    """An article of one outlet. `paragraphs` is its page's text; `late`: only in the second edition."""

    outlet: str
    slug: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    late: bool = False
    edited_title: str = ""


@dataclass(frozen=True, slots=True)
class Newsroom:
    """All outlets with their stories, newest first."""

    outlets: tuple[Outlet, ...]
    stories: tuple[Story, ...]

    def edition(self, outlet: Outlet, *, second: bool) -> Iterator[Story]:
        """What the feed of `outlet` holds at the first or at the second crawl."""
        for story in self.stories:
            if story.outlet == outlet.key and (second or not story.late):
                yield replace(story, title=story.edited_title or story.title) if second else story


def open_newsroom(now: datetime) -> Newsroom:
    """The newsroom as it stands at `now` (aware)."""
    outlets = tuple(_outlet(raw) for raw in _read("outlets.yaml"))
    names = {outlet.key: outlet for outlet in outlets}
    raws = [*_read("articles_en.yaml"), *_read("articles_ru_uk.yaml")]
    stories = [story for raw in raws for story in _stories(raw, names, now)]
    return Newsroom(outlets, tuple(sorted(stories, key=lambda story: story.published_at, reverse=True)))


@cache
def _read(name: str) -> list[dict[str, Any]]:
    text = files("hotline.demo").joinpath(name).read_text(encoding="utf-8")
    loaded: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return loaded


def _outlet(raw: Mapping[str, Any]) -> Outlet:
    return Outlet(
        key=raw["key"],
        name=raw["name"],
        language=raw["language"],
        country=raw["country"],
        kind=raw["kind"],
        format=Format(raw["format"]),
        gives=Gives(raw["gives"]),
        encoding=raw.get("encoding", "utf-8"),
        trouble=Trouble(raw.get("trouble", "")),
    )


def _stories(raw: Mapping[str, Any], outlets: Mapping[str, Outlet], now: datetime) -> Iterable[Story]:
    """The article itself and its copies in other outlets, which credit the first."""
    source = outlets[raw["outlet"]]
    paragraphs = tuple(_on_its_day(part, source.language, now) for part in raw["text"].strip().split("\n\n"))
    original = Story(
        outlet=source.key,
        slug=raw["slug"],
        title=raw["title"],
        summary=_on_its_day(raw["summary"], source.language, now),
        paragraphs=paragraphs,
        published_at=now - timedelta(hours=raw["hours"]),
        late=raw.get("late", False),
        edited_title=raw.get("edit", {}).get("title", ""),
    )
    yield original
    credit = _CREDIT[source.language].format(source.name)
    for copy in raw.get("copies", ()):
        kept = paragraphs[: len(paragraphs) - copy.get("cut", 0)]
        yield replace(
            original,
            outlet=copy["outlet"],
            title=copy["title"],
            paragraphs=(*kept, credit),
            published_at=now - timedelta(hours=copy["hours"]),
            edited_title="",
        )


def _on_its_day(text: str, language: str, now: datetime) -> str:
    """`text` with its weekdays moved from Thursday's point of view to that of `now`."""
    names = _WEEKDAYS[language]
    shift = (now - _MIDDLE_OF_THE_NEWS).weekday() - _WRITTEN_ON
    moved = re.sub("|".join(names), lambda found: names[(names.index(found[0]) + shift) % 7], text)
    return moved.replace("в вторник", "во вторник")
