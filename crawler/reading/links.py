"""Addresses found in feeds and pages: absolute and http(s), or nothing."""

from __future__ import annotations

import base64
import binascii
import html
import re
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

AGGREGATORS = frozenset({"news.google.com"})

_URL_LIMIT = 2000  # characters; longer ones are not addresses of articles
_STRIPPED = re.compile(r"[\t\n\r]|^[\x00-\x20]+|[\x00-\x20]+$")  # WHATWG URL Standard, 4.1
_ABSOLUTE = ("http://", "https://")
_MARKUP_LIMIT = 100_000  # characters
_HREF = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*["']([^"'<>]*)""", re.IGNORECASE)
_ORDINARY = re.compile(r"https?://[a-z0-9.-]+(?:/[!-~]*)?")
_EMBEDDED = re.compile(rb"https?://[\x21-\x7e]+")


def absolute_http(url: str, base: str = "") -> str:
    """Resolve `url` against `base`; an empty string unless the result is an http(s) address of a host.

    User and password are left out, so that a link never carries someone's secret; spaces inside are
    escaped, as browsers do.
    """
    if not url:
        return ""
    url = _STRIPPED.sub("", url)
    if not url or len(url) > _URL_LIMIT:
        return ""
    if _ORDINARY.fullmatch(url):
        return url
    try:
        url = url if url.startswith(_ABSOLUTE) else urljoin(base, url)
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # reading the port checks it
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    if "@" in parts.netloc or not url.startswith(_ABSOLUTE):  # HTTP://
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return url.replace(" ", "%20")


def is_aggregator(url: str) -> bool:
    """Whether `url` is a Google News link, which stands for an article elsewhere."""
    if not any(host in url.lower() for host in AGGREGATORS):
        return False  # nearly every link, told without taking it apart
    try:
        return urlsplit(url).hostname in AGGREGATORS
    except ValueError:
        return False


def publisher_in(markup: str, source_url: str) -> str:
    """The publisher's address that the description of a Google News entry links to, or an empty string.

    `source_url` is the publisher's site, as the entry names it: only an address there is believed. An entry
    that names none is believed when it links to one place outside.
    """
    from storage.corpus.domain import registrable_domain  # here: no other feed needs its 130 ms of import

    links = [absolute_http(html.unescape(found)) for found in _HREF.findall(markup[:_MARKUP_LIMIT])]
    outside = [link for link in dict.fromkeys(links) if link and registrable_domain(link) != "google.com"]
    if source_url:
        site = registrable_domain(source_url)
        return next((link for link in outside if registrable_domain(link) == site and _is_deep(link)), "")
    return outside[0] if len(outside) == 1 and _is_deep(outside[0]) else ""


def _is_deep(url: str) -> bool:
    """False for a front page."""
    parts = urlsplit(url)
    return bool(parts.path.strip("/") or parts.query)


def publisher_of(url: str) -> str:
    """The publisher's address that a Google News link carries, or `url` itself where it carries none.

    Three forms exist: /news/url?url=…, /rss/articles/<base64 that holds the address>, and, since 2024,
    an opaque token that only Google can resolve.
    """
    if not is_aggregator(url):
        return url
    parts = urlsplit(url)
    for value in parse_qs(parts.query).get("url", []):
        return absolute_http(value) or url
    token = parts.path.rpartition("/articles/")[2]
    return (_embedded_address(token) if token != parts.path else "") or url


def _embedded_address(token: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return ""
    found = _EMBEDDED.search(raw)
    return absolute_http(found[0].decode("ascii")) if found else ""
