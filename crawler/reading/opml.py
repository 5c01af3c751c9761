"""Lists of feeds as other readers exchange them: OPML 2.0 (http://opml.org/spec2.opml), also broken.

Exporters forget to escape: a bare & in an address, quotes inside a quoted title. What XML refuses is
read tag by tag, so that a broken list gives every feed that a person would see in it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from crawler.config import without_login
from crawler.reading.decode import decode
from crawler.reading.entries import language_code
from crawler.reading.errors import ReadError
from crawler.reading.links import absolute_http
from language.clean import clean_text
from storage.records import ErrorKind

NAMESPACE = "urn:hotline:feed"  # of the attributes that carry what OPML has no word for
_NAME_LIMIT = 120  # characters
_TAG = re.compile(r"<(/?)outline\b(.*?)(/?)>(?=\s*(?:<|\Z))", re.IGNORECASE | re.DOTALL)
# A value ends at the quote that a next attribute or the end of the tag follows.
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(["'])(.*?)\2(?=\s+[\w:.-]+\s*=\s*["']|\s*\Z)""", re.DOTALL)
_NO_FOLDER = re.compile(r"[/,]")  # part the categories of an outline
_REFERENCE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """One feed of a list. `folders` are the outlines around it, outermost first; `extra` are our own
    attributes (country, kind, every …), as text; `username` and `password` stood in its address."""

    url: str
    name: str = ""
    site: str = ""
    language: str = ""
    folders: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    username: str = ""
    password: str = field(default="", repr=False)


def parse_opml(body: bytes) -> tuple[ListedFeed, ...]:
    """Return the feeds of a list in its order, each address once; those without http(s) are left out.

    Raises ReadError (NOT_A_FEED) when nothing in `body` is an outline.
    """
    text = decode(body)
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        tags = _tags_of(etree.fromstring(text.encode("utf-8", "replace"), parser))
    except (etree.XMLSyntaxError, ValueError):
        tags = _tags_in(text)
    found: dict[str, ListedFeed] = {}
    seen = False
    for attributes, folders in tags:
        seen = True
        feed = _feed(attributes, folders)
        if feed.url:
            found.setdefault(feed.url, feed)
    if not seen:
        raise ReadError(ErrorKind.NOT_A_FEED, "The file is no OPML list: it holds no outline.")
    return tuple(found.values())


def write_opml(feeds: Iterable[ListedFeed], *, title: str, now: datetime) -> str:
    """Return an OPML 2.0 document; `parse_opml` reads the same feeds back, folders as categories."""
    outlines = "\n".join(map(_outline, feeds))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<opml version="2.0" xmlns:hotline="{NAMESPACE}">\n'
        f"  <head>\n    <title>{escape(title)}</title>\n"
        f"    <dateCreated>{format_datetime(now)}</dateCreated>\n  </head>\n"
        f"  <body>\n{outlines}\n  </body>\n</opml>\n"
    )


_Tag = tuple[dict[str, str], tuple[str, ...]]


def _tags_of(root: etree._Element) -> Iterator[_Tag]:
    for element in root.iter("*"):
        if _local(element.tag) == "outline":
            around = [a for a in element.iterancestors() if _local(a.tag) == "outline"]
            yield _attributes(element), tuple(_name(_attributes(a)) for a in reversed(around))


def _attributes(element: etree._Element) -> dict[str, str]:
    own = f"{{{NAMESPACE}}}"
    return {
        f"hotline:{key.removeprefix(own)}" if key.startswith(own) else _local(key): str(value)
        for key, value in element.attrib.items()
    }


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2].lower()


def _tags_in(text: str) -> Iterator[_Tag]:
    open_folders: list[str] = []
    for tag in _TAG.finditer(text):
        if tag[1]:
            del open_folders[-1:]
            continue
        attributes = {
            name.lower(): _REFERENCE.sub(lambda found: html.unescape(found[0]), value)
            for name, _, value in _ATTRIBUTE.findall(tag[2].strip())
        }
        yield attributes, tuple(open_folders)
        if not tag[3]:
            open_folders.append(_name(attributes))


def _feed(attributes: Mapping[str, str], folders: tuple[str, ...]) -> ListedFeed:
    categories = tuple(part for part in attributes.get("category", "").split(",")[0].split("/") if part)
    _, username, password = without_login(attributes.get("xmlurl", ""))
    return ListedFeed(
        url=absolute_http(attributes.get("xmlurl", "")),
        name=_name(attributes),
        site=absolute_http(attributes.get("htmlurl", "")),
        language=language_code(attributes.get("language", "")),
        folders=tuple(filter(None, folders)) or categories,
        extra={
            key.removeprefix("hotline:"): value
            for key, value in attributes.items()
            if key.startswith("hotline:")
        },
        username=username,
        password=password,
    )


def _name(attributes: Mapping[str, str]) -> str:
    """Some exporters escape twice."""
    return clean_text(html.unescape(attributes.get("title") or attributes.get("text", "")), limit=_NAME_LIMIT)


def _outline(feed: ListedFeed) -> str:
    name = feed.name or feed.url
    values = {
        "type": "rss",
        "text": name,
        "title": feed.name,
        "xmlUrl": feed.url,
        "htmlUrl": feed.site,
        "language": feed.language,
        "category": "".join(f"/{_NO_FOLDER.sub(chr(32), folder)}" for folder in feed.folders),
        **{f"hotline:{key}": value for key, value in sorted(feed.extra.items())},
    }
    written = " ".join(f"{key}={quoteattr(value)}" for key, value in values.items() if value)
    return f"    <outline {written}/>"
