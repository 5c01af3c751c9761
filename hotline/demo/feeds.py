"""Feeds of the made-up newsroom: RSS 2.0, RSS 1.0 (RDF), Atom and JSON Feed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from email.utils import format_datetime
from html import escape
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from hotline.demo.newsroom import Format, Gives, Outlet, Story

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS1 = "http://purl.org/rss/1.0/"
for _prefix, _name in {"content": _CONTENT, "dc": _DC, "rdf": _RDF}.items():
    register_namespace(_prefix, _name)

CONTENT_TYPES = {
    Format.RSS: "application/rss+xml",
    Format.RDF: "application/rdf+xml",
    Format.ATOM: "application/atom+xml",
    Format.JSON: "application/feed+json",
}


def render_feed(outlet: Outlet, stories: Iterable[Story], base: str) -> bytes:
    """The feed of `outlet`, whose site is at `base`; equal stories give equal bytes."""
    return _RENDERERS[outlet.format](outlet, list(stories), base)


def story_url(story: Story, base: str) -> str:
    """The address of a story's page."""
    return f"{base}/{story.slug}"


def _rss(outlet: Outlet, stories: list[Story], base: str) -> bytes:
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    _texts(channel, title=outlet.name, link=base, description=outlet.name, language=outlet.language)
    for story in stories:
        item = SubElement(channel, "item")
        url = story_url(story, base)
        _texts(item, title=story.title, link=url, guid=url, pubDate=format_datetime(story.published_at))
        _add_text(item, outlet, story, summary="description", full=f"{{{_CONTENT}}}encoded")
    return _xml(rss, outlet)


def _rdf(outlet: Outlet, stories: list[Story], base: str) -> bytes:
    rdf = Element(f"{{{_RDF}}}RDF")
    channel = SubElement(rdf, f"{{{_RSS1}}}channel", {f"{{{_RDF}}}about": base})
    _texts(channel, _RSS1, title=outlet.name, link=base, description=outlet.name)
    _texts(channel, _DC, language=outlet.language)
    for story in stories:
        url = story_url(story, base)
        item = SubElement(rdf, f"{{{_RSS1}}}item", {f"{{{_RDF}}}about": url})
        _texts(item, _RSS1, title=story.title, link=url)
        _texts(item, _DC, date=story.published_at.isoformat(timespec="seconds"))
        _add_text(item, outlet, story, summary=f"{{{_RSS1}}}description", full=f"{{{_CONTENT}}}encoded")
    return _xml(rdf, outlet)


def _atom(outlet: Outlet, stories: list[Story], base: str) -> bytes:
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": outlet.language})
    newest = max((story.published_at for story in stories), default=None)
    _texts(feed, title=outlet.name, id=f"{base}/", updated=newest.isoformat("T", "seconds") if newest else "")
    for story in stories:
        entry = SubElement(feed, "entry")
        url = story_url(story, base)
        _texts(entry, title=story.title, id=url, updated=story.published_at.isoformat("T", "seconds"))
        SubElement(entry, "link", href=url)
        SubElement(SubElement(entry, "author"), "name").text = outlet.name
        _add_text(entry, outlet, story, summary="summary", full="content", kind="html")
    return _xml(feed, outlet)


def _json(outlet: Outlet, stories: list[Story], base: str) -> bytes:
    items = [
        {
            "id": story_url(story, base),
            "url": story_url(story, base),
            "title": story.title,
            "date_published": story.published_at.isoformat(timespec="seconds"),
            **({} if outlet.gives is Gives.TITLE else {"summary": story.summary}),
            "content_html": _html(story) if outlet.gives is Gives.FULL else f"<p>{escape(story.summary)}</p>",
        }
        for story in stories
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": outlet.name, "language": outlet.language}
    return json.dumps({**head, "home_page_url": base, "items": items}, ensure_ascii=False).encode()


def _add_text(
    item: Element, outlet: Outlet, story: Story, *, summary: str, full: str, kind: str | None = None
) -> None:
    if outlet.gives is not Gives.TITLE:
        SubElement(item, summary).text = story.summary
    if outlet.gives is Gives.FULL:
        SubElement(item, full, {"type": kind} if kind else {}).text = _html(story)


def _html(story: Story) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)


def _texts(parent: Element, namespace: str = "", /, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, f"{{{namespace}}}{name}" if namespace else name).text = text


def _xml(root: Element, outlet: Outlet) -> bytes:
    rendered: bytes = tostring(root, encoding=outlet.encoding, xml_declaration=True)
    return rendered


_RENDERERS = {Format.RSS: _rss, Format.RDF: _rdf, Format.ATOM: _atom, Format.JSON: _json}
