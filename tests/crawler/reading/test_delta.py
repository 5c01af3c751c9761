from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.reading.delta import cut, scan
from crawler.reading.errors import ReadError
from crawler.reading.read import read_feed
from storage.records import Entry, FeedDocument, FeedMemory
from tests.crawler.reading.test_read import item, rss

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
URL = "https://paper.example/rss/world.xml"
POLLS = 0 if os.environ.get("HOTLINE_FULL") else 8  # of each recorded series; 0: all of them


def recorded_polls(archive: Path) -> Iterator[bytes]:
    """The bodies of one feed in the order in which they were served."""
    with tarfile.open(archive) as members:
        names = sorted((m for m in members.getmembers() if m.isfile()), key=lambda m: m.name)
        start = len(names) // 3
        for member in names[start : start + POLLS] if POLLS else names:
            file = members.extractfile(member)
            assert file
            yield file.read()


def read_both_ways(body: bytes, memory: FeedMemory) -> tuple[FeedDocument | None, FeedDocument | None]:
    documents: list[FeedDocument | None] = []
    for full in (True, False):
        try:
            documents.append(read_feed(body, url=URL, now=NOW, memory=memory, full=full))
        except ReadError:
            documents.append(None)
    return documents[0], documents[1]


def channel_of(document: FeedDocument) -> FeedDocument:
    return replace(document, entries=(), known=0, memory=FeedMemory())


def assert_delta_equals_full(bodies: Iterator[bytes]) -> int:
    """Read every body in full and by what the last poll left; nothing may be lost, added or different.

    Returns how many polls needed less than a full parse.
    """
    memory, saved = FeedMemory(), 0
    full_entries: set[Entry] = set()
    delta_entries: set[Entry] = set()
    for body in bodies:
        full, delta = read_both_ways(body, memory)
        if full is None or delta is None:
            assert full is delta
            continue
        full_entries.update(full.entries)
        delta_entries.update(delta.entries)
        assert delta_entries == full_entries
        assert len(delta.entries) + delta.known == len(full.entries)
        assert [e for e in full.entries if e in set(delta.entries)] == list(delta.entries)
        if delta.parsed:
            assert channel_of(delta) == channel_of(full)
        saved += bool(delta.known)
        memory = delta.memory
    return saved


def series(folder: str) -> list[str]:
    base = Path(os.environ.get("HOTLINE_SHARED", Path(__file__).resolve().parents[4] / "shared"))
    return sorted(str(p.relative_to(base)) for p in (base / "feeds" / folder).glob("*.tar.xz")) or ["absent"]


@pytest.mark.parametrize("archive", series("english-2020-2021") + series("russian-2025-08"))
def test_the_result_equals_a_full_parse_on_recorded_polls(archive: str, shared: Path) -> None:
    assert_delta_equals_full(recorded_polls(shared / archive))


def test_the_result_equals_a_full_parse_where_half_of_a_feed_is_known(shared: Path) -> None:
    for path in sorted((shared / "feeds" / "as-served").glob("*.[xr][ms][ls]")):
        body = path.read_bytes()
        first = read_feed(body, url=URL, now=NOW)
        half = frozenset(sorted(first.memory.blocks)[::2])
        full, delta = read_both_ways(body + b"\n", replace(first.memory, body_hash=b"", blocks=half))
        assert full
        assert delta
        assert set(delta.entries) <= set(full.entries)
        assert delta.known + len(delta.entries) == len(full.entries)


PIECES = st.sampled_from(
    [
        item(1),
        item(2),
        item(3, title="Third &amp; last"),
        "<item><title>open",
        "</item>",
        "<item/>",
        "<!-- <item> -->",
        "<![CDATA[<item>]]>",
        "<![CDATA[ open",
        '<item xml:base="http://b.example/"><link>x</link></item>',
        '<item xmlns:own="urn:own"><own:x>1</own:x><title>own</title></item>',
        "<entry><title>atom</title></entry>",
        "<item><title>&nbsp;entity</title></item>",
        "<item><title>a & b</title></item>",
        "<item><item><title>nested</title></item></item>",
        "<title>again</title>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=6), min_size=2, max_size=4))
def test_the_result_equals_a_full_parse_on_odd_feeds(polls: list[list[str]]) -> None:
    memory = FeedMemory()
    full_entries: set[Entry] = set()
    delta_entries: set[Entry] = set()
    for pieces in polls:
        full, delta = read_both_ways(rss(*pieces), memory)
        assert (full is None) == (delta is None)
        if full and delta:
            full_entries.update(full.entries)
            delta_entries.update(delta.entries)
            assert delta_entries == full_entries
            memory = delta.memory


@settings(max_examples=400, deadline=None)
@given(
    st.sets(st.integers(0, 3)),
    st.lists(st.one_of(st.integers(0, 3).map(item), st.sampled_from([" \n", ""]), PIECES), max_size=6),
    st.sampled_from(["", "<!-- <item> -->", "<!-- ", "<![CDATA[ ", "<item>", "-->", "]]>"]),
)
def test_knowing_blocks_changes_nothing_that_is_found(known: set[int], pieces: list[str], head: str) -> None:
    memory = read_feed(rss(*map(item, known)), url=URL, now=NOW).memory
    body = rss(*pieces, channel=head)
    layout = scan(body, url=URL, known=memory.blocks)
    assert layout == scan(body, url=URL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawler.reading.delta._by_end_tags", lambda *_: None)
        assert layout == scan(body, url=URL)


@given(st.lists(st.integers(0, 9), max_size=8))
def test_cutting_every_block_leaves_the_envelope(numbers: list[int]) -> None:
    body = rss(*map(item, numbers))
    layout = scan(body, url=URL)
    assert (layout is None) == (not numbers)
    if layout:
        assert len(layout.blocks) == len(numbers)
        assert cut(body, list(layout.blocks)) == rss()


@pytest.mark.parametrize(
    "body",
    [
        rss("<item><title>never closed"),
        rss("<item><item></item></item>"),
        rss("</item>"),
        rss(item(1), "<![CDATA[ never closed"),
        rss(item(1), "<!-- never closed"),
        rss('<item a="b></item>'),
        rss('<item xmlns:own="urn:own"></item>'),
        rss(item(1), "<entry><title>of another kind</title></entry>"),
        b"<channel><item></item></channel>",
        rss().replace(b"rss", b"RSS"),
    ],
)
def test_the_scanner_refuses_what_it_cannot_judge(body: bytes) -> None:
    assert scan(body, url=URL) is None


def test_items_in_comments_and_cdata_are_not_items() -> None:
    layout = scan(rss("<!-- <item> -->", "<x><![CDATA[</item>]]></x>", item(1)), url=URL)
    assert layout
    assert len(layout.blocks) == 1


@pytest.mark.parametrize(
    "piece",
    [b"<item ", b"<![CDATA[", b"<!--", b"<?", b"<item>", b"<item a='", b"</item>", b"<!DOCTYPE ["],
)
def test_hostile_bytes_are_scanned_in_linear_time(piece: bytes) -> None:
    assert scan(rss() + piece * 300_000, url=URL) is None
    assert scan(b"<rss><![CDATA[" + piece * 300_000 + b"]]>" + rss(item(1)), url=URL) or piece == b"<![CDATA["
    memory = read_feed(rss(item(1)), url=URL, now=NOW).memory
    for body in (piece * 300_000 + rss(item(1)), rss(item(1)) + piece * 300_000):
        scan(body, url=URL, known=memory.blocks)
