"""A web server on loopback with one resource per behaviour, that remembers who asked for what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from aiohttp import web

Responder = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    at: datetime
    body: bytes = b""


@dataclass
class Site:
    """Serves `pages` by path; everything else is 404. `now` is the server's clock, for its Date."""

    host: str = "127.0.0.1"
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    pages: dict[str, Responder] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    port: int = 0
    someone_asked: asyncio.Event = field(default_factory=asyncio.Event)
    _at_once: int = 0
    _runner: web.ServerRunner | None = None

    async def __aenter__(self) -> Self:
        server = web.Server(self._serve)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """host:port, as the allow list wants it."""
        return f"{self.host}:{self.port}"

    def url(self, path: str) -> str:
        """The address of a resource."""
        return f"http://{self.address}{path}"

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(Asked(request.method, request.path_qs, dict(request.headers), self.now(), body))
        self.someone_asked.set()
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            responder = self.pages.get(request.path)
            response = await responder(request) if responder else web.Response(status=404)  # type: ignore[arg-type]
            if not response.prepared:
                response.headers["Date"] = format_datetime(self.now(), usegmt=True)
            return response
        finally:
            self._at_once -= 1


def answer(
    body: bytes | str = b"", *, status: int = 200, content_type: str = "application/rss+xml", **headers: str
) -> Responder:
    """A resource that always says the same; `Retry_After="60"` stands for the header Retry-After."""
    data = body.encode() if isinstance(body, str) else body
    fields = {name.replace("_", "-"): value for name, value in headers.items()}

    async def respond(_: web.Request) -> web.Response:
        return web.Response(status=status, body=data, content_type=content_type, headers=fields)

    return respond


def redirect(location: str, *, status: int = 302) -> Responder:
    """A resource that sends on."""
    return answer(status=status, Location=location)


def silent() -> Responder:
    """A resource that never answers."""

    async def respond(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    return respond


def conditional(body: bytes | str, *, etag: str, last_modified: str = "", **headers: str) -> Responder:
    """A resource that answers 304 to its own validators, compared byte for byte."""
    if last_modified:
        headers["Last_Modified"] = last_modified
    full = answer(body, ETag=etag, **headers)  # type: ignore[arg-type]

    async def respond(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return await full(request)

    return respond


def rss(*titles: str, base: str = "https://paper.example", more: str = "") -> str:
    """A feed with one entry per title, the newest first."""
    items = "".join(
        f"<item><title>{title}</title><link>{base}/{title.replace(' ', '-')}</link>"
        f"<guid isPermaLink='false'>{title}</guid><description>About {title}.</description></item>"
        for title in titles
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Paper</title>"
        f"<link>{base}/</link><description>News</description>{more}{items}</channel></rss>"
    )
