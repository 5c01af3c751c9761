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

_FIRST = re.compile(rb"<((?:[\w.-]{1,20}:)?(?:item|entry))[\s/>]")
_SLASH = ord("/")
_ASIDE = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_CONTEXT = re.compile(
    rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)(?=[\s>])[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
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
    context = b"\0".join(_CONTEXT.findall(head))
    envelope = blake2b(
        b"\0".join((_VERSION, url.encode("utf-8", "replace"), context)), digest_size=16
    ).digest()
    return Layout(tuple(Block(start, end, short_hash(data[start:end])) for start, end in found), envelope)


def cut(data: bytes, blocks: list[Block]) -> bytes:
    """Return `data` without `blocks`, which are in order."""
    kept, position = [], 0
    for block in blocks:
        kept.append(data[position : block.start])
        position = block.end
    kept.append(data[position:])
    return b"".join(kept)


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
