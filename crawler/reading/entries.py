"""The limits and the cleaning that every entry passes, whatever format it came in."""

from __future__ import annotations

from datetime import datetime

from crawler.reading.furniture import without_furniture
from crawler.reading.links import is_aggregator, publisher_in, publisher_of
from language.clean import clean_text
from language.markup import text_of_html
from storage.records import Entry

TITLE_LIMIT = 500  # characters, as all below
SUMMARY_LIMIT = 1_000
TEXT_LIMIT = 100_000
AUTHOR_LIMIT = 200
GUID_LIMIT = 1_000
_MARKUP_LIMIT = 4 * TEXT_LIMIT  # of HTML looked at for one field


def make_entry(
    *,
    guid: str,
    url: str,
    title: str,
    description: str,
    content: str,
    author: str = "",
    language: str = "",
    published_at: datetime | None = None,
    updated_at: datetime | None = None,
    source_url: str = "",
) -> Entry:
    """Build an Entry from strings as found: markup allowed everywhere, `url` and `source_url` absolute.

    `text` is the content where the feed carries more than its summary, or a description too long to
    be a summary. Without a title the first words stand in.
    """
    summary = _prose(description)
    text = _prose(content)[:TEXT_LIMIT] if content != description else summary
    if len(summary) > max(SUMMARY_LIMIT, len(text)):
        text = summary[:TEXT_LIMIT]
    short = _joined(summary or text, limit=SUMMARY_LIMIT)
    return Entry(
        guid=clean_text(guid[:GUID_LIMIT]),
        url=_publisher(url, description, source_url),
        title=one_line(title, limit=TITLE_LIMIT) or clean_text(short, limit=100),
        summary=short,
        text=text if len(text) > len(short) else "",
        author=one_line(author, limit=AUTHOR_LIMIT),
        language=language_code(language),
        published_at=published_at,
        updated_at=updated_at,
        source_url=source_url,
    )


def _publisher(url: str, description: str, source_url: str) -> str:
    """Where the article is, if an aggregator's link or the rest of its entry says it."""
    if not is_aggregator(url):
        return url
    found = publisher_of(url)
    return (publisher_in(description, source_url) if found == url else "") or found


def language_code(tag: str) -> str:
    """The language of a tag such as en-GB or ru_RU: two or three letters, or an empty string."""
    first = tag.strip().replace("_", "-").split("-")[0].lower()
    return first if first.isascii() and first.isalpha() and len(first) in {2, 3} else ""


def _prose(markup: str) -> str:
    """The text of `markup` without what its publisher hangs below every entry."""
    text = text_of_html(markup[:_MARKUP_LIMIT]) if markup else ""
    return (without_furniture(text) or text) if "\n" in text else text


def one_line(markup: str, *, limit: int) -> str:
    """A title or a name, markup allowed, as one clean line."""
    return _joined(text_of_html(markup[: 8 * limit]), limit=limit) if markup else ""


def _joined(lines: str, *, limit: int) -> str:
    """Clean lines as one: what `clean_text` makes of them, which needs to look at no character again."""
    line = lines.replace("\n", " ")
    return line if len(line) <= limit else clean_text(line, limit=limit)
