"""A feed server cheap enough not to be measured: bare asyncio, bodies made once, in a process of its own.

Paths are /KIND/NUMBER. Every address in 127.0.0.0/8 is a host of its own. `/close/…` ends the connection
after each answer. `/set/G/N` makes generation G of all feeds current, in which N entries of 50 are new
since generation G-1; generation 0 is where everybody starts.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

ENTRIES = 50
VARIANTS = 20  # bodies differ by feed number modulo this
_STARTS, _ENDS = ("tra", "em", "sum", "bor", "par", "min", "col"), ("de", "bo", "lia", "gon")
_WORDS = [start + end for start in _STARTS for end in _ENDS]


@dataclass
class Newsroom:
    """The state of the served feeds: which entries are current, newest first."""

    generation: int = 0
    newest: int = ENTRIES
    bodies: dict[tuple[int, int], tuple[bytes, str]] = field(default_factory=dict)

    def advance(self, generation: int, new: int) -> None:
        """Make another generation current."""
        if generation != self.generation:
            self.generation = generation
            self.newest += new

    def body(self, number: int) -> tuple[bytes, str]:
        """The gzipped body of a feed and its ETag."""
        key = (number % VARIANTS, self.generation)
        if key not in self.bodies:
            raw = _feed(key[0], self.generation, range(self.newest, self.newest - ENTRIES, -1))
            self.bodies[key] = gzip.compress(raw, 6, mtime=0), f'"{hashlib.md5(raw).hexdigest()}"'
        return self.bodies[key]


def _feed(variant: int, generation: int, numbers: Iterable[int]) -> bytes:
    items = "".join(_item(variant, number) for number in numbers)
    return (
        "<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel>"
        f"<title>Paper {variant}</title><link>http://paper{variant}.example/</link>"
        f"<description>News</description><lastBuildDate>Thu, 19 Nov 2026 12:{generation % 60:02}:00 GMT"
        f"</lastBuildDate>{items}</channel></rss>"
    ).encode()


def _item(variant: int, number: int) -> str:
    words = random.Random(f"{variant}/{number}").choices(_WORDS, k=130)
    link = f"http://paper{variant}.example/{number}/{'-'.join(words[:5])}"
    text = " ".join(words[10:])
    return (
        f"<item><title>{' '.join(words[:10]).capitalize()}</title><link>{link}</link>"
        f"<guid isPermaLink='false'>{variant}-{number}</guid>"
        f"<pubDate>Thu, 19 Nov 2026 {number % 24:02}:{number % 60:02}:00 GMT</pubDate>"
        f"<description>&lt;p&gt;{text}.&lt;/p&gt;&lt;p&gt;&lt;a href='{link}'&gt;More&lt;/a&gt;&lt;/p&gt;"
        "</description></item>"
    )


class Connection(asyncio.Protocol):
    """Reads request heads, answers at once."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every complete request."""
        self._head += data
        while b"\r\n\r\n" in self._head:
            head, _, self._head = self._head.partition(b"\r\n\r\n")
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        kind, *rest = head.split(b" ", 2)[1].decode().strip("/").split("/")
        if kind == "set":
            self._newsroom.advance(int(rest[0]), int(rest[1]))
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            return
        body, etag = self._newsroom.body(int(rest[0]) if rest and rest[0].isdigit() else 0)
        close = "Connection: close\r\n" if kind == "close" else ""
        if f"if-none-match: {etag}".encode() in head.replace(b"If-None-Match", b"if-none-match"):
            self._transport.write(f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n{close}\r\n".encode())
        else:
            fields = f"ETag: {etag}\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n{close}"
            start = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n{fields}\r\n".encode()
            self._transport.write(start + body)
        if close:
            self._transport.close()


async def serve() -> None:
    """Serve until standard input ends; the port is the first line written."""
    loop = asyncio.get_running_loop()
    newsroom = Newsroom()
    server = await loop.create_server(lambda: Connection(newsroom), "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
