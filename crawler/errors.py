"""Why something could not be fetched."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from language.errors import HotlineError
from storage.records import ErrorKind


class FetchError(HotlineError):
    """A feed or page could not be fetched. `message` names no query, user or password of its URL."""

    code: ClassVar[str] = "fetch"

    def __init__(self, kind: ErrorKind, message: str, *, hint: str = "", http_status: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.http_status = http_status


class Postponed(HotlineError):
    """Nothing was asked: the host wants to be left alone until `until`, or another process holds it,
    or the crawl is being stopped. No failure of the feed."""

    code: ClassVar[str] = "postponed"

    def __init__(self, message: str, *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until
