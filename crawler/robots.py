"""May this page be read? robots.txt after RFC 9309; feeds that the user named are not asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from storage.records import HostState

PRODUCT_TOKEN = "hotline"  # noqa: S105 - RFC 9309's word for the name that robots.txt calls us
KEPT = timedelta(hours=24)  # RFC 9309, 2.4
KEPT_UNREACHABLE = timedelta(hours=1)
SIZE_LIMIT = 500 * 1024  # bytes, RFC 9309, 2.5
IN_LINE = 10.0  # seconds of Crawl-delay that pages of one crawl wait for; after more, they come back later
_LONGEST_DELAY = 3600.0  # seconds; a host that asks for more does not want its pages read


@dataclass(frozen=True, slots=True)
class Permission:
    """`crawl_delay` is in seconds, 0 when the host asks for none. `reason` is set on a refusal;
    `lasting` tells rules of the host from a robots.txt that could not be read for now."""

    allowed: bool
    crawl_delay: float = 0.0
    reason: str = ""
    lasting: bool = True


def robots_url(url: str) -> str:
    """Where the rules for `url` are; also the key under which they are kept."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/robots.txt", "", ""))


def remember(key: str, status: int, body: bytes, *, now: datetime) -> HostState:
    """What to keep of an answer to robots.txt; status 599 stands for no answer."""
    unreachable = status >= 500 or status == 429
    text = body[:SIZE_LIMIT].decode("utf-8", errors="replace") if 200 <= status < 300 else ""
    return HostState(
        key=key,
        robots_txt=text.replace("\0", ""),
        robots_status=status,
        robots_expires_at=now + (KEPT_UNREACHABLE if unreachable else KEPT),
    )


def permission(host: HostState, url: str) -> Permission:
    """Apply what is kept of a host to a page. 4xx means no rules, 5xx, 429 and silence mean no."""
    if host.robots_status >= 500 or host.robots_status == 429:
        return Permission(
            allowed=False,
            reason="robots.txt could not be read, so pages may not be.",
            lasting=False,
        )
    if not host.robots_txt.strip():
        return Permission(allowed=True)
    rules = _parsed(host.robots_txt)
    delay = float(rules.crawl_delay(PRODUCT_TOKEN) or 0.0)
    if not rules.can_fetch(url, PRODUCT_TOKEN):
        return Permission(allowed=False, crawl_delay=delay, reason="robots.txt does not allow the page.")
    if delay > _LONGEST_DELAY:
        reason = f"robots.txt wants {delay / 3600:.0f} hours between two pages, so they are not read."
        return Permission(allowed=False, crawl_delay=delay, reason=reason)
    return Permission(allowed=True, crawl_delay=delay)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Protego:
    return Protego.parse(text)
