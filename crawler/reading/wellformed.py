"""Well-formed feeds through feedparser's own reader of elements, driven by expat directly.

feedparser spends most of its time between expat and its handlers: a call for every entity and line
end, objects for attributes that nobody reads, a URL joined with itself at every tag, and elements
(media, categories, enclosures) that no entry here is made of. This driver leaves that out, and holds
back an entry's plain elements until they end, to take them at once (`plain_elements`). What any other
element means stays feedparser's business, and anything but well-formed XML goes to `feedparser.parse`.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple
from xml.parsers import expat

from feedparser.sanitizer import replace_doctype
from feedparser.util import FeedParserDict

from crawler.reading.plain_elements import TAKERS, Attributes, PlainElements, Taker

# What an entry or a channel is read from, by feedparser's standard prefix. Outside of both, inside of
# content, and in namespaces that feedparser does not know, every element counts.
_READ: Final = frozenset(
    [
        *("rss", "rdf:rdf", "channel", "feed", "item", "entry", "title", "link", "description", "summary"),
        *("abstract", "content", "body", "xhtml:body", "fullitem", "content:encoded", "id", "guid"),
        *("pubdate", "published", "issued", "updated", "modified", "created", "author", "name", "email"),
        *("language", "source", "ttl", "sy:updateperiod", "sy:updatefrequency", "feedburner:origlink"),
        *("dc:title", "dc:creator", "dc:author", "dc:date", "dc:description", "dc:language"),
        *("dcterms:created", "dcterms:issued", "dcterms:modified"),
        *("media:group", "media:description"),  # all the summary that YouTube gives
    ]
)
_DECLARATION: Final = re.compile(rb"\A<\?xml[^>]*?>")
_BUFFER: Final = 64 * 1024  # bytes of character data that expat joins into one call


class _ContentParams(FeedParserDict):  # type: ignore[misc]
    """The type, language and base of the content being read, asked for at every piece of text: none of
    its keys has the aliases that make a FeedParserDict slow."""

    get = dict.get
    __getitem__ = dict.__getitem__
    __contains__ = dict.__contains__

    def __deepcopy__(self, _memo: object) -> FeedParserDict:
        """All values are strings or None."""
        return FeedParserDict(self)


class _Tag(NamedTuple):
    """An element's name in feedparser's spelling, whether it is read, and what takes it when plain."""

    name: str
    is_read: bool
    taker: Taker | None


class _Held(NamedTuple):
    """A plain element that has begun; its text is in `pieces`."""

    tag: _Tag
    attributes: Attributes
    pieces: list[str]


class _Reader(PlainElements):
    """feedparser's handlers behind expat's callbacks."""

    def __init__(self) -> None:
        super().__init__("", None, "utf-8")
        self.resolve_relative_uris = False
        self.sanitize_html = False
        self.contentparams: Any = _ContentParams()
        self._tags: dict[str, _Tag] = {}
        self._spelled: dict[str, set[str]] = {}
        self._skipped = 0  # depth inside an element that is not read
        self._entry_depth = 0
        self._held: _Held | None = None

    def start(self, name: str, attributes: list[str]) -> None:
        """An element begins; `attributes` holds names and values in turn."""
        if self._held is not None:
            self._release(self._held)  # it has a child
        tag = self._tags.get(name) or self._tag(name)
        if self._skipped or not (tag.is_read or self.incontent or not (self.inentry or self.infeed)):
            self._skipped += 1
            return
        named = self._named(attributes) if attributes else {}
        if tag.taker and self.inentry and self.depth == self._entry_depth and self._is_at_rest():
            self._held = _Held(tag, named, [])
            return
        if tag.name in {"item", "entry"}:
            nested = self.inentry or self.insource or self.inimage or self.intextinput
            self._entry_depth = -1 if nested else self.depth + 1
        self.unknown_starttag(tag.name, list(named.items()))

    def end(self, name: str) -> None:
        """An element ends, and with it its base: feedparser lets an empty one be inherited backwards."""
        if self._skipped:
            self._skipped -= 1
            return
        if self._held is not None:
            tag, attributes, pieces = held = self._held
            if tag.taker and tag.taker(self, attributes, "".join(pieces)):
                self._held = None
                return
            self._release(held)
        self.unknown_endtag((self._tags.get(name) or self._tag(name)).name)
        self.baseuri = self.basestack[-1] if self.basestack else ""

    def text(self, text: str) -> None:
        """Character data, entities resolved."""
        if self._held is not None:
            self._held.pieces.append(text)
            return
        if self._skipped or (self.elementstack and self.elementstack[-1][0] == "item"):
            return  # between the elements of an entry stands nothing but space
        self.handle_data(text)

    def startPrefixMapping(self, prefix: str | None, uri: str) -> None:  # noqa: N802 - feedparser's name
        """As feedparser's; a prefix that means something else now renames elements."""
        before = self.namespacemap.get(prefix)
        super().startPrefixMapping(prefix, uri)
        if self.namespacemap.get(prefix) != before:
            self._tags.clear()

    def _is_at_rest(self) -> bool:
        """Whether feedparser holds nothing of the elements before; tags inside of titles leave a rest."""
        return not (self.incontent or self.contentparams or self._summaryKey)

    def _release(self, held: _Held) -> None:
        """An element that is not plain after all, by feedparser's handlers, up to where it has come."""
        self._held = None
        self.unknown_starttag(held.tag.name, list(held.attributes.items()))
        for piece in held.pieces:
            self.handle_data(piece)

    def push_content(self, *args: Any) -> None:
        """As feedparser's, with parameters that are quick to ask."""
        super().push_content(*args)
        self.contentparams = _ContentParams(self.contentparams)

    def _end_published(self) -> None:
        """Dates are read later, by crawler.reading.dates."""
        self.pop("published")

    def _end_updated(self) -> None:
        self.pop("updated")

    def _end_created(self) -> None:
        self.pop("created")

    _end_issued = _end_pubdate = _end_dcterms_issued = _end_published
    _end_modified = _end_lastbuilddate = _end_dc_date = _end_dcterms_modified = _end_updated
    _end_dcterms_created = _end_created

    def _named(self, attributes: list[str]) -> Attributes:
        named: Attributes = {}
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            for spelling in self._spelled.get(key) or self._spellings(key):
                named[spelling] = value
        return named

    def _tag(self, name: str) -> _Tag:
        """What an expat name stands for. Names in namespaces that feedparser knows are remembered."""
        space, local = _split(name)
        prefix = self._matchnamespaces.get(space.lower()) if space else ""
        if prefix is None and "backend.userland.com/rss" in space.lower():
            prefix = ""
        if prefix is None:
            used = (key for key, uri in self.namespaces_in_use.items() if key and uri == space)
            prefix = next(used, "")
            return _Tag((f"{prefix}:{local}" if prefix else local).lower(), is_read=True, taker=None)
        tag = (f"{prefix}:{local}" if prefix else local).lower()
        prefix, _, suffix = tag.rpartition(":")
        prefix = self.namespacemap.get(prefix, prefix)  # feedparser maps names twice
        taker = TAKERS.get(f"{prefix}_{suffix}" if prefix else suffix)
        self._tags[name] = _Tag(tag, tag in _READ, taker)
        return self._tags[name]

    def _spellings(self, key: str) -> set[str]:
        """An attribute's name as written, and with feedparser's prefix for its namespace."""
        space, local = _split(key)
        prefix = self._matchnamespaces.get(space.lower(), "") if space else ""
        prefixes = (prefix, *key.split(" ")[2:])
        self._spelled[key] = {f"{p}:{local}".lower() if p else local.lower() for p in prefixes}
        return self._spelled[key]


def read_well_formed(data: bytes) -> dict[str, Any]:
    """Parse UTF-8 `data`; `feed`, `entries` and `version` as feedparser gives them, links unresolved
    but for xml:base. Raises ExpatError when `data` is not well-formed, and whatever feedparser raises."""
    declared, count = _DECLARATION.subn(b"<?xml version='1.0' encoding='utf-8'?>", data)
    version, document, _ = replace_doctype(declared if count else data)
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.buffer_size = _BUFFER
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)
    parser.ExternalEntityRefHandler = lambda *_: 1  # nothing outside is ever loaded
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartNamespaceDeclHandler = reader.startPrefixMapping
    parser.Parse(document, True)  # noqa: FBT003 - the last piece; pyexpat takes no keywords
    return {"feed": reader.feeddata, "entries": reader.entries, "version": version or reader.version}


def _split(name: str) -> tuple[str, str]:
    """Namespace and local name of an expat name, "namespace local prefix"."""
    parts = name.split(" ")
    return ("", parts[0]) if len(parts) == 1 else (parts[0], parts[1])
