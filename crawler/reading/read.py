"""The one way from a feed's body to its entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from crawler.reading.decode import as_labelled_utf8, as_utf8
from crawler.reading.delta import Layout, cut, scan, short_hash
from crawler.reading.errors import ReadError
from crawler.reading.jsonfeed import is_json, parse_json_feed
from crawler.reading.references import rewrite_references
from crawler.reading.sitemap import is_sitemap, parse_sitemap
from crawler.reading.xmlfeed import parse_xml_feed
from storage.records import Entry, ErrorKind, FeedDocument, FeedMemory

_NOTHING = FeedMemory()


def read_feed(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    memory: FeedMemory = _NOTHING,
    now: datetime,
    full: bool = False,
) -> FeedDocument:
    """Read a decompressed `body`: RSS, RDF, Atom, JSON Feed or news sitemap, in any encoding.

    `entries` are those that `memory` does not know, in document order; `full=True` returns all. The
    document's own `memory` belongs to the next poll, and may be saved only together with the entries.
    Links are resolved against `url`, dates judged against `now` (aware UTC).

    Raises ReadError (EMPTY, NOT_A_FEED, TRUNCATED, PARSE). Has no deadline of its own: hostile input
    can hold it for minutes, so foreign bodies go through `workers.Readers`.
    """
    if not body.strip():
        raise ReadError(ErrorKind.EMPTY, "The answer is empty.")
    known = _NOTHING if full else memory
    digest = body_hash(body, url=url, content_type=content_type)
    if digest == known.body_hash:
        return _unchanged(known)
    utf8 = as_utf8(body, content_type=content_type)
    if is_json(utf8):
        return _without_known(parse_json_feed(utf8, url=url, now=now), known, digest)
    data = rewrite_references(utf8)
    layout = scan(data, url=url, known=known.blocks)
    if layout is None and is_sitemap(data):
        return _without_known(parse_sitemap(data, url=url, now=now), known, digest)
    return _read_xml(data, layout, url=url, now=now, known=known, digest=digest)


def glance(body: bytes, *, url: str, content_type: str = "", memory: FeedMemory) -> FeedDocument | None:
    """The document, `parsed=False`, if `body` holds nothing that `memory` does not know; else None.

    Costs a hash and one pass over the bytes, and never calls a parser: safe on the event loop.
    """
    if not memory.body_hash:
        return None
    digest = body_hash(body, url=url, content_type=content_type)
    if digest == memory.body_hash:
        return _unchanged(memory)
    utf8 = as_labelled_utf8(body, content_type=content_type) if memory.envelope else None
    layout = scan(rewrite_references(utf8), url=url, known=memory.blocks) if utf8 else None
    return _nothing_new(layout, memory, digest) if layout else None


def _unchanged(memory: FeedMemory) -> FeedDocument:
    return FeedDocument(known=len(memory.blocks), memory=memory, parsed=False)


def _nothing_new(layout: Layout, memory: FeedMemory, digest: bytes) -> FeedDocument | None:
    """The document where `memory` knows every block, else None."""
    found = _remember(layout, digest)
    if found.envelope != memory.envelope or not found.blocks <= memory.blocks:
        return None
    return FeedDocument(known=len(layout.blocks), memory=found, parsed=False)


def body_hash(body: bytes, *, url: str, content_type: str = "") -> bytes:
    """Identifies a body together with what its reading depends on."""
    digest = blake2b(f"{url}\0{content_type}\0".encode("utf-8", "replace"), digest_size=16)
    digest.update(body)
    return digest.digest()


def _read_xml(
    data: bytes, layout: Layout | None, *, url: str, now: datetime, known: FeedMemory, digest: bytes
) -> FeedDocument:
    if layout and layout.envelope == known.envelope:
        if document := _nothing_new(layout, known, digest):
            return document
        if document := _read_new_blocks(data, layout, url=url, now=now, known=known):
            return replace(document, memory=_remember(layout, digest))
    parsed = parse_xml_feed(data, url=url, now=now)
    if layout and parsed.strict and len(parsed.document.entries) == len(layout.blocks):
        return replace(parsed.document, memory=_remember(layout, digest))
    return _without_known(parsed.document, known, digest)


def _read_new_blocks(
    data: bytes, layout: Layout, *, url: str, now: datetime, known: FeedMemory
) -> FeedDocument | None:
    """What a full parse would say of the blocks that are not known; None where that is not certain."""
    old = [block for block in layout.blocks if block.hash in known.blocks]
    new = len(layout.blocks) - len(old)
    try:
        parsed = parse_xml_feed(cut(data, old), url=url, now=now)
    except ReadError:
        return None  # the full parse tells better why
    if not parsed.strict or len(parsed.document.entries) != new:
        return None
    return replace(parsed.document, known=len(old))


def _remember(layout: Layout, digest: bytes) -> FeedMemory:
    return FeedMemory(digest, layout.envelope, frozenset(block.hash for block in layout.blocks))


def _without_known(document: FeedDocument, known: FeedMemory, digest: bytes) -> FeedDocument:
    """Leave out known entries where blocks cannot be told apart: by the hash of what was read.

    A damaged body is not remembered as a whole, so that the same bytes are not taken for settled.
    """
    hashes = [_entry_hash(entry) for entry in document.entries]
    new = tuple(
        entry for entry, hash_ in zip(document.entries, hashes, strict=True) if hash_ not in known.blocks
    )
    return replace(
        document,
        entries=new,
        known=len(document.entries) - len(new),
        memory=FeedMemory(b"" if document.damaged else digest, b"", frozenset(hashes)),
    )


def _entry_hash(entry: Entry) -> bytes:
    return short_hash(repr(entry).encode("utf-8", "replace"))
