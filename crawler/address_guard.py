"""No connection to a private address: the last check before a socket exists.

It sits at connect time, behind every way an address can come about: spellings of loopback, names
that resolve to it, redirects, DNS answers that change between check and use (rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohappyeyeballs import AddrInfoType

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# What `is_global` of Python 3.11 calls global and is not a host on the internet: the special-purpose
# registries of IANA (RFC 6890 and its updates), read in November 2026.
_SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relay anycast
        "192.175.48.0/24",  # AS112
        "::/96",  # IPv4-compatible
        "64:ff9b:1::/48",  # local NAT64
        "100::/64",  # discard
        "2001::/23",  # IETF protocol assignments, with Teredo and ORCHID
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_public(address: IpAddress) -> bool:
    """True when `address` is an ordinary unicast host on the internet.

    IPv4 addresses inside IPv6 ones (mapped, NAT64, 6to4) are judged as what they lead to.
    """
    inner = _inner_ipv4(address)
    if inner is not None:
        return is_public(inner)
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in _SPECIAL if network.version == address.version)


def _inner_ipv4(address: IpAddress) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class PrivateAddressError(OSError):
    """The address is not public and its host is not on the allow list."""


@dataclass(slots=True)
class Destination:
    """Where the request of this task is going. `refused` is the private address it led to, if any."""

    host: str
    port: int
    refused: str = ""


destination: ContextVar[Destination] = ContextVar("destination")


class AddressGuard:
    """Makes sockets for public addresses, and for private ones whose host is allowed.

    `allowed` holds "host" or "host:port" (an address in brackets if it is IPv6), as the URL spells it.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(map(_normal, allowed))

    def allows(self, host: str, port: int) -> bool:
        """True when the configuration lets this host be private."""
        shown = f"[{host}]" if ":" in host else host
        return shown.lower() in self._allowed or f"{shown}:{port}".lower() in self._allowed

    def open_socket(self, info: AddrInfoType) -> socket.socket:
        """Return an unconnected socket for a resolved address; the socket factory of aiohttp.

        Raises PrivateAddressError, so that the next address of the host is tried.
        """
        family, kind, protocol, _, sockaddr = info
        target = destination.get()
        address = ipaddress.ip_address(str(sockaddr[0]).partition("%")[0])
        if not is_public(address) and not self.allows(target.host, target.port):
            target.refused = str(address)
            raise PrivateAddressError(f"{address} is a private address")
        opened = socket.socket(family=family, type=kind, proto=protocol)
        opened.settimeout(0)
        return opened


def _normal(entry: str) -> str:
    return entry.strip().lower()


def host_and_port(url: str) -> tuple[str, int]:
    """The host (lower case, no brackets) and port that a request for `url` connects to.

    Raises ValueError for a URL without a host or with an impossible port.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("the address has no host")
    return parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
