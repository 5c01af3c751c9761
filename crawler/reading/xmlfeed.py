"""RSS, RDF and Atom: from feedparser's dictionaries to entries, and what is no feed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError

from crawler.reading.dates import parse_date
from crawler.reading.entries import TITLE_LIMIT, language_code, make_entry, one_line
from crawler.reading.errors import ReadError
from crawler.reading.feedparser_fence import read_tolerantly
from crawler.reading.links import absolute_http
from crawler.reading.wellformed import read_well_formed
from storage.records import Entry, ErrorKind, FeedDocument

_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|urlset)[\s>]", re.IGNORECASE)
_ROOT_END = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_SKIPPED = re.compile(rb"<[sS]kip(?:[hH]ours|[dD]ays)\s*>")
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s*(mon|tue|wed|thu|fri|sat|sun)[a-z]*\s*</day>", re.IGNORECASE)
_DAYS = (b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun")
_SKIP_LENGTH = 2048  # bytes that 24 hours or seven days need at most
_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 7 * 86400, "monthly": 30 * 86400, "yearly": 365 * 86400}
_TAIL = 4096  # bytes in which the end of a whole document must stand


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What feedparser made of a body. `strict`: it was well-formed XML, so that every item means the
    same whatever stands beside it."""

    document: FeedDocument
    strict: bool


def parse_xml_feed(data: bytes, *, url: str, now: datetime) -> ParsedFeed:
    """Parse UTF-8 `data`, its references rewritten (crawler.reading.references); entries in document
    order, links resolved against `url`.

    Raises ReadError: NOT_A_FEED, TRUNCATED when nothing whole is left, PARSE when feedparser gives up.
    """
    if _HTML.search(data[:_TAIL]) and not _ROOT.search(data) and not _ITEM.search(data):
        raise ReadError(
            ErrorKind.NOT_A_FEED,
            "The address answered with a web page, not a feed.",
            hint="`hotline feeds add SITE` looks for the feed of a site.",
        )
    parsed, strict = _read(data)
    if not parsed.get("version") and not parsed["entries"]:
        raise ReadError(ErrorKind.NOT_A_FEED, "The answer is neither RSS, Atom, RDF nor JSON Feed.")
    truncated = not strict and is_truncated(data)
    kept = parsed["entries"][:-1] if truncated and _ends_inside_item(data) else parsed["entries"]
    if truncated and not kept:
        raise ReadError(ErrorKind.TRUNCATED, "The feed breaks off before its first whole entry.")
    atom = parsed.get("version", "").startswith("atom")
    entries = tuple(_entry(entry, url=url, atom=atom, now=now) for entry in kept)
    document = replace(_channel(parsed["feed"], data, url), entries=entries, damaged=truncated)
    return ParsedFeed(document, strict)


def is_truncated(data: bytes) -> bool:
    """Whether the end tag of the root is missing."""
    return not _ROOT_END.search(data[-_TAIL:])


def _ends_inside_item(data: bytes) -> bool:
    started = sum(1 for _ in _ITEM.finditer(data))
    return started > sum(1 for _ in _ITEM_END.finditer(data))


def _read(data: bytes) -> tuple[Any, bool]:
    """What feedparser makes of `data`, and whether it was well-formed."""
    try:
        try:
            return read_well_formed(data), True
        except ExpatError:
            return read_tolerantly(data), False
    except MemoryError:
        raise
    except Exception as error:
        # The border to a parser that raises what comes: UnicodeError, AssertionError, RecursionError …
        raise ReadError(ErrorKind.PARSE, f"The feed cannot be parsed ({type(error).__name__}).") from error


def _channel(feed: Any, data: bytes, url: str) -> FeedDocument:
    skipped = b"".join(data[found.end() : found.end() + _SKIP_LENGTH] for found in _SKIPPED.finditer(data))
    links = feed.get("links", [])
    return FeedDocument(
        title=one_line(_text(feed, "title"), limit=TITLE_LIMIT),
        link=absolute_http(_text(feed, "link"), url),
        language=language_code(_text(feed, "language")),
        hub=_link(links, "hub", url),
        self_url=_link(links, "self", url),
        ttl_seconds=_ttl(feed),
        skip_hours=frozenset(int(hour) % 24 for hour in _HOUR.findall(skipped)),
        skip_days=frozenset(_DAYS.index(day.lower()) for day in _DAY.findall(skipped)),
    )


def _entry(entry: Any, *, url: str, atom: bool, now: datetime) -> Entry:
    updated_at = parse_date(_text(entry, "updated"), now=now)
    published_at = parse_date(_text(entry, "published") or _text(entry, "created"), now=now)
    return make_entry(
        guid=_text(entry, "id"),
        url=_entry_url(entry, url),
        title=_text(entry, "title"),
        description=_text(entry, "summary"),
        content=_content(entry, atom=atom),
        author=_text(entry, "author"),
        language=_text(entry, "language") or _text(dict.get(entry, "title_detail") or {}, "language"),
        published_at=published_at or updated_at,
        updated_at=updated_at,
        source_url=_source_url(dict.get(entry, "source") or {}, url),
    )


def _entry_url(entry: Any, base: str) -> str:
    """The publisher's own address before a redirector's; the guid where it is the only address."""
    for key in ("feedburner_origlink", "link"):
        if url := absolute_http(_text(entry, key), base):
            return url
    alternate = _link(dict.get(entry, "links") or [], "alternate", base)
    return alternate or ("" if "link" in entry else absolute_http(_text(entry, "id")))


def _source_url(source: Any, base: str) -> str:
    """Of RSS <source url>, or of the feed that an Atom <source> describes."""
    return absolute_http(_text(source, "href") or _text(source, "link"), base)


def _content(entry: Any, *, atom: bool) -> str:
    """The longest content that is meant as text. In RSS, text/plain is a caption (media:description)."""
    values = [
        content.get("value", "")
        for content in dict.get(entry, "content") or []
        if content.get("type") in {"text/html", "application/xhtml+xml"}
        or (atom and content.get("type") == "text/plain")
    ]
    return max(values, key=len, default="")


def _link(links: list[Any], rel: str, base: str) -> str:
    for link in links:
        if link.get("rel") == rel and (url := absolute_http(_text(link, "href"), base)):
            return url
    return ""


def _ttl(feed: Any) -> int | None:
    """RSS 2.0 <ttl> in minutes; else sy:updatePeriod divided by sy:updateFrequency."""
    minutes = _text(feed, "ttl").strip()
    if minutes.isdecimal() and int(minutes[:9]) > 0:
        return int(minutes[:9]) * 60
    period = _PERIODS.get(_text(feed, "sy_updateperiod").strip().lower())
    frequency = _text(feed, "sy_updatefrequency").strip()
    if period is None:
        return None
    return period // max(1, int(frequency[:6])) if frequency.isdecimal() else period


def _text(values: Any, key: str) -> str:
    """A value of feedparser's, where some inputs leave a dictionary or None in a text's place."""
    value = dict.get(values, key)  # FeedParserDict.get warns and maps one date to another
    return value if isinstance(value, str) else ""
