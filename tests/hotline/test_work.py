"""`hotline work` beside `hotline run`: processes of their own, over one PostgreSQL."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from sqlalchemy import Engine, func, select, text, update

from hotline.__main__ import main
from hotline.result import ExitCode
from storage.engine import reading, writing
from storage.tables.core import ARTICLE, FEED, HOST, POLL
from tests.crawler.site import Site, answer, rss, silent
from tests.databases import PostgresServer

pytestmark = pytest.mark.timeout(180)
FEEDS = 12


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Engine]:
    """The emptied PostgreSQL, its queue too."""
    with postgres.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS hotline_jobs CASCADE"))
    yield from postgres.database()


def write_config(folder: Path, postgres: PostgresServer, *sites: Site) -> Path:
    """Feeds on every site; each site is a host of its own."""
    feeds = [
        {"url": site.url(f"/feed?{number}"), "name": f"{site.host} {number}", "allow_private": True}
        for site in sites
        for number in range(FEEDS // max(1, len(sites)))
    ]
    path = folder / "hotline.yaml"
    settings = {
        "feeds": feeds,
        "crawl": {"spacing": "1 ms", "timeout": "60 s"},
        "storage": {"url": postgres.url},
        "service": {"engine": "procrastinate", "crawl_every": "0.3 s"},
    }
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(settings, file)
    return path


@contextmanager
def started(command: str, config: Path) -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-m", "hotline", command, "--config", str(config)]
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


async def ended(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    return await asyncio.to_thread(process.wait, 40)


async def until(condition: Callable[[], bool]) -> None:
    """Look again and again: what happens, happens in other processes."""
    async with asyncio.timeout(90):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def polled(database: Engine) -> int:
    with reading(database) as connection:
        return connection.execute(
            select(func.count()).where(FEED.c.last_success_at.is_not(None))
        ).scalar_one()


async def test_service_and_worker_share_the_crawls_and_each_feed_is_polled_once(
    tmp_path: Path, postgres: PostgresServer, database: Engine
) -> None:
    async with Site("127.0.0.2") as first, Site("127.0.0.3") as second, Site("127.0.0.4") as third:
        sites = first, second, third
        for site in sites:
            site.pages["/feed"] = answer(rss("Russia talks"))
        config = write_config(tmp_path, postgres, *sites)
        with started("run", config) as service, started("work", config) as worker:
            await until(lambda: polled(database) == FEEDS)
            assert await ended(worker) == 0
            assert await ended(service) == 0
        assert sum(len(site.asked) for site in sites) == FEEDS
        assert [site.most_at_once for site in sites] == [1, 1, 1]
    with reading(database) as connection:
        assert connection.execute(select(func.count()).select_from(POLL)).scalar_one() == FEEDS
        assert connection.execute(select(func.count()).select_from(ARTICLE)).scalar_one() == 1


async def test_what_a_killed_process_held_is_crawled_by_the_others(
    tmp_path: Path, postgres: PostgresServer, database: Engine
) -> None:
    async with Site("127.0.0.2") as slow, Site("127.0.0.3") as quick:
        slow.pages["/feed"], quick.pages["/feed"] = silent(), answer(rss("Russia talks"))
        config = write_config(tmp_path, postgres, slow, quick)
        with started("run", config) as service:
            await asyncio.wait_for(slow.someone_asked.wait(), 60)
            service.kill()  # in the middle of a crawl
            service.wait()
        slow.pages["/feed"] = answer(rss("US talks"))
        let_a_quarter_of_an_hour_pass(database)
        with started("run", config) as service, started("work", config) as worker:
            await until(lambda: polled(database) == FEEDS)
            assert await ended(worker) == 0
            assert await ended(service) == 0
    with reading(database) as connection:
        assert connection.execute(select(func.count()).select_from(ARTICLE)).scalar_one() == 2


def let_a_quarter_of_an_hour_pass(database: Engine) -> None:
    """For claims, leases and heartbeats of the dead."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    with writing(database) as connection:
        connection.execute(update(FEED).where(FEED.c.claimed_by != "").values(claimed_until=past))
        connection.execute(update(HOST).values(lease_until=past))
        earlier = "last_heartbeat - INTERVAL '15 minutes'"
        connection.execute(text(f"UPDATE hotline_jobs.procrastinate_workers SET last_heartbeat = {earlier}"))


def test_a_service_that_does_all_itself_needs_no_worker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "hotline.yaml"
    config.write_text("feeds: []\n", "utf-8")
    assert main(["work", "--config", str(config)]) == ExitCode.ERROR
    assert "engine: procrastinate" in capsys.readouterr().err


def test_many_workers_need_postgresql(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "hotline.yaml"
    config.write_text("service: {engine: procrastinate}\n", "utf-8")
    assert main(["check", "--config", str(config)]) == ExitCode.CONFIG
    assert "service.engine: many workers need one PostgreSQL" in capsys.readouterr().err


def test_check_knows_the_queue_and_whether_it_is_installed(
    tmp_path: Path,
    postgres: PostgresServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = write_config(tmp_path, postgres)
    main(["check", "--config", str(config)])
    assert "crawls by procrastinate" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "scheduler.procrastinate_engine", None)
    main(["check", "--config", str(config)])
    assert "hotline-news[procrastinate]" in capsys.readouterr().err
