"""Google News sitemaps: lists of a publisher's latest articles, read like a feed.

https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from crawler.reading.dates import parse_date
from crawler.reading.entries import TITLE_LIMIT, make_entry, one_line
from crawler.reading.errors import ReadError
from crawler.reading.links import absolute_http
from storage.records import Entry, ErrorKind, FeedDocument

_ROOT = re.compile(rb"<(?:[\w.-]+:)?(urlset|sitemapindex)[\s>]")
_LOCATION = re.compile(rb"<(?:[\w.-]+:)?loc\s*>\s*(?:<!\[CDATA\[)?\s*([^\s<>\]]{1,2000})")
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_NEWS = re.compile(r"news|latest|recent|article|новост", re.IGNORECASE)
_HEAD = 8192  # bytes in which the root must start


def is_sitemap(data: bytes) -> bool:
    """Whether `data` is a sitemap or an index of sitemaps."""
    return bool(_ROOT.search(data[:_HEAD]))


def sitemaps_in(body: bytes) -> tuple[str, ...]:
    """The addresses in an index of sitemaps, those first that seem to hold news, the newest of them first."""
    found = _ROOT.search(body[:_HEAD])
    if found is None or found[1] != b"sitemapindex":
        return ()
    addresses = [html.unescape(raw.decode("utf-8", "replace")) for raw in _LOCATION.findall(body)]
    return news_first(address for address in reversed(addresses) if absolute_http(address))


def sitemaps_named(robots_txt: str) -> tuple[str, ...]:
    """The addresses after `Sitemap:` in a robots.txt (RFC 9309 leaves that word to sitemaps.org)."""
    return news_first(address for address in _SITEMAP_LINE.findall(robots_txt) if absolute_http(address))


def news_first(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each address once, those first whose name speaks of news."""
    return tuple(sorted(dict.fromkeys(addresses), key=lambda address: not _NEWS.search(address)))


def parse_sitemap(data: bytes, *, url: str, now: datetime) -> FeedDocument:
    """Read UTF-8 `data`; one entry for each address with a news title, in document order.

    Raises ReadError: NOT_A_FEED for an index or a sitemap without news, PARSE for broken XML.
    """
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ReadError(ErrorKind.PARSE, "The sitemap cannot be parsed.") from error
    if root is None or _name(root) != "urlset":
        raise ReadError(
            ErrorKind.NOT_A_FEED,
            "The address is an index of sitemaps, not a news sitemap.",
            hint="Name one of the sitemaps that it lists.",
        )
    entries = tuple(filter(None, (_entry(element, url=url, now=now) for element in root)))
    if not entries and len(root):
        raise ReadError(ErrorKind.NOT_A_FEED, "The sitemap holds pages, but no news titles.")
    name = next((element.text for element in root.iter("{*}name") if element.text), "")
    return FeedDocument(
        title=one_line(name, limit=TITLE_LIMIT), entries=entries, damaged=not data.rstrip().endswith(b">")
    )


def _entry(element: etree._Element, *, url: str, now: datetime) -> Entry | None:
    values = {_name(child): child.text.strip() for child in element.iter("*") if child.text}
    address = absolute_http(values.get("loc", ""), url)
    if not address or "title" not in values:
        return None
    return make_entry(
        guid=address,
        url=address,
        title=values["title"],
        description="",
        content="",
        language=values.get("language", ""),
        published_at=parse_date(values.get("publication_date", ""), now=now),
        updated_at=parse_date(values.get("lastmod", ""), now=now),
    )


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
