"""Answers to the links in mails: unsubscribing (RFC 8058) and judging a match.

GET only shows a page with buttons, since mail scanners follow every link; POST acts, at once, without
login or redirect. A token that was not signed here leads nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from sqlalchemy import Engine

from digest.links import LinkKind, LinkTarget, SignedLinks
from digest.render import render_answer
from language.clean import clean_text
from storage.archive import find_article
from storage.engine import reading, writing
from storage.judgements import save_judgement
from storage.readers import subscribe_again, unsubscribe


class LinkAnswers:
    """Handlers of the links that `links` signs. `clock` gives the time, aware, in UTC."""

    def __init__(self, engine: Engine, links: SignedLinks, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._links = links
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """The routes to add to an application."""
        return [
            web.get("/u/{token}", self.ask_unsubscribe),
            web.post("/u/{token}", self.unsubscribe),
            web.get("/j/{token}", self.ask_judgement),
            web.post("/j/{token}", self.judge),
        ]

    async def ask_unsubscribe(self, request: web.Request) -> web.Response:
        """Ask before a reader is taken off a digest."""
        target = self._target(LinkKind.UNSUBSCRIBE, request)
        return _page(
            "Unsubscribe",
            f"Stop sending {target.digest} to {target.address}?",
            buttons={"unsubscribe": "Unsubscribe"},
        )

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """Take a reader off a digest; or on again, when the page's button says so."""
        target = self._target(LinkKind.UNSUBSCRIBE, request)
        form = await request.post()
        if form.get("do") == "again":
            await asyncio.to_thread(self._subscribe_again, target)
            return _page("Subscribed again", f"{target.address} gets {target.digest} again.")
        await asyncio.to_thread(self._unsubscribe, target)
        return _page(
            "Unsubscribed",
            f"{target.address} gets {target.digest} no more.",
            buttons={"again": "Subscribe again"},
        )

    async def ask_judgement(self, request: web.Request) -> web.Response:
        """Ask whether an article belongs to the subject."""
        target = self._target(LinkKind.JUDGE, request)
        title = await asyncio.to_thread(self._title, target)
        return _page("Does this belong to the subject?", title, buttons={"right": "Yes", "wrong": "No"})

    async def judge(self, request: web.Request) -> web.Response:
        """Record a reader's word on an article."""
        target = self._target(LinkKind.JUDGE, request)
        word = (await request.post()).get("do")
        if word not in {"right", "wrong"}:
            raise web.HTTPBadRequest
        title = await asyncio.to_thread(self._judge, target, right=word == "right")
        return _page("Thank you", f"{title}: noted as {word}.")

    def _target(self, kind: LinkKind, request: web.Request) -> LinkTarget:
        target = self._links.read(kind, request.match_info["token"])
        if target is None:
            raise web.HTTPNotFound
        return target

    def _unsubscribe(self, target: LinkTarget) -> None:
        with writing(self._engine, durable=True) as connection:
            unsubscribe(connection, digest=target.digest, address=target.address, now=self._clock())

    def _subscribe_again(self, target: LinkTarget) -> None:
        with writing(self._engine, durable=True) as connection:
            subscribe_again(connection, digest=target.digest, address=target.address, now=self._clock())

    def _title(self, target: LinkTarget) -> str:
        with reading(self._engine) as connection:
            article = find_article(connection, str(target.article))
        if article is None:
            raise web.HTTPNotFound
        return clean_text(article.title)

    def _judge(self, target: LinkTarget, *, right: bool) -> str:
        title = self._title(target)
        with writing(self._engine) as connection:
            save_judgement(connection, target.article, right=right, now=self._clock(), judge=target.address)
        return title


def _page(heading: str, text: str, *, buttons: dict[str, str] | None = None) -> web.Response:
    html = render_answer(heading, text, buttons or {})
    return web.Response(text=html, content_type="text/html", charset="utf-8")
