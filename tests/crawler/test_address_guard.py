"""No spelling, name, redirect or second way leads to a private address."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest

from crawler.address_guard import AddressGuard, is_public
from crawler.errors import FetchError
from crawler.fetcher import Wanted
from storage.records import ErrorKind
from tests.crawler.fetching import open_fetcher
from tests.crawler.site import Site, redirect

SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "%31%32%37.0.0.1",
    "bob:pw@127.0.0.1",
]


class Victim:
    """A server that must never be reached."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0

    def _reached(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen on loopback, on both protocols where there are two."""
        async with AsyncExitStack() as stack:
            first = await asyncio.start_server(self._reached, "127.0.0.1", 0)
            await stack.enter_async_context(first)
            self.port = first.sockets[0].getsockname()[1]
            with suppress(OSError):  # no IPv6 on this machine
                await stack.enter_async_context(await asyncio.start_server(self._reached, "::1", self.port))
            yield


@pytest.fixture
async def victim() -> AsyncIterator[Victim]:
    made = Victim()
    async with made.listening():
        yield made


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_reaches_loopback(victim: Victim, spelling: str) -> None:
    async with open_fetcher() as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(Wanted(f"http://{spelling}:{victim.port}/feed"))
    assert caught.value.kind in {ErrorKind.BLOCKED, ErrorKind.DNS}
    assert "pw" not in str(caught.value)
    assert victim.connections == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_redirect_reaches_loopback(victim: Victim, spelling: str) -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/feed"] = redirect(f"http://{spelling}:{victim.port}/")
        with pytest.raises(FetchError):
            await fetcher.fetch(Wanted(site.url("/feed")))
        assert site.paths() == ["/feed"]
    assert victim.connections == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_neither_a_page_nor_its_robots_reach_loopback(victim: Victim, spelling: str) -> None:
    async with open_fetcher() as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(Wanted(f"http://{spelling}:{victim.port}/page", obey_robots=True))
    assert victim.connections == 0


async def test_a_robots_redirect_reaches_no_loopback(victim: Victim) -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/robots.txt"] = redirect(f"http://localhost:{victim.port}/")
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))
    assert caught.value.kind is ErrorKind.BLOCKED
    assert victim.connections == 0


async def test_a_name_that_is_rebound_to_loopback_is_refused(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rebound(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    async with open_fetcher() as fetcher:
        with pytest.raises(FetchError, match=r"news\.example leads to the private address 127\.0\.0\.1"):
            await fetcher.fetch(Wanted(f"http://news.example:{victim.port}/feed"))
    assert victim.connections == 0


async def test_an_allowed_host_is_no_way_to_its_other_ports(victim: Victim) -> None:
    async with open_fetcher("127.0.0.1:1") as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(Wanted(f"http://127.0.0.1:{victim.port}/"))
    assert f"add 127.0.0.1:{victim.port} to crawl.allow_private" in caught.value.hint
    assert victim.connections == 0


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "data:,x"]
)
async def test_only_the_web_is_fetched(url: str) -> None:
    async with open_fetcher() as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(Wanted(url))
    assert caught.value.kind is ErrorKind.BLOCKED


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.8",
        "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:c0a8:101::", "3fff::1", "5f00::1", "fc00::1",
        "fd00::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "151.101.0.81", "2606:4700::1", "2a00:1450::1", "64:ff9b::101:101", "::ffff:8.8.8.8"],
)
def test_hosts_on_the_internet_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_the_allow_list_knows_hosts_with_and_without_port() -> None:
    guard = AddressGuard(["Bridge.LAN", "10.0.0.5:8080", "[fd00::1]:80"])
    assert guard.allows("bridge.lan", 3000)
    assert guard.allows("10.0.0.5", 8080)
    assert guard.allows("fd00::1", 80)
    assert not guard.allows("10.0.0.5", 80)
    assert not guard.allows("evil.example", 3000)
