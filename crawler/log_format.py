"""Scrapy's log lines without secrets, and without one line per request."""

from __future__ import annotations

from typing import Any

from scrapy import Spider
from scrapy.http import Request, Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure


class QuietFormatter(LogFormatter):
    """Every poll has its row in the database; the log repeats none, with its URL's query, here."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:
        """Say nothing of a response."""
        return None  # type: ignore[return-value]

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        """Say nothing of an item."""
        return None  # type: ignore[return-value]
