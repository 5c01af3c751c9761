"""Twelve feed parsers' own test documents: none may crash, hang or pass for something that it is not."""

from __future__ import annotations

import tarfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from crawler.reading.errors import ReadError
from crawler.reading.read import read_feed
from language.clean import clean_lines, clean_text
from storage.records import Entry, FeedMemory

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
URL = "https://paper.example/rss/world.xml"


def test_every_document_gives_entries_or_an_error_and_the_same_again(shared: Path) -> None:
    outcomes: Counter[str] = Counter()
    with tarfile.open(shared / "feeds" / "malformed.tar.xz") as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)):
                outcomes[outcome(file.read(), member.name)] += 1
    assert outcomes.total() > 3_500
    assert outcomes["entries"] > 1_700


def outcome(body: bytes, name: str) -> str:
    """Read a body twice, the second time with what the first one left."""
    try:
        first = read_feed(body, url=URL, now=NOW)
    except ReadError as error:
        return error.kind
    for entry in first.entries:
        assert_clean(entry, name)
    again = read_feed(body, url=URL, now=NOW, memory=first.memory)
    assert again.entries == (), name
    if len(body) % 3:  # the third reading is the dear one
        return "entries" if first.entries else "no entries"
    changed = read_feed(body + b"\n", url=URL, now=NOW, memory=first.memory)
    assert set(changed.entries) <= set(first.entries), name
    assert first.memory == FeedMemory() or changed.known == len(first.entries), name
    return "entries" if first.entries else "no entries"


def assert_clean(entry: Entry, name: str) -> None:
    assert entry.title == clean_text(entry.title), name
    assert entry.text == clean_lines(entry.text), name
    assert not entry.url or entry.url.startswith(("http://", "https://")), name
    assert entry.published_at is None or entry.published_at.tzinfo is UTC, name
