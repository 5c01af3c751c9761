"""The made-up newsroom on the wire: one loopback port per outlet, conditional requests, three troubles."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from aiohttp import web

from hotline.demo.background import loop_in_thread
from hotline.demo.feeds import CONTENT_TYPES, render_feed
from hotline.demo.newsroom import Newsroom, Outlet, Trouble
from hotline.demo.pages import MAINTENANCE_PAGE, render_page

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]


class OnAir:
    """The running newsroom. `requests` counts its answers by status."""

    def __init__(self, newsroom: Newsroom, sites: Mapping[str, str]) -> None:
        self.newsroom = newsroom
        self.sites = sites
        self.second_edition = False
        self.requests: dict[int, int] = {}

    @property
    def feeds(self) -> dict[str, str]:
        """Outlet key → feed address, as subscribed to."""
        old = Trouble.MOVED
        return {
            outlet.key: self.sites[outlet.key] + ("/old-feed" if outlet.trouble is old else "/feed")
            for outlet in self.newsroom.outlets
        }

    def publish_second_edition(self) -> None:
        """From now on the feeds hold the late stories and the edited headlines."""
        self.second_edition = True

    def count(self, status: int) -> None:
        self.requests[status] = self.requests.get(status, 0) + 1


@contextmanager
def on_air(newsroom: Newsroom) -> Iterator[OnAir]:
    """Serve `newsroom` from a thread of its own until the block ends."""
    listeners = {outlet.key: _listen() for outlet in newsroom.outlets}
    sites = {key: f"http://127.0.0.1:{listener.getsockname()[1]}" for key, listener in listeners.items()}
    air = OnAir(newsroom, sites)
    with loop_in_thread("demo newsroom") as run:
        runners = run(_start(air, listeners))
        try:
            yield air
        finally:
            run(_stop(runners))


def _listen() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


async def _start(air: OnAir, listeners: Mapping[str, socket.socket]) -> list[web.AppRunner]:
    runners = []
    for outlet in air.newsroom.outlets:
        runner = web.AppRunner(_site(air, outlet), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listeners[outlet.key]).start()
        runners.append(runner)
    return runners


async def _stop(runners: list[web.AppRunner]) -> None:
    for runner in runners:
        await runner.cleanup()


def _site(air: OnAir, outlet: Outlet) -> web.Application:
    app = web.Application()
    app.router.add_get("/feed", _feed(air, outlet))
    app.router.add_get("/old-feed", _moved(air))
    app.router.add_get("/robots.txt", _robots(air))
    app.router.add_get("/{slug}", _page(air, outlet))
    return app


def _feed(air: OnAir, outlet: Outlet) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        if outlet.trouble is Trouble.GONE:
            return _counted(air, web.Response(status=410, text="Gone"))
        if outlet.trouble is Trouble.BROKEN:
            return _counted(air, web.Response(text=MAINTENANCE_PAGE, content_type="text/html"))
        stories = air.newsroom.edition(outlet, second=air.second_edition)
        body = render_feed(outlet, stories, air.sites[outlet.key])
        return _counted(air, _conditional(request, body, CONTENT_TYPES[outlet.format]))

    return answer


def _conditional(request: web.Request, body: bytes, content_type: str) -> web.Response:
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    return web.Response(body=body, content_type=content_type, headers={"ETag": etag})


def _moved(air: OnAir) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return _counted(air, web.Response(status=301, headers={"Location": "/feed"}))

    return answer


def _robots(air: OnAir) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return _counted(air, web.Response(text="User-agent: *\nAllow: /\n"))

    return answer


def _page(air: OnAir, outlet: Outlet) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        stories = list(air.newsroom.edition(outlet, second=air.second_edition))
        story = next((story for story in stories if story.slug == request.match_info["slug"]), None)
        if story is None:
            return _counted(air, web.Response(status=404, text="Not found"))
        others = [other for other in stories if other is not story]
        page = render_page(outlet, story, others, air.sites[outlet.key])
        return _counted(air, web.Response(text=page, content_type="text/html"))

    return answer


def _counted(air: OnAir, response: web.Response) -> web.Response:
    air.count(response.status)
    return response
