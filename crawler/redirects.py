"""Where a redirect leads and what may go along (RFC 9110, 15.4). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urldefrag, urljoin, urlsplit

from w3lib.url import safe_url_string

from crawler.config import without_login
from crawler.errors import FetchError
from storage.records import ErrorKind

MAX_HOPS = 5
STATUSES = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect: the status that was answered, and the absolute URL it named."""

    status: int
    url: str


def next_url(url: str, location: str) -> str:
    """The absolute address that `location` names, without fragment, user and password.

    Raises FetchError for anything that is not http or https.
    """
    try:
        target, _, _ = without_login(urldefrag(urljoin(url, location.strip())).url)
        scheme, host = urlsplit(target).scheme, urlsplit(target).hostname
    except ValueError as error:
        raise FetchError(ErrorKind.HTTP, "The address redirects to one that makes no sense.") from error
    if scheme not in {"http", "https"} or not host:
        raise FetchError(ErrorKind.BLOCKED, "The address redirects to something that is no web page.")
    return wire_url(target)


@lru_cache(maxsize=8192)
def wire_url(url: str) -> str:
    """`url` as it is sent: ASCII, escaped where it must be. Raises FetchError when there is no way."""
    try:
        return str(safe_url_string(url))
    except ValueError as error:
        raise FetchError(ErrorKind.HTTP, "The address makes no sense.") from error


def permanent_target(hops: Sequence[Hop]) -> str:
    """Where the address moved for good: the end of the leading run of 301 and 308; empty if none.

    What comes after a temporary hop may change any day, so it is not part of the new address.
    """
    target = ""
    for hop in hops:
        if hop.status not in _PERMANENT:
            break
        target = hop.url
    return target


def same_origin(url: str, other: str) -> bool:
    """True when a password for `url` may be sent to `other`: equal scheme, host and port."""
    return _origin(url) == _origin(other)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
