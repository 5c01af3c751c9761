"""The listener: links out of real mails, followed as mail clients, scanners and strangers would."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from sqlalchemy import Engine

from digest.issue import IssueSlot, send_issue
from hotline.config import Config
from hotline.config_error import ConfigError
from hotline.config_file import load_config
from hotline.editions import make_edition, make_links
from hotline.listener import CannotListen, listening, make_listener
from storage.engine import reading, writing
from storage.judgements import read_judgements
from storage.outbox import suppress
from storage.readers import is_unsubscribed, reader_since, sync_readers
from tests.digest.test_issue import ANN, Newsroom

CONFIG = """\
digests: [{name: daily, readers: [ann@example.net]}]
mail: {from: hotline@example.org, base_url: "https://hotline.example.org"}
service: {listen: "127.0.0.1:0"}
"""
SECRET = {"HOTLINE_LINK_SECRET": "a secret of the tests"}
Client = TestClient[Request, Application]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "hotline.yaml").write_text(CONFIG, encoding="utf-8")
    return load_config(tmp_path / "hotline.yaml", {}).config


@pytest.fixture
async def client(config: Config, sqlite: Engine, now: datetime) -> AsyncIterator[Client]:
    listener = make_listener(config, sqlite, SECRET, clock=lambda: now)
    async with TestClient(TestServer(listener)) as opened:
        yield opened


@pytest.fixture
def mail(config: Config, sqlite: Engine, now: datetime) -> email.message.EmailMessage:
    """The mail of an issue with one story."""
    with writing(sqlite) as connection:
        sync_readers(connection, [("daily", ANN)], now=now - timedelta(hours=1))
    Newsroom(sqlite, now).add()
    edition = make_edition(config, config.digests[0], SECRET)
    report = send_issue(sqlite, edition, IssueSlot(now.date(), "12:00"), now=now)
    assert report is not None
    return email.message_from_bytes(report.copies[0].raw, policy=email.policy.SMTP)


def one_click(mail: email.message.EmailMessage) -> str:
    """The path of the https address in List-Unsubscribe."""
    found = re.match(r"<(https://[^>]+)>", mail["List-Unsubscribe"])
    assert found is not None
    return urlsplit(found.group(1)).path


def gone(engine: Engine) -> bool:
    with reading(engine) as connection:
        return is_unsubscribed(connection, digest="daily", address=ANN)


async def test_one_click_unsubscribes_at_once(
    client: Client, mail: email.message.EmailMessage, sqlite: Engine
) -> None:
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    async with client.post(one_click(mail), data={"List-Unsubscribe": "One-Click"}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert gone(sqlite)


async def test_a_scanner_that_follows_links_unsubscribes_nobody(
    client: Client, mail: email.message.EmailMessage, sqlite: Engine
) -> None:
    for request in (client.get, client.head):
        async with request(one_click(mail)) as answer:
            assert answer.status == 200
    assert not gone(sqlite)


async def test_unsubscribing_can_be_taken_back(
    client: Client, mail: email.message.EmailMessage, sqlite: Engine
) -> None:
    await client.post(one_click(mail))
    await client.post(one_click(mail), data={"do": "again"})
    assert not gone(sqlite)


async def test_a_bounce_is_not_taken_back_by_a_link(
    client: Client, mail: email.message.EmailMessage, sqlite: Engine, now: datetime
) -> None:
    with writing(sqlite) as connection:
        suppress(connection, ANN, reason="refused: no such user", now=now)
    await client.post(one_click(mail), data={"do": "again"})
    assert gone(sqlite)


async def test_who_comes_back_after_days_starts_now(
    config: Config, mail: email.message.EmailMessage, sqlite: Engine, now: datetime
) -> None:
    clock = [now]
    async with TestClient(TestServer(make_listener(config, sqlite, SECRET, clock=lambda: clock[0]))) as later:
        await later.post(one_click(mail))
        clock[0] = now + timedelta(days=9)
        await later.post(one_click(mail), data={"do": "again"})
    with reading(sqlite) as connection:
        assert reader_since(connection, digest="daily", address=ANN) == clock[0]


async def test_a_match_is_judged_by_its_reader(
    client: Client, mail: email.message.EmailMessage, sqlite: Engine
) -> None:
    html = mail.get_body(("html",))
    assert html is not None
    found = re.search(r"https://hotline\.example\.org(/j/[^\"]+)", html.get_content())
    assert found is not None
    async with client.get(found.group(1)) as answer:
        assert "Envoy travels to town number 1" in await answer.text()
    async with client.post(found.group(1), data={"do": "wrong"}) as answer:
        assert answer.status == 200
    with reading(sqlite) as connection:
        (judged,) = read_judgements(connection)
    assert (judged.right, judged.judge) == (False, ANN)


async def test_strangers_get_nowhere(
    client: Client, mail: email.message.EmailMessage, sqlite: Engine
) -> None:
    token = one_click(mail).rpartition("/")[2]
    for path in (f"/u/{token[:-2]}AA", "/u/x", f"/j/{token}", "/u/%00.%00", "/", "/u/"):
        async with client.post(path, data={"do": "right"}) as answer:
            assert answer.status == 404, path
    async with client.post(one_click(mail), data={"do": "x" * 100_000}) as answer:
        assert answer.status == 413
    assert not gone(sqlite)


async def test_health_says_when_the_last_crawl_succeeded(
    client: Client, sqlite: Engine, now: datetime
) -> None:
    async with client.get("/health") as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "ok")
    Newsroom(sqlite, now - timedelta(hours=3))
    async with client.get("/health") as answer:
        assert (answer.status, (await answer.json())["status"]) == (503, "stale")


def test_links_need_a_secret_and_the_listener(config: Config) -> None:
    with pytest.raises(ConfigError):
        make_links(config, {})
    silent = config.model_copy(update={"service": config.service.model_copy(update={"listen": ""})})
    assert make_links(silent, SECRET) is None


def test_an_address_without_the_listener_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text(CONFIG.replace('listen: "127.0.0.1:0"', ""), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"service\.listen"):
        load_config(path, {})


async def test_a_taken_address_is_one_sentence(
    config: Config, sqlite: Engine, client: Client, now: datetime
) -> None:
    taken = config.service.model_copy(update={"listen": f"127.0.0.1:{client.port}"})
    with pytest.raises(CannotListen, match=str(client.port)):
        async with listening(config.model_copy(update={"service": taken}), sqlite, SECRET, clock=lambda: now):
            pass
