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


def scan(data: bytes, *, url: str, known: frozenset[bytes] = frozenset()) -> Layout | None:
    """Find the item blocks of UTF-8 `data`; None where they could not safely be read one by one.

    `known` are hashes of blocks found before. They change nothing but the time that it takes.
    """
    first = _FIRST.search(data)
    if first is None:
        return None
    blocks = _by_end_tags(data, first, known)
    if blocks is None:
        blocks = _by_all_tags(data, first[1])
    if not blocks:
        return None
    head = _ASIDE.sub(b"", data[: blocks[0].start])
    return Layout(tuple(blocks), _envelope(head, url)) if _ROOT.search(head) else None


def _by_end_tags(data: bytes, first: re.Match[bytes], known: frozenset[bytes]) -> list[Block] | None:
    """The blocks where no tag stands between them, as in most feeds; else None.

    A known block is one whole item: where its bytes come again, its borders do, and a hash tells it.
    """
    name, position = first[1], first.start()
    end_tag = b"</" + name + b">"
    blocks = []
    while (end := data.find(end_tag, position)) >= 0:
        start = data.find(b"<", position)
        position = end + len(end_tag)
        block = data[start:position]
        hash_ = short_hash(block)
        if hash_ not in known and not (_is_one_item(block, name) and _is_independent(block)):
            return None
        blocks.append(Block(start, position, hash_))
    # Only what begins before the first item or after the last one could still hide or add any.
    head, tail = data[: first.start()], data[position:]
    whole = _holds_no_item(head, name) and _holds_no_item(tail, name)
    return blocks if whole and _is_independent(tail) and not _FIRST.search(tail) else None


def _by_all_tags(data: bytes, name: bytes) -> list[Block] | None:
    """The blocks whatever stands between them; None where they do not pair up simply."""
    borders = _borders(data, name)
    blocks = [Block(start, end, short_hash(data[start:end])) for start, end in borders]
    if not blocks or not _is_independent(data[blocks[0].start :]):
        return None
    beside = _FIRST.search(_ASIDE.sub(b"", cut(data, blocks)))  # entries beside items
    return None if beside else blocks


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


def _borders(data: bytes, name: bytes) -> list[tuple[int, int]]:
    """Start and end of every item; empty where there is none or the tags do not pair up simply."""
    borders: list[tuple[int, int]] = []
    start = -1
    for token in _tokens(name).finditer(data):
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


def _is_one_item(data: bytes, name: bytes) -> bool:
    return _borders(data, name) == [(0, len(data))]


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


def _is_independent(data: bytes) -> bool:
    """Whether nothing in these items reaches beyond its own item: feedparser remembers the first
    prefix of namespaces that it does not know."""
    if b"xmlns" not in data:
        return True
    return all(uri.lower() in _KNOWN_NAMESPACES for uri in _NAMESPACE.findall(data))
