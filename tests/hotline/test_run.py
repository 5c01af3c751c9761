"""`hotline run` as a process of its own, against servers on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from ruamel.yaml import YAML
from sqlalchemy import Engine, select

from hotline.bootstrap import open_application
from hotline.config_file import load_config
from storage.config import StorageConfig
from storage.engine import make_engine, reading
from storage.instance_lock import instance_lock
from storage.notices import open_notices
from storage.outbox import OutboxStatus, list_messages
from storage.tables.core import FEED
from tests.crawler.site import Responder, Site, answer, rss, silent
from tests.digest.smtp_server import HostileSmtp

COMMAND = [sys.executable, "-m", "hotline", "run"]


def write_config(folder: Path, *, smtp_port: int = 25, feeds: tuple[str, ...] = ()) -> Path:
    """A configuration with a reader who began two days ago, so that a digest is due at once."""
    settings: dict[str, Any] = {
        "feeds": [
            {"url": url, "name": f"Feed {number}", "allow_private": True} for number, url in enumerate(feeds)
        ],
        "crawl": {"contact": "https://hotline.example", "spacing": "1 ms"},
        "digests": [{"name": "morning", "readers": ["ann@reader.example"]}],
        "mail": {"from": "news@hotline.example"},
        "smtp": {"host": "127.0.0.1", "port": smtp_port, "security": "none"},
        "service": {"crawl_every": "0.2 s", "digest_every": "0.2 s", "send_every": "0.2 s"},
        "storage": {"url": "sqlite:///hotline.db"},
    }
    path = folder / "hotline.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(settings, file)
    with open_application(load_config(path, {}).config, now=datetime.now(UTC) - timedelta(days=2)):
        return path


@contextmanager
def serving(config: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*COMMAND, "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def opened(config: Path) -> Iterator[Engine]:
    engine = make_engine(StorageConfig(url=f"sqlite:///{config.with_name('hotline.db')}"))
    yield engine
    engine.dispose()


def noting(event: asyncio.Event, respond: Responder) -> Responder:
    """`respond`, which sets `event` when it is asked."""

    async def noted(request: web.Request) -> web.StreamResponse:
        event.set()
        return await respond(request)

    return noted


async def end(service: subprocess.Popen[str]) -> int:
    """SIGTERM; the exit code, which must come within the shipped 25 s."""
    service.send_signal(signal.SIGTERM)
    return await asyncio.to_thread(service.wait, 25)


async def test_the_service_polls_issues_and_sends_until_it_is_stopped(tmp_path: Path) -> None:
    polled = asyncio.Event()
    async with Site() as site:
        site.pages["/world"] = noting(polled, answer(rss("U.S. and Russia hold talks on arms control")))
        with HostileSmtp() as server:
            config = write_config(tmp_path, smtp_port=server.port, feeds=(site.url("/world"),))
            with serving(config) as service:
                assert await asyncio.to_thread(server.dot_received.wait, 60)
                await asyncio.wait_for(polled.wait(), 60)
                assert await end(service) == 0
    with opened(config) as engine:
        [message] = list_messages(engine, everything=True)
    assert (message.status, message.recipient) == (OutboxStatus.SENT, "ann@reader.example")


async def test_row_06_sigterm_during_a_crawl_of_a_silent_server_gives_the_feed_back(tmp_path: Path) -> None:
    asked = asyncio.Event()
    async with Site() as site:
        site.pages["/silent"] = noting(asked, silent())
        config = write_config(tmp_path, feeds=(site.url("/silent"),))
        with serving(config) as service:
            await asyncio.wait_for(asked.wait(), 60)
            assert await end(service) == 0
    with opened(config) as engine, reading(engine) as connection:
        feed = connection.execute(select(FEED.c.claimed_until, FEED.c.crashes)).one()
    assert feed == (None, 0)


def test_row_22_a_second_service_exits_75_and_names_the_first(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with opened(config) as engine, instance_lock(engine):
        second = subprocess.run(
            [*COMMAND, "--config", str(config), "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert second.returncode == 75
    [error] = json.loads(second.stdout)["errors"]
    assert error["code"] == "already-running"
    assert f"process {os.getpid()}" in error["message"]


async def test_row_44_a_bad_configuration_is_refused_with_its_line_while_running(tmp_path: Path) -> None:
    with HostileSmtp() as server:
        config = write_config(tmp_path, smtp_port=server.port)
        with serving(config) as service:
            assert await asyncio.to_thread(server.dot_received.wait, 60)
            config.write_text(config.read_text(encoding="utf-8") + "digest: []\n", encoding="utf-8")
            told = await asyncio.to_thread(_read_until, service, "refused")
            assert await end(service) == 0
    assert "hotline.yaml:" in told
    assert "digest" in told
    with opened(config) as engine, reading(engine) as connection:
        assert "hotline.yaml" in open_notices(connection, "config-rejected")[0]


def _read_until(service: subprocess.Popen[str], word: str) -> str:
    assert service.stderr is not None
    for line in service.stderr:
        if word in line:
            return line
    raise AssertionError(f"the service ended without saying {word!r}")
