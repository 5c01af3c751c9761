"""The one listener, off by default: links in mails, WebSub hubs, health. Put a proxy with TLS before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import Engine

from digest.answers import LinkAnswers
from hotline.config import Config
from hotline.editions import make_links
from hotline.websub import HubCalls
from language.errors import HotlineError
from storage.engine import reading
from storage.errors import StorageError
from storage.overview import feed_overviews

_BODY_LIMIT = 16 * 1024  # bytes; a form of ours has a few dozen
_STALE = timedelta(hours=1)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Server": "Hotline",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotListen(HotlineError):
    """The listener's address is taken or not this machine's."""

    code = "cannot-listen"


@asynccontextmanager
async def listening(
    config: Config, engine: Engine, environ: Mapping[str, str], *, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Answer at `service.listen` until the block ends; does nothing when that is empty.

    Raises CannotListen, ConfigError.
    """
    at = config.service.listen_at
    if at is None:
        yield
        return
    runner = web.AppRunner(
        make_listener(config, engine, environ, clock=clock),
        access_log=None,  # addresses of readers are nobody's business
        keepalive_timeout=15,
        shutdown_timeout=2,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, *at).start()
    except OSError as error:
        await runner.cleanup()
        raise CannotListen(
            f"The listener cannot use {config.service.listen}: {error.strerror}.",
            hint="Change service.listen.",
        ) from error
    try:
        yield
    finally:
        await runner.cleanup()


def make_listener(
    config: Config, engine: Engine, environ: Mapping[str, str], *, clock: Callable[[], datetime]
) -> web.Application:
    """The application that the listener serves. Raises ConfigError when links have no secret."""
    application = web.Application(client_max_size=_BODY_LIMIT, middlewares=[_guarded])
    links = make_links(config, environ)
    if links is not None:
        application.add_routes(LinkAnswers(engine, links, clock).routes())
    application.add_routes(HubCalls(engine, clock).routes())
    application.router.add_get("/health", _health(engine, clock))
    return application


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = web.Response(status=error.status, text=f"{error.reason}\n")
    except StorageError:
        response = web.Response(status=503, text="The database does not answer. Please try again.\n")
    response.headers.update(_HEADERS)
    return response


def _health(engine: Engine, clock: Callable[[], datetime]) -> Handler:
    """200 while the database answers and feeds were read within the hour, else 503."""

    async def health(_request: web.Request) -> web.Response:
        last = await asyncio.to_thread(_last_success, engine)
        stale = last is not None and clock() - last > _STALE
        told = {"status": "stale" if stale else "ok", "last_crawl": last and last.isoformat()}
        return web.json_response(told, status=503 if stale else 200)

    return health


def _last_success(engine: Engine) -> datetime | None:
    with reading(engine) as connection:
        times = [feed.last_success_at for feed in feed_overviews(connection)]
    return max((at for at in times if at is not None), default=None)
