"""Which addresses from strangers may become links."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

_BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_KEPT = "%/:?#[]@!$&'()*+,;=-._~|"
_MAX_LENGTH = 1000  # longer ones would crowd the others out of a mail of 90 kB


def safe_href(url: str) -> str:
    """Return `url` in ASCII, fit for an href, or "" where it must not be linked.

    Only http and https with a host and without user or password pass: `javascript:` and `data:`
    get through feed parsers and escaping alike, and `https://bank.example@evil.example/` misleads.
    """
    stripped = _BLANKS.sub("", url)
    try:
        parts = urlsplit(stripped)
        host = _ascii_host(parts.hostname or "")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # also UnicodeError: not a host name
        return ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return ""
    found = urlunsplit(
        (parts.scheme, host + port, _quoted(parts.path), _quoted(parts.query), _quoted(parts.fragment))
    )
    return found if len(found) <= _MAX_LENGTH else ""


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    return host if re.fullmatch(r"[A-Za-z0-9._-]+", host) else host.encode("idna").decode("ascii")


def _quoted(part: str) -> str:
    return quote(part.encode("utf-8", "ignore"), safe=_KEPT)
