"""JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from crawler.reading.dates import parse_date
from crawler.reading.entries import TITLE_LIMIT, language_code, make_entry, one_line
from crawler.reading.errors import ReadError
from crawler.reading.links import absolute_http
from storage.records import Entry, ErrorKind, FeedDocument


def is_json(data: bytes) -> bool:
    """Whether `data` can only be JSON."""
    return data[:64].lstrip()[:1] in {b"{", b"["}


def parse_json_feed(data: bytes, *, url: str, now: datetime) -> FeedDocument:
    """Read a JSON Feed in UTF-8; items in document order, those that are no objects left out.

    Raises ReadError: PARSE for broken JSON, NOT_A_FEED for any other JSON.
    """
    try:
        feed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReadError(ErrorKind.PARSE, "The answer is broken JSON.") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not _looks_like_a_feed(feed):
        raise ReadError(ErrorKind.NOT_A_FEED, "The answer is JSON, but not a JSON Feed.")
    language = _text(feed, "language")
    return FeedDocument(
        title=one_line(_text(feed, "title"), limit=TITLE_LIMIT),
        link=absolute_http(_text(feed, "home_page_url"), url),
        language=language_code(language),
        entries=tuple(_entry(item, url=url, now=now) for item in items if isinstance(item, dict)),
        hub=_hub(feed),
        self_url=absolute_http(_text(feed, "feed_url"), url),
    )


def _looks_like_a_feed(feed: dict[str, Any]) -> bool:
    return "jsonfeed.org/version/1" in _text(feed, "version") or "title" in feed


def _entry(item: dict[str, Any], *, url: str, now: datetime) -> Entry:
    content = _text(item, "content_html") or _text(item, "content_text").replace("<", "&lt;")
    published = parse_date(_text(item, "date_published"), now=now)
    updated = parse_date(_text(item, "date_modified"), now=now)
    return make_entry(
        guid=_text(item, "id"),
        url=absolute_http(_text(item, "url"), url) or absolute_http(_text(item, "external_url"), url),
        title=_text(item, "title"),
        description=_text(item, "summary"),
        content=content,
        author=_author(item),
        language=_text(item, "language"),
        published_at=published or updated,
        updated_at=updated,
    )


def _author(item: dict[str, Any]) -> str:
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    return ", ".join(
        name for person in people if isinstance(person, dict) and (name := _text(person, "name"))
    )


def _hub(feed: dict[str, Any]) -> str:
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else []:
        if isinstance(hub, dict) and _text(hub, "type").lower() == "websub":
            return absolute_http(_text(hub, "url"))
    return ""


def _text(values: dict[str, Any], key: str) -> str:
    """A string, also where a number stands in its place, as ids often do."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value) if not isinstance(value, int) or abs(value) < 10**30 else ""
