"""A feed that names a hub: subscribed once, confirmed, polled when the hub rings and seldom otherwise."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Engine, func, select, update

from crawler.config import FeedConfig
from hotline.websub import HubCalls, Subscribing
from storage.engine import writing
from storage.subscriptions import pushing_feeds
from storage.tables.core import FEED, SUBSCRIPTION
from tests.crawler.desk import Desk, open_desk
from tests.crawler.site import Asked, Site, answer, conditional, rss

Client = TestClient[Any, Any]


@dataclass
class Service:
    """A desk with the WebSub job and the listener."""

    desk: Desk
    site: Site
    client: Client
    job: Subscribing

    async def tick(self) -> None:
        """What the service does every few seconds."""
        await self.job.step(self.desk.clock.now())

    def requests(self) -> list[Asked]:
        """What the hub was asked."""
        return [asked for asked in self.site.asked if asked.path == "/hub"]

    def form(self) -> dict[str, str]:
        """The last request to the hub."""
        return {name: values[0] for name, values in parse_qs(self.requests()[-1].body.decode()).items()}

    async def confirm(self, **changed: str) -> Any:
        """The hub asks back."""
        query = {
            "hub.mode": "subscribe",
            "hub.topic": self.form()["hub.topic"],
            "hub.challenge": "abc",
            "hub.lease_seconds": "864000",
        }
        return await self.client.get(urlsplit(self.form()["hub.callback"]).path, params=query | changed)

    async def push(self, *, secret: str = "") -> int:
        """The hub rings."""
        body = b"<rss>whatever</rss>"
        digest = hmac.new((secret or self.form()["hub.secret"]).encode(), body, hashlib.sha256).hexdigest()
        answered = await self.client.post(
            urlsplit(self.form()["hub.callback"]).path,
            data=body,
            headers={"X-Hub-Signature": f"sha256={digest}"},
        )
        return answered.status

    def subscription(self) -> Any:
        with self.desk.engine.connect() as connection:
            return connection.execute(select(SUBSCRIPTION)).one()


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[Service]:
    async with Site() as site:
        links = (
            f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='hub' href='{site.url('/hub')}'/>"
            f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='self' href='{site.url('/feed')}'/>"
        )
        site.pages["/feed"] = conditional(rss("Russia talks", more=links), etag='"1"')
        site.pages["/hub"] = answer(status=202)
        feed = FeedConfig.model_validate({"url": site.url("/feed"), "name": "Paper", "allow_private": True})
        async with open_desk(engine, feed) as desk:

            async def session() -> Any:
                return desk.session

            application = web.Application()
            application.add_routes(HubCalls(engine, desk.clock.now).routes())
            async with TestClient(TestServer(application)) as client:
                job = Subscribing(engine, session, "https://hotline.example")
                await desk.crawl()
                yield Service(desk, site, client, job)


async def test_a_hub_is_asked_once_and_its_confirmation_kept(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        await service.tick()
        await service.tick()
        assert len(service.requests()) == 1
        answered = await service.confirm()
        assert (answered.status, await answered.text()) == (200, "abc")
        assert service.subscription().confirmed_until == service.desk.clock.now() + timedelta(days=10)


async def test_a_lease_is_renewed_a_day_before_it_ends(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        await service.tick()
        await service.confirm()
        secret = service.form()["hub.secret"]
        service.desk.clock.pass_time(days=8)
        await service.tick()
        assert len(service.requests()) == 1
        service.desk.clock.pass_time(days=1, minutes=1)
        await service.tick()
        assert len(service.requests()) == 2
        assert service.form()["hub.secret"] == secret


async def test_a_push_makes_the_feed_due_and_polling_slow(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        await service.tick()
        await service.confirm()
        service.desk.clock.pass_time(minutes=20)
        assert (await service.desk.crawl()).claimed == 0
        assert await service.push() == 202
        await service.tick()
        assert (await service.desk.crawl()).claimed == 1
        wait = service.desk.feed().next_check_at - service.desk.clock.now()
        assert timedelta(hours=23) < wait < timedelta(hours=26)
        await service.tick()
        assert (await service.desk.crawl()).claimed == 0  # the ring was answered


async def test_a_hub_that_falls_silent_is_no_longer_relied_upon(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        await service.tick()
        await service.confirm()
        await service.push()
        service.desk.clock.pass_time(days=4)
        await service.desk.crawl()
        assert service.desk.feed().next_check_at - service.desk.clock.now() < timedelta(hours=3)


async def test_a_push_that_is_not_signed_rings_no_bell(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        await service.tick()
        await service.confirm()
        service.desk.clock.pass_time(minutes=20)
        assert await service.push(secret="guessed") == 202
        await service.tick()
        assert (await service.desk.crawl()).claimed == 0


@pytest.mark.parametrize(
    "changed", [{"hub.mode": "unsubscribe"}, {"hub.topic": "https://other.example/"}, {"hub.mode": ""}]
)
async def test_what_was_not_asked_is_not_confirmed(sqlite: Engine, changed: dict[str, str]) -> None:
    async with running(sqlite) as service:
        await service.tick()
        assert (await service.confirm(**changed)).status == 404
        assert service.subscription().confirmed_until is None


async def test_a_stranger_finds_nothing(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        assert (await service.client.get("/websub/guess?hub.mode=subscribe")).status == 404
        assert (await service.client.post("/websub/guess", data=b"x")).status == 404


async def test_a_refusal_is_remembered_and_the_hub_left_alone_for_a_day(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        await service.tick()
        await service.confirm(**{"hub.mode": "denied", "hub.reason": "Not \x1byou"})
        assert service.subscription().error == "Not you"
        await service.tick()
        assert len(service.requests()) == 1


def change(service: Service, **columns: Any) -> None:
    """What a poll, or a changed configuration, does to the feed."""
    with writing(service.desk.engine) as connection:
        connection.execute(update(FEED).values(**columns))


def subscribed(service: Service) -> int:
    with service.desk.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(SUBSCRIPTION)).scalar_one()


@pytest.mark.parametrize("gone", [{"hub_url": ""}, {"active": False}])
async def test_a_feed_that_loses_its_hub_is_unsubscribed_and_polled_as_before(
    sqlite: Engine, gone: dict[str, Any]
) -> None:
    async with running(sqlite) as service:
        await service.tick()
        await service.confirm()
        await service.push()
        now = service.desk.clock.now()
        with service.desk.engine.connect() as connection:
            assert pushing_feeds(connection, [1], now=now) == {1}
        change(service, **gone)
        with service.desk.engine.connect() as connection:
            assert pushing_feeds(connection, [1], now=now) == set()
        await service.tick()
        await service.tick()
        assert len(service.requests()) == 2
        assert service.form()["hub.mode"] == "unsubscribe"
        assert "hub.secret" not in service.form()
        assert (await service.confirm()).status == 404  # no way back
        answered = await service.confirm(**{"hub.mode": "unsubscribe"})
        assert (answered.status, await answered.text()) == (200, "abc")
        assert subscribed(service) == 0


async def test_a_new_hub_is_asked_once_the_old_one_has_let_go(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        service.site.pages["/other"] = answer(status=202)
        await service.tick()
        await service.confirm()
        change(service, hub_url=service.site.url("/other"))
        await service.tick()
        assert service.form()["hub.mode"] == "unsubscribe"
        service.desk.clock.pass_time(hours=1, minutes=1)  # the old hub does not ask back
        await service.tick()
        asked = [each for each in service.site.asked if each.path == "/other"]
        assert len(asked) == 1
        assert b"hub.mode=subscribe" in asked[0].body


async def test_a_subscription_that_was_never_confirmed_is_forgotten_without_a_word(sqlite: Engine) -> None:
    async with running(sqlite) as service:
        await service.tick()
        change(service, hub_url="")
        await service.tick()
        assert len(service.requests()) == 1
        assert subscribed(service) == 0
