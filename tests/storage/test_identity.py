from __future__ import annotations

from datetime import UTC, datetime

from storage.identity import identify
from storage.records import Entry

FEED = "https://paper.example/rss"
DAY = datetime(2026, 11, 19, tzinfo=UTC)


def _entry(title: str, url: str) -> Entry:
    return Entry(guid="", url=url, title=title, published_at=DAY)


def test_an_entry_is_its_canonical_url() -> None:
    entries = [_entry("A", "https://paper.example/a?utm_source=rss"), _entry("B", "https://paper.example/b")]
    found = identify(entries, feed_url=FEED, links_shared=False)
    assert found.of_entries[0].endswith("paper.example/a")
    assert not found.links_shared


def test_one_link_for_all_is_no_identity() -> None:
    entries = [_entry("A", "https://paper.example/live"), _entry("B", "https://paper.example/live")]
    found = identify(entries, feed_url=FEED, links_shared=False)
    assert len(set(found.of_entries)) == 2
    assert found.links_shared


def test_the_same_item_twice_in_one_feed_stays_one() -> None:
    entries = [_entry("A", "https://paper.example/a"), _entry("A", "https://paper.example/a")]
    assert len(set(identify(entries, feed_url=FEED, links_shared=False).of_entries)) == 1


def test_a_front_page_or_no_link_at_all_is_no_identity() -> None:
    entries = [_entry("A", "https://paper.example/"), _entry("B", ""), _entry("C", "https://paper.example/c")]
    assert len(set(identify(entries, feed_url=FEED, links_shared=False).of_entries)) == 3
