from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import feedparser
import pytest

from crawler.reading.decode import as_utf8
from crawler.reading.wellformed import read_well_formed
from tests.crawler.reading.test_read import item, rss

FIELDS = ("title", "link", "id", "published", "updated", "created", "language")


def documents(shared: Path) -> Iterator[tuple[str, bytes]]:
    """Every fourth of the parsers' test documents, and all single feeds."""
    with tarfile.open(shared / "feeds" / "malformed.tar.xz") as archive:
        for number, member in enumerate(archive):
            if number % 4 == 0 and member.isfile() and (file := archive.extractfile(member)):
                yield member.name, as_utf8(file.read())
    for path in (shared / "feeds" / "as-served").glob("*.[xr][ms][ls]"):
        yield path.name, as_utf8(path.read_bytes())


def theirs(data: bytes) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8"}
    return feedparser.parse(
        io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def fields(entry: Any) -> tuple[object, ...]:
    return tuple(dict.get(entry, name) for name in FIELDS)


def test_well_formed_feeds_are_read_as_feedparser_reads_them(shared: Path) -> None:
    read, different = 0, []
    for name, data in documents(shared):
        try:
            ours = read_well_formed(data)
        except (ExpatError, ValueError):
            continue  # malformed, or a reference that feedparser raises on
        expected = theirs(data)
        read += 1
        assert not expected["bozo"], name
        assert len(ours["entries"]) == len(expected["entries"]), name
        assert (ours["version"] or "") == (expected.get("version") or ""), name
        if list(map(fields, ours["entries"])) != list(map(fields, expected["entries"])):
            different.append(name)
    assert read > 500
    # Captions and podcast fields in place of titles, and a base inherited backwards: theirs is worse.
    assert len(different) < read / 100, different


def test_a_base_ends_with_its_item() -> None:
    based = '<item xml:base="https://b.example/first/"><link>one</link></item><item><link>two</link></item>'
    links = [entry["link"] for entry in read_well_formed(rss(based))["entries"]]
    assert links == ["https://b.example/first/one", "two"]


def test_nothing_outside_the_document_is_loaded() -> None:
    doctype = '<!DOCTYPE rss [\n<!ENTITY x SYSTEM "file:///etc/hostname">\n<!ENTITY y "inside">\n]>'
    body = doctype.encode() + rss(item(1, title="a &y; b")).partition(b"?>")[2]
    assert read_well_formed(body)["entries"][0]["title"] == "a inside b"
    with pytest.raises(ExpatError):
        read_well_formed(body.replace(b"&y;", b"&x;"))


def test_elements_that_nobody_reads_may_hold_anything() -> None:
    root = '<rss version="2.0" xmlns:m="http://search.yahoo.com/mrss/">'
    noise = "<m:content><m:title>no</m:title><title>no</title></m:content><category>x</category>"
    entry = read_well_formed(rss(item(1, extra=noise), root=root))["entries"][0]
    assert entry["title"] == "Headline 1"
    assert "tags" not in entry
