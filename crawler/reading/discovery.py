"""Where a site keeps its feeds: what its pages declare, what they link to, where feeds usually are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urljoin, urlsplit

from trafilatura import load_html

from crawler.reading.decode import decode
from crawler.reading.extract import HTML_LIMIT
from crawler.reading.links import absolute_http
from language.clean import clean_text

_TYPES = frozenset(
    f"application/{name}" for name in ("rss+xml", "atom+xml", "rdf+xml", "x-rss+xml", "feed+json")
)
_VAGUE_TYPES = frozenset({"application/json", "application/xml", "text/xml"})  # with a hint in the address
_LOOKS_LIKE_A_FEED = re.compile(
    r"(?:^|[/._?=&-])(?:rss|atom|feeds?|rdf|xml)(?:$|[/._?=&-]|\d)|feedburner\.com/|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_NOT_ITSELF = re.compile(
    r"sitemap|wp-json|oembed|opensearch|manifest|\.(?:css|js|png|jpe?g|svg|ico)$", re.IGNORECASE
)
_COMMENTS = re.compile(r"comments?\b|комментари", re.IGNORECASE)
_WELL_KNOWN = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds/", "rss/", "feed.json")
_ANCHORS = 40  # links looked at that only look like feeds


class Evidence(IntEnum):
    """Why an address may be a feed, the best first."""

    ITSELF = 0  # the address that was asked is one
    DECLARED = 1  # <link rel="alternate" type="application/rss+xml">
    LINKED = 2  # a link whose address looks like one
    GUESSED = 3  # a usual place
    SITEMAP = 4  # a news sitemap that robots.txt names: headlines without a word of text


@dataclass(frozen=True, slots=True)
class FeedLink:
    """An address that may be a feed, and what the page calls it."""

    url: str
    title: str
    evidence: Evidence


def find_feed_links(body: bytes, *, url: str, content_type: str = "") -> tuple[FeedLink, ...]:
    """The feeds that a page of a site names, declared ones first, feeds of comments last.

    Addresses are resolved against `<base>` and `url`, each returned once.
    """
    tree = load_html(decode(body[:HTML_LIMIT], content_type=content_type).replace("\0", " "))
    if tree is None:
        return ()
    base = _base(tree, url)
    found = [*_declared(tree, base), *list(_linked(tree, base))[:_ANCHORS]]
    ordered = sorted(found, key=lambda link: (link.evidence, _is_of_comments(link)))
    return tuple({link.url: link for link in reversed(ordered) if link.url}.values())[::-1]


def usual_places(url: str) -> tuple[FeedLink, ...]:
    """Where the feed of `url` usually is: under its own path first (a section), then under its host."""
    parts = urlsplit(url)
    folder = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    folders = dict.fromkeys((folder, "/"))
    root = f"{parts.scheme}://{parts.netloc}"
    return tuple(
        FeedLink(urljoin(root, f"{folder}{name}"), "", Evidence.GUESSED)
        for folder in folders
        for name in _WELL_KNOWN
    )


def _base(tree: Any, url: str) -> str:
    """The first <base href>, itself relative to the page (HTML Living Standard, 2.4.3)."""
    element = tree.find(".//base[@href]")
    return absolute_http(element.get("href"), url) or url if element is not None else url


def _declared(tree: Any, base: str) -> Iterator[FeedLink]:
    for element in tree.iter("link"):
        rel = (element.get("rel") or "").lower().split()
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        href = element.get("href") or ""
        named = "feed" in rel and "stylesheet" not in rel
        vague = kind in _VAGUE_TYPES and _looks_like_a_feed(href)
        if named or ("alternate" in rel and (kind in _TYPES or vague)):
            yield FeedLink(
                absolute_http(href, base), clean_text(element.get("title") or ""), Evidence.DECLARED
            )


def _linked(tree: Any, base: str) -> Iterator[FeedLink]:
    for element in tree.iter("a"):
        href = element.get("href") or ""
        if _looks_like_a_feed(href):
            title = clean_text(element.get("title") or element.text_content(), limit=120)
            yield FeedLink(absolute_http(href, base), title, Evidence.LINKED)


def _looks_like_a_feed(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    place = f"{parts.netloc}{parts.path}?{parts.query}"
    return bool(_LOOKS_LIKE_A_FEED.search(place)) and not _NOT_ITSELF.search(place)


def _is_of_comments(link: FeedLink) -> bool:
    return bool(_COMMENTS.search(link.title) or _COMMENTS.search(urlsplit(link.url).path))
