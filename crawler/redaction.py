"""What of a URL may be written to a log: not its user, password or query, where keys and tokens live."""

from __future__ import annotations

import logging
import re

_URL = re.compile(r"\b(https?://)(?:[^\s/@\"'<>]*@)?([^\s?#\"'<>]*)(?:[?#][^\s\"'<>)\]]*)?", re.IGNORECASE)


def redact(text: str) -> str:
    """Return `text` with user, password, query and fragment taken out of every http(s) URL in it."""
    return _URL.sub(_bare, text)


def _bare(found: re.Match[str]) -> str:
    had_query = found.group(0)[len(found.group(0).split("?", 1)[0]) :]
    return f"{found.group(1)}{found.group(2)}{'?…' if had_query else ''}"


class RedactUrls(logging.Filter):
    """Takes secrets out of every record that passes; put it on handlers, so that no logger is missed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place when it names a URL; never drop it."""
        message = record.getMessage()
        if "://" in message:
            record.msg, record.args = redact(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True
