"""What a page says of itself in its head: schema.org JSON-LD, Open Graph, meta and link elements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.reading.dates import parse_date
from crawler.reading.entries import AUTHOR_LIMIT, TITLE_LIMIT, language_code, one_line
from crawler.reading.links import absolute_http, is_aggregator
from storage.corpus.domain import registrable_domain

_NO_ARTICLE = 2
_JSON_LIMIT = 500_000  # characters of one script
_DATE_NAMES = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "dc.date.issued",
    "dc.date",
    "parsely-pub-date",
    "sailthru.date",
    "mediator_published_time",
)


@dataclass(frozen=True, slots=True)
class PageData:
    """`free` is schema.org's isAccessibleForFree, None where the page does not say."""

    title: str
    author: str
    language: str
    canonical_url: str
    published_at: datetime | None
    free: bool | None


def read_page_data(tree: Any, *, url: str, now: datetime) -> PageData:
    """Read the head of a parsed page; `url` resolves the canonical address, `now` judges the date."""
    meta = _meta(tree)
    article = _article(tree)
    return PageData(
        title=one_line(
            _string(article.get("headline")) or meta.get("og:title", "") or _title(tree), limit=TITLE_LIMIT
        ),
        author=one_line(_names(article.get("author")) or meta.get("author", ""), limit=AUTHOR_LIMIT),
        language=_language(tree, article, meta),
        canonical_url=_outside(tree, url) if is_aggregator(url) else _canonical(tree, url),
        published_at=_published(article, meta, now),
        free=_truth(article.get("isAccessibleForFree")),
    )


def _meta(tree: Any) -> dict[str, str]:
    """The first content of each named meta element, names in lower case."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if content := (element.get("content") or "").strip():
            found.setdefault(name.lower(), content)
    return found


def _article(tree: Any) -> dict[str, Any]:
    """The best JSON-LD object of the page: an article before a mere page, else nothing."""
    best: dict[str, Any] = {}
    rank = _NO_ARTICLE
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "") or len(script.text or "") > _JSON_LIMIT:
            continue
        for thing in _things(script.text or ""):
            order = min((_rank(name) for name in _types(thing)), default=_NO_ARTICLE)
            if order < rank:
                best, rank = thing, order
    return best


def _things(source: str) -> Iterator[dict[str, Any]]:
    try:
        stack = [json.loads(source, strict=False)]
    except (ValueError, RecursionError):
        return
    while stack:
        thing = stack.pop()
        if isinstance(thing, list):
            stack.extend(reversed(thing))
        elif isinstance(thing, dict):
            yield thing
            stack.extend(thing[key] for key in ("@graph", "mainEntity") if key in thing)


def _types(thing: dict[str, Any]) -> list[str]:
    kind = thing.get("@type")
    return [name for name in (kind if isinstance(kind, list) else [kind]) if isinstance(name, str)]


def _rank(name: str) -> int:
    """Articles of every kind (OpinionNewsArticle, ReportageNewsArticle …) stand before a WebPage."""
    if name.endswith(("Article", "Posting", "Report")):
        return 0
    return 1 if name == "WebPage" else _NO_ARTICLE


def _title(tree: Any) -> str:
    element = tree.find(".//title")
    return element.text_content() if element is not None else ""


def _language(tree: Any, article: dict[str, Any], meta: dict[str, str]) -> str:
    declared = (
        tree.get("lang") or tree.get("xml:lang") or "",
        _string(article.get("inLanguage")),
        meta.get("og:locale", ""),
        meta.get("content-language", ""),
    )
    return next(filter(None, map(language_code, declared)), "")


def _canonical(tree: Any, url: str) -> str:
    """rel=canonical; not the front page, which broken templates name on every page."""
    for element in tree.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            address = absolute_http(element.get("href") or "", url)
            return address if urlsplit(address).path.strip("/") or urlsplit(address).query else ""
    return ""


def _outside(tree: Any, url: str) -> str:
    """Where a page of Google News sends its reader: what its script is told, or its only link outside."""
    told = [element.get("data-n-au") for element in tree.iter() if element.get("data-n-au")]
    links = [element.get("href") or "" for element in tree.iter("a")]
    for candidates in (told, links):
        found = {absolute_http(each, url) for each in candidates}
        outside = {each for each in found if each and registrable_domain(each) != registrable_domain(url)}
        if len(outside) == 1:
            return outside.pop()
    return ""


def _published(article: dict[str, Any], meta: dict[str, str], now: datetime) -> datetime | None:
    candidates = [_string(article.get("datePublished")), *(meta.get(name, "") for name in _DATE_NAMES)]
    return next(filter(None, (parse_date(raw, now=now) for raw in candidates)), None)


def _names(author: Any) -> str:
    people = author if isinstance(author, list) else [author]
    names = (
        _string(person.get("name")) if isinstance(person, dict) else _string(person) for person in people
    )
    return ", ".join(name for name in names if name and not name.startswith("http"))


def _string(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return value if isinstance(value, str) else ""


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None
