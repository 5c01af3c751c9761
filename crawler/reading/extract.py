"""The article's text on a web page, through trafilatura, or the reason why there is none."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from trafilatura import extract, load_html
from trafilatura.metadata import extract_metadata

from crawler.reading.barrier import Barrier, find_barrier
from crawler.reading.dates import parse_date
from crawler.reading.decode import decode
from crawler.reading.entries import AUTHOR_LIMIT, TEXT_LIMIT, TITLE_LIMIT, one_line
from crawler.reading.furniture import without_furniture
from crawler.reading.page_data import PageData, read_page_data
from language.clean import clean_lines
from storage.records import PageText, TextSource

HTML_LIMIT: Final = 3 * 2**20  # bytes; what is longer is cut
_DOUBTFUL: Final = 600  # characters; the precise extraction of an article is rarely shorter
_HEADLINE: Final = 150  # characters of a plain text's first line that may be its title
_SOURCES = {
    Barrier.NONE: TextSource.PAGE,
    Barrier.PAYWALL: TextSource.PAYWALL,
    Barrier.CHECK: TextSource.FAILED,
}

# Both log every odd page; the reader's answer says what came of it.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def extract_page(body: bytes, *, url: str, content_type: str = "", now: datetime | None = None) -> PageText:
    """Read the page at `url` from its decompressed `body`, HTML or plain text.

    `source` is PAGE when `text` is an article's text, one paragraph per line; otherwise `text` is
    empty and `source` says PAYWALL or FAILED (no article, a consent or robot check, no HTML). What
    the page says of itself (title, author, language, canonical address, date) is kept in every case.
    `now` judges dates and defaults to the clock. Never raises for what a page holds, but has no
    deadline: foreign pages go through `workers.Readers`.
    """
    now = now or datetime.now(UTC)
    markup = decode(body[:HTML_LIMIT], content_type=content_type)
    if not _is_html(markup, content_type):
        return _read_plain(markup) if _is_plain(content_type) else PageText(TextSource.FAILED)
    tree = load_html(markup.replace("\0", " "))
    if tree is None:
        return PageText(TextSource.FAILED)
    data = _complete(read_page_data(tree, url=url, now=now), tree, url=url, now=now)
    text = article_text(tree, url=url)
    source = _SOURCES[find_barrier(text, title=data.title, url=url, free=data.free)]
    return PageText(
        source=source,
        text=text if source is TextSource.PAGE else "",
        title=data.title,
        author=data.author,
        language=data.language,
        canonical_url=data.canonical_url,
        published_at=data.published_at,
    )


def article_text(tree: Any, *, url: str) -> str:
    """The article in a parsed page, clean, without furniture; empty where there is none.

    trafilatura's precision mode has its best documented score; where it finds little, its balanced
    mode decides whether it was too strict (benchmarks.extraction).
    """
    text = _run(tree, url=url, precise=True)
    if len(text) < _DOUBTFUL:
        generous = _run(tree, url=url, precise=False)
        if len(generous) > 2 * len(text):
            text = generous
    return clean_lines(without_furniture(text), limit=TEXT_LIMIT)


def _run(tree: Any, *, url: str, precise: bool) -> str:
    text = extract(tree, url=url, include_comments=False, favor_precision=precise, fast=not precise)
    return text or ""


def _complete(data: PageData, tree: Any, *, url: str, now: datetime) -> PageData:
    """Fill what the head left out from the page itself: bylines, headings, dates in the text."""
    if data.title and data.author and data.published_at:
        return data
    found = extract_metadata(
        tree, default_url=url, date_config={"extensive_search": False, "original_date": True}
    )
    return replace(
        data,
        title=data.title or one_line(found.title or "", limit=TITLE_LIMIT),
        author=data.author or one_line((found.author or "").replace(";", ","), limit=AUTHOR_LIMIT),
        published_at=data.published_at or parse_date(found.date or "", now=now),
    )


def _is_html(markup: str, content_type: str) -> bool:
    if "html" in content_type.lower():
        return True
    head = markup[:4096].lower()
    return any(sign in head for sign in ("<!doctype html", "<html", "<head", "<body", "<p>", "<div"))


def _is_plain(content_type: str) -> bool:
    return not content_type or content_type.lower().startswith("text/plain")


def _read_plain(text: str) -> PageText:
    article = clean_lines(without_furniture(clean_lines(text)), limit=TEXT_LIMIT)
    first = article.partition("\n")[0]
    title = first if len(first) <= _HEADLINE and not first.endswith(".") else ""
    source = _SOURCES[find_barrier(article, title=title, url="", free=None)]
    return PageText(source, text=article if source is TextSource.PAGE else "", title=title)
