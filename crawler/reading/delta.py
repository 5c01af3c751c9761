"""Work that grows with what is new: known items are cut from a feed before it is parsed.

A scanner walks over the UTF-8 bytes of a feed and finds its item blocks without parsing them. A
block whose hash is known from the last poll is left out; the parser gets the envelope and the rest.

Why the result equals a full parse. Blocks enter the memory only from a body that was well-formed
XML as a whole. Well-formedness composes: an element that was well-formed under certain namespace
and entity declarations stays so under the same ones, and those are in the envelope's key. So a
body whose reduced form is well-formed is well-formed itself, and each item is read alone. Whatever
lets one item influence the next one, or the scanner misjudge a border, makes `scan` refuse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from feedparser.mixin import _FeedParserMixin

from storage.records import FeedMemory

_FIRST = re.compile(rb"<((?:[\w.-]{1,20}:)?(?:item|entry))[\s/>]")
_SLASH = ord("/")
_ASIDE = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_CONTEXT = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)(?=[\s>])[^<>]*>", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf)(?=[\s>])", re.IGNORECASE)
_NAMESPACE = re.compile(rb"""xmlns(?::[\w.-]+)?\s*=\s*["']([^"']*)["']""")
_KNOWN_NAMESPACES = frozenset(name.lower().encode() for name in _FeedParserMixin.namespaces)
_VERSION = b"1"  # raise it when entries are read differently: every feed is then read in full once


class Block(NamedTuple):
    """One item: `data[start:end]`, and the hash of these bytes."""

    start: int
    end: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks of a feed in document order, and the key of all that gives them their meaning."""

    blocks: tuple[Block, ...]
    envelope: bytes


def short_hash(data: bytes) -> bytes:
    """Eight bytes: among a feed's few hundred items a collision is a matter of 10^14 polls."""
    return blake2b(data, digest_size=8).digest()


def scan(data: bytes, *, url: str) -> Layout | None:
    """Find the item blocks of UTF-8 `data`; None where they could not safely be read one by one."""
    found = _borders(data)
    if not found:
        return None
    head = _ASIDE.sub(b"", data[: found[0][0]])
    if not _ROOT.search(head) or not _independent(data, start=found[0][0]):
        return None
    blocks = [Block(start, end, short_hash(data[start:end])) for start, end in found]
    if _FIRST.search(_ASIDE.sub(b"", cut(data, blocks))):
        return None  # entries beside items
    return Layout(tuple(blocks), _envelope(head, url))


def settled(data: bytes, *, url: str, memory: FeedMemory) -> list[bytes] | None:
    """The hashes of the items of UTF-8 `data` in order when `memory` knows them all, as `scan` finds
    them; None when there is something new, or when only `scan` could tell."""
    first = _FIRST.search(data) if memory.envelope else None
    if first is None:
        return None
    end_tag = b"</" + first[1] + b">"
    *items, tail = data[first.start() :].split(end_tag)
    hashes = []
    for item in items:
        # A known block is one whole item: where its bytes come again, its borders do.
        hash_ = short_hash(item.lstrip() + end_tag)
        if hash_ not in memory.blocks:
            return None
        hashes.append(hash_)
    # Only what begins before the first item or after the last one could still hide or add any.
    head = data[: first.start()]
    if not (_holds_no_item(head, first[1]) and _holds_no_item(tail, first[1])):
        return None
    if b"xmlns" in tail or _FIRST.search(tail):
        return None
    head = _ASIDE.sub(b"", head)
    return hashes if _ROOT.search(head) and _envelope(head, url) == memory.envelope else None


def cut(data: bytes, blocks: list[Block]) -> bytes:
    """Return `data` without `blocks`, which are in order."""
    kept, position = [], 0
    for block in blocks:
        kept.append(data[position : block.start])
        position = block.end
    kept.append(data[position:])
    return b"".join(kept)


def _envelope(head: bytes, url: str) -> bytes:
    """The key of what stands before the first item, comments left out."""
    start = head.find(b"<!DOCTYPE")
    doctype = _DOCTYPE.match(head, start) if start >= 0 else None  # one try: the second would be an attack
    parts = (url.encode("utf-8", "replace"), doctype[0] if doctype else b"", *_CONTEXT.findall(head))
    return blake2b(b"\0".join((_VERSION, *parts)), digest_size=16).digest()


def _borders(data: bytes) -> list[tuple[int, int]]:
    """Start and end of every item; empty where there is none or the tags do not pair up simply."""
    first = _FIRST.search(data)
    if first is None:
        return []
    borders: list[tuple[int, int]] = []
    start = -1
    for token in _tokens(first[1]).finditer(data):
        slash, endless = token.groups()
        if endless is not None:
            return []
        if slash is None:
            continue
        end = token.end()
        alone = data[end - 2] == _SLASH
        if bool(slash) == (start < 0) or (slash and alone):
            return []  # a nested item, an end without a start
        if slash or alone:
            borders.append((start if slash else token.start(), end))
            start = -1
        else:
            start = token.start()
    return borders if start < 0 else []


def _holds_no_item(data: bytes, name: bytes) -> bool:
    """Whether no tag of `name` stands in `data`, and nothing that hides tags begins and does not end."""
    return all(token.lastindex is None for token in _tokens(name).finditer(data))


@lru_cache(maxsize=32)
def _tokens(name: bytes) -> re.Pattern[bytes]:
    """What could hide a tag as one token, then the tags of `name`; what begins like any of them and
    never ends comes last. Every repetition is atomic and stops where it must, so that a scan is linear."""
    tag = re.escape(name) + rb"(?=[\s/>])"
    return re.compile(
        rb"<(?:!\[CDATA\[(?>[^\]]+|\](?!\]>))*\]\]>|!--(?>[^-]+|-(?!->))*-->|\?(?>[^?]+|\?(?!>))*\?>|(/?)"
        + tag
        + rb"""(?>"[^"<]*"|'[^'<]*'|[^<>"'])*>|(!\[CDATA\[|!--|\?|/?"""
        + tag
        + rb"))"
    )


def _independent(data: bytes, *, start: int) -> bool:
    """Whether nothing in the items from `start` on reaches beyond its own item: feedparser remembers
    the first prefix of namespaces that it does not know."""
    if data.find(b"xmlns", start) < 0:
        return True
    return all(uri.lower() in _KNOWN_NAMESPACES for uri in _NAMESPACE.findall(data, start))
