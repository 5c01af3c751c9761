from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading.errors import ReadError
from crawler.reading.opml import ListedFeed, parse_opml, write_opml

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
WORDS = st.text("abc дум&<>\"' é", max_size=12).map(lambda text: " ".join(text.split()))
FEEDS = st.builds(
    ListedFeed,
    url=st.integers(0, 10**6).map(lambda n: f"https://paper.example/rss?id={n}&lang=en"),
    name=WORDS.filter(bool),
    site=st.sampled_from(["", "https://paper.example/"]),
    language=st.sampled_from(["", "en", "ru", "uk"]),
    folders=st.lists(WORDS.filter(bool), max_size=3).map(tuple),
    extra=st.dictionaries(st.sampled_from(["country", "kind", "every"]), WORDS.filter(bool)),
)


@given(st.lists(FEEDS, max_size=5, min_size=1, unique_by=lambda feed: feed.url))
def test_what_is_exported_is_imported_again(feeds: list[ListedFeed]) -> None:
    assert list(parse_opml(write_opml(feeds, title="All & <more>", now=NOW).encode())) == feeds


def test_folders_and_names_are_read() -> None:
    body = """<opml version="1.0"><body><outline text="Papers"><outline text="East">
      <outline text="The &amp;quot;Paper&amp;quot;" XMLURL="https://paper.example/rss" htmlUrl="/x"/>
      </outline></outline><outline text="No address"/>
      <outline text="Bad" xmlUrl="file:///etc/passwd"/></body></opml>"""
    assert parse_opml(body.encode()) == (
        ListedFeed("https://paper.example/rss", 'The "Paper"', folders=("Papers", "East")),
    )


@pytest.mark.parametrize(
    ("outline", "feed"),
    [
        (
            '<outline text="a" xmlUrl="https://p.example/rss?a=1&lang=en&copy=2" />',
            ListedFeed("https://p.example/rss?a=1&lang=en&copy=2", "a"),
        ),
        (
            '<outline text="The "Paper". Main" title="The "Paper". Main" xmlUrl="https://p.example/rss"/>',
            ListedFeed("https://p.example/rss", 'The "Paper". Main'),
        ),
        (
            "<outline text='News & more <b>' xmlUrl='https://p.example/'>",
            ListedFeed("https://p.example/", "News & more <b>"),
        ),
    ],
)
def test_lists_that_forgot_to_escape_are_read_too(outline: str, feed: ListedFeed) -> None:
    assert parse_opml(f"<opml><body>{outline}</body></opml>".encode()) == (feed,)


def test_a_list_that_breaks_off_keeps_what_was_there() -> None:
    body = b'<opml><body><outline text="Folder"><outline text="a" xmlUrl="https://p.example/1"/><outl'
    assert parse_opml(body) == (ListedFeed("https://p.example/1", "a", folders=("Folder",)),)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"just text", b"<opml><body/></opml>"])
def test_what_holds_no_outline_is_no_list(body: bytes) -> None:
    with pytest.raises(ReadError, match="no outline"):
        parse_opml(body)


def test_every_feed_of_the_recorded_lists_is_found(shared: Path) -> None:
    for path in (shared / "feeds" / "opml").glob("*.opml"):
        body = path.read_bytes()
        feeds = parse_opml(body)
        assert len(feeds) == len(set(re.findall(rb'xmlUrl="([^"]+)"', body)))
        assert all(feed.name and feed.folders for feed in feeds)
        assert parse_opml(write_opml(feeds, title=path.stem, now=NOW).encode()) == feeds
