"""feedparser, fenced in: its tolerance without its dangers.

It gets UTF-8 in a BytesIO (a bare body may be taken for a file name or an address), its sanitiser and
URL resolver are off (dear, and no defence), and its author pattern, quadratic in version 6.0.14
(kurtmckee/feedparser#562), is kept from long strings. Importing this module is what fences it.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, Final

import feedparser
from feedparser import mixin
from feedparser.api import StrictFeedParser
from feedparser.mixin import _FeedParserMixin

__all__ = ["StrictFeedParser", "read_tolerantly"]

_AUTHOR_LIMIT: Final = 512  # characters that may be searched for a mail address


def read_tolerantly(data: bytes) -> Any:
    """Parse UTF-8 `data`, however malformed. Raises what feedparser raises."""
    headers = {"content-type": "application/xml; charset=utf-8"}
    return feedparser.parse(
        io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


_sync_author_detail = _FeedParserMixin._sync_author_detail


def _sync_short_author_detail(self: Any, key: str = "author") -> None:
    author = self._get_context().get(key)
    if not isinstance(author, str) or len(author) <= _AUTHOR_LIMIT:
        _sync_author_detail(self, key)


_FeedParserMixin._sync_author_detail = _sync_short_author_detail
mixin._urljoin = lru_cache(maxsize=1024)(mixin._urljoin)  # asked at every tag to join a base with itself
