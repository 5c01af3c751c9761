from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import feedparser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.reading.decode import as_utf8
from crawler.reading.errors import ReadError
from crawler.reading.references import rewrite_references
from crawler.reading.wellformed import read_well_formed
from crawler.reading.xmlfeed import parse_xml_feed
from tests.crawler.reading.test_read import item, rss

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
URL = "https://paper.example/rss/world.xml"
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


def outcome(data: bytes) -> object:
    """What is read of `data`, or why nothing is."""
    try:
        return parse_xml_feed(data, url=URL, now=NOW)
    except ReadError as error:
        return error.message


def assert_read_alike(data: bytes, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Read `data`, and again with every element read by feedparser's own handlers; whether it is a feed."""
    quick = outcome(data)
    with monkeypatch.context() as patch:
        patch.setattr("crawler.reading.wellformed.TAKERS", {})
        assert quick == outcome(data)
    return not isinstance(quick, str)


def test_plain_elements_mean_what_feedparser_takes_them_for(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = [assert_read_alike(rewrite_references(data), monkeypatch) for _, data in documents(shared)]
    assert sum(alike) > 500


RDF = 'xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
ROOTS = [
    '<rss version="2.0" {0}><channel>{1}</channel></rss>',
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en_GB" xml:base="https://b.example/" {0}>{1}</feed>',
    f"<rdf:RDF {RDF} {{0}}><channel/>{{1}}</rdf:RDF>",
]
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:own="urn:own"'
)
NAMES = """
title link guid id description summary content content:encoded pubDate updated published author dc:creator
dc:date dc:title dc:description language source media:description media:group category own:title TITLE
entry item name email image
"""
ATTRIBUTES = """
|type="html"|type="text"|type="xhtml"|type="image/png"|mode="base64"|href="/a?b&amp;c"|rel="self" href="x"
|rel="alternate"|isPermaLink="false"|xml:lang="ru"|xml:base="https://c.example/d/"|url="https://u.example/"
|xmlns:dc="urn:other"|own:x="1"
"""
TEXTS = """
| |a| b |/path|https://e.example/?a&amp;b;c|Ёж|caf\xe9|\xd0\x81|\x93q\x94|&lt;p&gt;x&lt;/p&gt;|<![CDATA[<b>y</b>]]>
|Ann a@b.example (Ann)|<!-- c -->z|2026-03-05
"""
OPENED = st.tuples(
    st.sampled_from(NAMES.split()),
    st.one_of(st.just(""), st.sampled_from(ATTRIBUTES.replace("\n", "").split("|"))),
    st.sampled_from(TEXTS.replace("\n", "").split("|")),
)
ELEMENTS = st.recursive(
    OPENED.map(lambda parts: "<{0} {1}>{2}</{0}>".format(*parts)),
    lambda inner: st.tuples(OPENED, st.lists(inner, max_size=3)).map(
        lambda parts: "<{0} {1}>{2}{3}</{0}>".format(*parts[0], "".join(parts[1]))
    ),
    max_leaves=4,
)
EXAMPLES = 5_000 if os.environ.get("HOTLINE_FULL") else 300


@settings(max_examples=EXAMPLES, deadline=None)
@example(ROOTS[0], ["<author>Ann a@b.example (Ann)</author><title><author/></title>"], "item")
@given(
    st.sampled_from(ROOTS),
    st.lists(st.lists(ELEMENTS, max_size=6).map("".join), min_size=1, max_size=3),
    st.sampled_from(["item", "entry"]),
)
def test_odd_elements_mean_what_feedparser_takes_them_for(root: str, entries: list[str], name: str) -> None:
    body = root.format(NAMESPACES, "".join(f"<{name}>{entry}</{name}>" for entry in entries)).encode()
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert_read_alike(body, monkeypatch)


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
