"""How one poll went, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.records import ErrorKind, FeedDocument

_SOFT = frozenset(
    {
        ErrorKind.DNS,
        ErrorKind.TIMEOUT,
        ErrorKind.REFUSED,
        ErrorKind.TRUNCATED,
        ErrorKind.EMPTY,
        ErrorKind.ROBOTS,
    }
)
_SOFT_STATUSES = frozenset({404, 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a poll brought nothing. `retry_at` is the server's own wish (Retry-After)."""

    kind: ErrorKind
    message: str
    retry_at: datetime | None = None

    def is_soft(self, http_status: int) -> bool:
        """True for what usually passes by itself; 404 too, feeds do come back from it."""
        return self.kind in _SOFT or (self.kind is ErrorKind.HTTP and http_status in _SOFT_STATUSES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one poll went on the wire and in the parser.

    Exactly one holds: `failure` is set; `not_modified` is True (304); `document` is set (200, read).
    """

    polled_at: datetime
    http_status: int = 0
    failure: Failure | None = None
    not_modified: bool = False
    document: FeedDocument | None = None
    url: str = ""  # that answered, after redirects
    permanent_url: str = ""
    etag: str = ""
    last_modified: str = ""
    conditional: bool = False
    fresh_for: timedelta = timedelta(0)
    size: int = 0
    seconds: float = 0.0
    chance: float = 0.0  # 0 to 1, for jitter
    poison: bytes = b""  # hash of the body, where its reading had to be stopped
