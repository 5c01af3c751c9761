"""WebSub in the service: hubs are asked to tell of changes, and heard at /websub/TOKEN."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import Engine

from crawler.config import BODY_LIMIT
from crawler.errors import FetchError, Postponed
from crawler.session import CrawlSession
from crawler.websub import LEASE, SignedBody, Subscription, check_answer, request_of, request_to_end
from language.clean import clean_text
from storage import subscriptions
from storage.engine import reading, writing
from storage.subscriptions import Callback, HubOffer, Leftover

log = logging.getLogger(__name__)

_AT_ONCE = 20  # hubs asked in one tick
_LONGEST = timedelta(days=30)  # a hub that promises more is asked again all the same
_CHALLENGE = 1024  # characters


class Subscribing:
    """The job: rings of hubs make feeds due, feeds that name a hub are subscribed, leases renewed, and
    subscriptions ended that no feed needs any more."""

    def __init__(
        self, engine: Engine, open_session: Callable[[], Awaitable[CrawlSession]], base_url: str
    ) -> None:
        self._engine = engine
        self._open_session = open_session
        self._base_url = base_url

    async def step(self, now: datetime) -> bool:
        """One tick; the next one takes what is left."""
        left, offers = await asyncio.to_thread(self._due, now)
        for leftover in left:
            await self._end(leftover, now)
        for offer in offers:
            await self._subscribe(offer, now)
        return False

    def _due(self, now: datetime) -> tuple[list[Leftover], list[HubOffer]]:
        with writing(self._engine) as connection:
            subscriptions.wake_pushed(connection, now=now)
            left = subscriptions.leftovers(connection, now=now, limit=_AT_ONCE)
            return left, subscriptions.hubs_to_ask(connection, now=now, limit=_AT_ONCE)

    async def _end(self, leftover: Leftover, now: datetime) -> None:
        """Ask once, politely; a hub that does not hear it finds nobody when the lease is over."""
        await asyncio.to_thread(self._remember_end, leftover, now)
        callback = f"{self._base_url}/websub/{leftover.token}"
        session = await self._open_session()
        try:
            check_answer(await session.fetch(request_to_end(leftover.hub, leftover.topic, callback)))
        except (Postponed, FetchError) as error:
            log.info("The hub of %s was not reached to unsubscribe: %s", leftover.name, error.message)

    def _remember_end(self, leftover: Leftover, now: datetime) -> None:
        with writing(self._engine) as connection:
            subscriptions.ending(connection, leftover.feed_id, now=now)

    async def _subscribe(self, offer: HubOffer, now: datetime) -> None:
        """Store the token before asking: a quick hub calls back before it has answered."""
        if not offer.token:
            offer = replace(offer, token=secrets.token_urlsafe(32), secret=secrets.token_urlsafe(32))
        await asyncio.to_thread(self._remember, offer, now)
        subscription = Subscription(
            hub=offer.hub,
            topic=offer.topic,
            callback=f"{self._base_url}/websub/{offer.token}",
            secret=offer.secret,
        )
        session = await self._open_session()
        try:
            check_answer(await session.fetch(request_of(subscription)))
        except Postponed:
            return
        except FetchError as error:
            log.info("The hub of %s does not take a subscription: %s", offer.name, error.message)
            await asyncio.to_thread(self._remember, offer, now, error.message)

    def _remember(self, offer: HubOffer, now: datetime, error: str = "") -> None:
        with writing(self._engine) as connection:
            subscriptions.asked(connection, offer, now=now, error=error)


class HubCalls:
    """Answers hubs. A push that is not signed with the subscription's secret changes nothing, and is
    answered as one that is, so that it tells a stranger nothing (section 8 of the recommendation)."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """What the listener serves."""
        return [web.get("/websub/{token}", self.verify), web.post("/websub/{token}", self.push)]

    async def verify(self, request: web.Request) -> web.Response:
        """The hub asks whether we meant it, to begin or to end, or says that it refuses (sections 5.2
        and 5.3)."""
        callback = await self._callback(request)
        mode, topic = request.query.get("hub.mode", ""), request.query.get("hub.topic", "")
        if mode == "denied":
            reason = clean_text(request.query.get("hub.reason", ""), limit=200)
            await asyncio.to_thread(self._deny, callback, reason or "The hub refuses.")
            return web.Response()
        if topic != callback.topic or mode != ("unsubscribe" if callback.ending else "subscribe"):
            raise web.HTTPNotFound
        if callback.ending:
            await asyncio.to_thread(self._ended, callback)
            return _challenged(request)
        await asyncio.to_thread(self._confirm, callback, _lease(request.query.get("hub.lease_seconds", "")))
        return _challenged(request)

    async def push(self, request: web.Request) -> web.Response:
        """The hub says that the feed changed (section 7)."""
        callback = await self._callback(request)
        body = SignedBody(request.headers.get("X-Hub-Signature", ""), callback.secret)
        size = 0
        async for piece in request.content.iter_any():
            size += len(piece)
            if size > BODY_LIMIT:
                raise web.HTTPRequestEntityTooLarge(max_size=BODY_LIMIT, actual_size=size)
            body.update(piece)
        if body.matches:
            await asyncio.to_thread(self._pushed, callback)
        return web.Response(status=202)

    async def _callback(self, request: web.Request) -> Callback:
        callback = await asyncio.to_thread(self._find, request.match_info["token"])
        if callback is None:
            raise web.HTTPNotFound
        return callback

    def _find(self, token: str) -> Callback | None:
        with reading(self._engine) as connection:
            return subscriptions.find_callback(connection, token)

    def _confirm(self, callback: Callback, lease: timedelta) -> None:
        with writing(self._engine) as connection:
            subscriptions.confirm(connection, callback.feed_id, until=self._clock() + lease)

    def _ended(self, callback: Callback) -> None:
        with writing(self._engine) as connection:
            subscriptions.ended(connection, callback.feed_id)

    def _deny(self, callback: Callback, reason: str) -> None:
        with writing(self._engine) as connection:
            subscriptions.deny(connection, callback.feed_id, reason)

    def _pushed(self, callback: Callback) -> None:
        with writing(self._engine) as connection:
            subscriptions.pushed(connection, callback.feed_id, now=self._clock())


def _challenged(request: web.Request) -> web.Response:
    return web.Response(text=request.query.get("hub.challenge", "")[:_CHALLENGE])


def _lease(text: str) -> timedelta:
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return min(timedelta(seconds=seconds), _LONGEST) if seconds else LEASE
