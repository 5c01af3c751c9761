"""Level 1, identity: one address for one article, however it was linked to.

The canonical URL is an identity, not a link: fetch and print the address as it was given. It is
lossy on purpose where the web is redundant (http and https, www and mobile hosts, AMP, tracking
parameters, trailing slashes) and strict where servers differ (case of the path, other parameters).
Syntax follows RFC 3986 section 6.2; the rest is custom, checked against the recorded feeds.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

import idna

from storage.corpus.domain import domain_of_host
from storage.corpus.tracking import is_tracking

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_WRAPPERS = 5  # a link in a link in a link: deeper ones are an attack
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})|%")
_ORDINARY = re.compile(r"[A-Za-z0-9._~/:@!$()*+,;=-]*")  # what no part of an address escapes
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_DOORS = frozenset({"www", "www2", "www3", "m", "mobile", "amp", "wap", "touch", "edition", "us", "uk", "in"})
_DOORS_ANYWHERE = frozenset({"www", "www2", "www3", "m", "mobile", "amp", "wap", "touch"})
_REGIONAL = frozenset({"cnn.com", "reuters.com", "huffpost.com", "investing.com"})
_SAME_SITE = {"bbc.co.uk": "bbc.com", "telegram.me": "t.me", "huffingtonpost.com": "huffpost.com"}
_AMP_TAIL = re.compile(r"(?:/amp|\.amp|/amp\.html|/index\.html?|/+)$")
_AMP_HTML = re.compile(r"[./]amp(\.html?)$")
_AMP_FOLDER = re.compile(r"^(?:/amp)*(/news)?(?:/amp)*/")
_AMP_CACHE = re.compile(r"/(?:amp|[cv])/(s/)?([^/]+\.[^/]+)(/.*)?")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

# A slug changes with the headline, the number beside it never does.
_NUMBERED = {
    "currenttime.tv": re.compile(r"/a/(?:[^/]+/)?(\d+)\.html"),
    "dw.com": re.compile(r"/\w\w(?:-\w+)?/(?:[^/]+/)?(a-\d+)"),
    "golosameriki.com": re.compile(r"/a/(?:[^/]+/)?(\d+)\.html"),
    "kavkazr.com": re.compile(r"/a/(?:[^/]+/)?(\d+)\.html"),
    "rferl.org": re.compile(r"/a/(?:[^/]+/)?(\d+)\.html"),
    "svoboda.org": re.compile(r"/a/(?:[^/]+/)?(\d+)\.html"),
    "voanews.com": re.compile(r"/a/(?:[^/]+/)?(\d+)\.html"),
}

# Click counters that carry the address in a parameter, by host suffix and path.
_WRAPPERS = (
    (re.compile(r"(?:.+\.)?google\.[a-z.]+/url"), ("url", "q")),
    (re.compile(r"(?:.+\.)?bing\.com/news/apiclick\.aspx"), ("url",)),
    (re.compile(r"lm?\.facebook\.com/l\.php"), ("u",)),
    (re.compile(r"(?:m\.)?vk\.com/away\.php"), ("to",)),
    (re.compile(r"(?:.+\.)?youtube\.com/redirect"), ("q",)),
    (re.compile(r"t\.umblr\.com/redirect"), ("z",)),
    (re.compile(r"out\.reddit\.com/.*"), ("url",)),
    (re.compile(r".+\.safelinks\.protection\.outlook\.com/.*"), ("url",)),
)


class _Address(NamedTuple):
    scheme: str
    host: str  # ASCII, lower case; an IPv6 address in brackets
    port: int | None  # None: the scheme's own
    path: str
    query: str
    fragment: str


def canonical_url(url: str) -> str:
    """Return the one form of an article's address; empty when `url` is not an absolute http(s) one.

    Pure and idempotent: the canonical form of a canonical form is itself.
    """
    address = _unwrapped(url)
    if address is None:
        return ""
    domain = domain_of_host(address.host)
    host = _front_door(address.host, domain)
    domain = _SAME_SITE.get(domain, domain)
    path = _canonical_path(address.path, domain)
    query = _canonical_query(address.query, domain)
    scheme = address.scheme if address.port else "https"
    port = f":{address.port}" if address.port else ""
    return f"{scheme}://{host}{port}{path}{query}{_route(address.fragment)}"


def _unwrapped(url: str) -> _Address | None:
    address = _read(url)
    for _ in range(_MAX_WRAPPERS):
        inner = _inside(address) if address else ""
        if not inner:
            return address
        address = _read(inner)
    return None


def _read(url: str) -> _Address | None:
    try:
        parts = urlsplit(url.strip())
        host, port = _ascii_host(parts), parts.port
    except ValueError:  # idna.IDNAError is one
        return None
    if not host or parts.scheme not in _DEFAULT_PORTS:
        return None
    own_port = None if port in {None, 0, _DEFAULT_PORTS[parts.scheme]} else port
    path = _SESSION.sub("", _without_dots(_escaped(parts.path, safe="/:@!$&'()*+,;=~")))
    return _Address(parts.scheme, host, own_port, path, parts.query, parts.fragment)


def _ascii_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host.partition('%')[0]).compressed}]"
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode().lower()
    return host if _HOST.fullmatch(host) and ".." not in host else ""


def _inside(address: _Address) -> str:
    """The address that a click counter or an AMP cache wraps; empty for an ordinary page."""
    place = f"{address.host}{address.path}"
    for pattern, names in _WRAPPERS if address.query else ():
        if pattern.fullmatch(place):
            values = parse_qs(address.query, max_num_fields=None)
            return next((values[name][0] for name in names if name in values), "")
    is_cache = address.host.endswith(".cdn.ampproject.org") or domain_of_host(address.host) in {
        "google.com",
        "bing.com",
    }
    cached = _AMP_CACHE.fullmatch(address.path) if is_cache else None
    return f"https://{cached[2]}{cached[3] or '/'}?{address.query}" if cached else ""


def _front_door(host: str, domain: str) -> str:
    """Drop www, mobile and AMP labels in front of the registrable domain; fold twin sites."""
    if not domain:
        return host
    doors = _DOORS if domain in _REGIONAL else _DOORS_ANYWHERE
    labels = host[: -len(domain)].split(".")[:-1]
    while labels and labels[0] in doors:
        labels.pop(0)
    if domain == "wikipedia.org":
        labels = [label for label in labels if label != "m"]
    return ".".join([*labels, _SAME_SITE.get(domain, domain)])


def _canonical_path(path: str, domain: str) -> str:
    previous = ""
    while path != previous:
        previous = path
        path = _AMP_HTML.sub(r"\1", _AMP_TAIL.sub("", path))
    if domain in {"bbc.com", "theguardian.com"}:
        path = _AMP_FOLDER.sub(r"\1/", path)
    numbered = _NUMBERED[domain].fullmatch(path) if domain in _NUMBERED else None
    if numbered:
        return f"{path[:3]}/{numbered[1]}" if domain == "dw.com" else f"/a/{numbered[1]}.html"
    return path or "/"


def _canonical_query(query: str, domain: str) -> str:
    """Sorted by name (repeated names keep their order), without tracking; `?` included when not empty."""
    if not query:
        return ""
    kept: list[tuple[str, str]] = []
    for pair in query.split("&"):
        name, equals, value = _escaped(pair, safe="/:@!$'()*+,;=?~").replace("%20", "+").partition("=")
        name = name.removeprefix("amp;")  # `&amp;amp;` in a feed that escaped twice
        if name and not is_tracking(name, value, domain):
            kept.append((name, f"{name}{equals}{value}"))
    kept.sort(key=lambda pair: pair[0])
    return "?" + "&".join(text for _, text in kept) if kept else ""


def _route(fragment: str) -> str:
    """A fragment is a place in a page, except where a script reads its address from it: `#!/story/1`."""
    return f"#{_escaped(fragment, safe='/:@!$&()*+,;=?~')}" if fragment.startswith(("!", "/")) else ""


def _escaped(text: str, *, safe: str) -> str:
    """Escape what must be, unescape what need not be, upper-case the rest (RFC 3986, 6.2.2.1–2)."""
    if _ORDINARY.fullmatch(text):
        return text
    return quote(_ESCAPE.sub(_normal_escape, text), safe=f"{safe}%", errors="replace")


def _normal_escape(found: re.Match[str]) -> str:
    if found[1] is None:
        return "%25"
    byte = int(found[1], 16)
    return chr(byte) if byte in _UNRESERVED else f"%{found[1].upper()}"


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in {".", ".."}:
            kept.append(segment)
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/".join(kept)
