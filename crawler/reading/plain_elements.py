"""The plain elements of an entry, read at once: a headline, a link, a date, a summary, an author.

feedparser gives each of them a stack entry, two dictionaries, a search for markup and a walk over every
character. What is taken here means the same: text and simple attributes, directly inside an entry, in
a namespace that feedparser knows. Anything else (children, xml:base, xml:lang, XHTML, base64, a second
summary) is not plain, and left to feedparser's own handlers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeAlias

from feedparser.html import _cp1252
from feedparser.util import FeedParserDict

from crawler.reading.feedparser_fence import StrictFeedParser

Attributes: TypeAlias = dict[str, str]

_LONGEST_NAME: Final = 200  # characters
_WINDOWS: Final = re.compile("[\x80-\x9f]")
_QUERY_ENTITY: Final = re.compile(r"&(\w+);", re.ASCII)
_TEXT_TYPES: Final = {
    **dict.fromkeys(("text", "plain", "text/plain"), "text/plain"),
    **dict.fromkeys(("html", "text/html"), "text/html"),
}


class PlainElements(StrictFeedParser):  # type: ignore[misc]
    """feedparser's handlers, and beside them quick ones for an entry's plain elements.

    A quick handler gets an element that is over, and says whether it took it; what it leaves behind is
    what feedparser's handlers would, as far as entries here are made of it.
    """

    title_depth: int

    def plain_text(self, text: str, *, is_address: bool = False) -> str:
        """The text of an element: trimmed, resolved, and with feedparser's repairs of misread letters."""
        text = text.strip()
        if is_address and text:
            text = self.resolve_uri(text)
        if text.isascii():
            return text
        with suppress(UnicodeError):
            text = text.encode("iso-8859-1").decode("utf-8")
        return text.translate(_cp1252) if _WINDOWS.search(text) else text

    def keep(self, key: str, value: str) -> None:
        """Set a property of the entry. No element stands less deep, so that none has precedence."""
        entry = self.entries[-1]
        self.property_depth_map.setdefault(entry, {})[key] = self.depth + 1
        dict.__setitem__(entry, key, value)

    def take_title(self, attributes: Attributes, text: str) -> bool:
        """The first that is not empty counts."""
        if self.svgOK or not _is_text(attributes):
            return False
        value = self.plain_text(text)
        if not -1 < self.title_depth <= self.depth + 1:
            self.keep("title", value)
            language = self.lang.replace("_", "-") if self.lang else self.lang
            dict.__setitem__(self.entries[-1], "title_detail", {"language": language})
        if value:
            self.title_depth = self.depth + 1
        return True

    def take_link(self, attributes: Attributes, text: str) -> bool:
        """RSS has the address as text, Atom in an attribute."""
        if attributes:
            return "href" in attributes and self._take_link_element(attributes)
        address = self.plain_text(text, is_address=True)
        if "&" in address:
            address = _QUERY_ENTITY.sub(r"&\1", address.replace("&amp;", "&"))
        entry = self.entries[-1]
        dict.__setitem__(entry, "link", address)
        dict.setdefault(entry, "links", []).append({"rel": "alternate", "href": address})
        return True

    def _take_link_element(self, attributes: Attributes) -> bool:
        if not attributes.keys() <= {"href", "rel", "type", "title", "length", "hreflang"}:
            return False
        self._start_link(dict(map(self._normalize_attributes, attributes.items())))
        return True

    def take_id(self, attributes: Attributes, text: str) -> bool:
        """A GUID that is a permanent link stands in for a link that is missing, or comes later."""
        if not attributes.keys() <= {"ispermalink"}:
            return False
        self.guidislink = attributes.get("ispermalink", "true") == "true"
        value = self.plain_text(text, is_address=self.guidislink)
        self.keep("id", value)
        if self.guidislink:
            dict.setdefault(self.entries[-1], "link", value)
        return True

    def take_summary(self, attributes: Attributes, text: str) -> bool:
        """A second one is content, unless the content came before."""
        if not _is_text(attributes) or ("summary" in self.entries[-1] and not self.hasContent):
            return False
        self.keep("summary", self.plain_text(text))
        return True

    def take_content(self, attributes: Attributes, text: str) -> bool:
        """Atom's; elsewhere its type would have to be guessed."""
        if not _is_text(attributes) or not self.version.startswith("atom"):
            return False
        return self._take_content_of(_TEXT_TYPES[attributes.get("type", "text").lower()], text)

    def take_html_content(self, attributes: Attributes, text: str) -> bool:
        """content:encoded."""
        return not attributes and self._take_content_of("text/html", text)

    def _take_content_of(self, type_: str, text: str) -> bool:
        entry, value = self.entries[-1], self.plain_text(text)
        self.hasContent = 1
        dict.setdefault(entry, "content", []).append({"type": type_, "value": value})
        dict.setdefault(entry, "summary", value)
        return True

    def take_author(self, attributes: Attributes, text: str) -> bool:
        """A name alone: feedparser looks for mail addresses, and puts together what children say."""
        if "@" in text or len(text) > _LONGEST_NAME or not self._take("author", attributes, text):
            return False
        entry = self.entries[-1]
        name = dict.__getitem__(entry, "author")
        detail = FeedParserDict(name=name) if name else FeedParserDict()
        dict.setdefault(entry, "authors", []).append(detail)
        if name:
            dict.setdefault(entry, "author_detail", detail)
        return True

    def take_published(self, attributes: Attributes, text: str) -> bool:
        """As written; crawler.reading.dates reads it."""
        return self._take("published", attributes, text)

    def take_updated(self, attributes: Attributes, text: str) -> bool:
        """As written."""
        return self._take("updated", attributes, text)

    def take_created(self, attributes: Attributes, text: str) -> bool:
        """As written."""
        return self._take("created", attributes, text)

    def take_language(self, attributes: Attributes, text: str) -> bool:
        """Of the entry."""
        return self._take("language", attributes, text)

    def take_original_link(self, attributes: Attributes, text: str) -> bool:
        """FeedBurner's word for the publisher's own address."""
        return self._take("feedburner_origlink", attributes, text)

    def _take(self, key: str, attributes: Attributes, text: str) -> bool:
        if attributes:
            return False
        self.keep(key, self.plain_text(text))
        return True


def _is_text(attributes: Attributes) -> bool:
    """Whether a text construct is text or HTML, and nothing else is said of it."""
    return not attributes or (attributes.keys() == {"type"} and attributes["type"].lower() in _TEXT_TYPES)


Taker: TypeAlias = Callable[[Any, Attributes, str], bool]
_SUMMARY, _AUTHOR = PlainElements.take_summary, PlainElements.take_author
_PUBLISHED, _UPDATED = PlainElements.take_published, PlainElements.take_updated

# By feedparser's name of the element, namespace prefix first.
TAKERS: Final[dict[str, Taker]] = {
    **dict.fromkeys(("title", "dc_title"), PlainElements.take_title),
    "link": PlainElements.take_link,
    **dict.fromkeys(("guid", "id"), PlainElements.take_id),
    **dict.fromkeys(("description", "abstract", "summary", "dc_description"), _SUMMARY),
    "content": PlainElements.take_content,
    **dict.fromkeys(("content_encoded", "fullitem"), PlainElements.take_html_content),
    **dict.fromkeys(("author", "dc_author", "dc_creator"), _AUTHOR),
    **dict.fromkeys(("pubdate", "published", "issued", "dcterms_issued"), _PUBLISHED),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), _UPDATED),
    **dict.fromkeys(("created", "dcterms_created"), PlainElements.take_created),
    **dict.fromkeys(("language", "dc_language"), PlainElements.take_language),
    "feedburner_origlink": PlainElements.take_original_link,
}
