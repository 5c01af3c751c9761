"""Who owns a host: the registrable domain, from the public suffix list bundled with tldextract."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

import tldextract

_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # bundled list only: never phones out
_DEFAULT_PORTS = {"http": 80, "https": 443}


def registrable_domain(url: str) -> str:
    """Return the domain under which `url` was registered: `bbc.co.uk` for `https://news.bbc.co.uk/x`.

    A host outside the public suffix list (an IP address, localhost, an intranet name) stands for
    itself with its port, `127.0.0.1:8080`, since each port there may be another owner's. Empty when
    `url` has no host.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    domain = domain_of_host(host)
    if domain or not host:
        return domain
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port or _DEFAULT_PORTS.get(parts.scheme, 0)}"


@lru_cache(maxsize=65_536)
def domain_of_host(host: str) -> str:
    """The registrable domain of a host name in any case; empty for a private host or an address."""
    return _SUFFIXES(host).top_domain_under_public_suffix.lower()
