"""kill -9 on the way of an article: rows 1 and 2 of the fault table."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from sqlalchemy import Engine

from crawler.crawl import crawl_batch
from crawler.gate import LEASE
from digest.config import DigestConfig
from digest.issue import Edition, IssueSlot, send_issue
from hotline.bootstrap import open_application, open_crawler
from hotline.config_file import load_config
from storage.archive import Filter, read_articles
from storage.crawl_database import CrawlDatabase
from storage.engine import reading, writing
from storage.readers import sync_readers
from storage.tables.core import ISSUE, LEDGER, OUTBOX
from storage.writer import Writer
from tests.crawler.desk import TestClock
from tests.crawler.site import Site, answer, rss
from tests.digest.samples import MAIL, SECTIONS
from tests.storage.crawls import count, entry, first_poll

CONFIG = """
feeds:
  - {{name: Quick, url: "{quick}", allow_private: true}}
  - {{name: Slow, url: "{slow}", allow_private: true}}
crawl: {{spacing: 1 ms}}
"""


async def test_row_01_feeds_that_a_killed_crawl_had_claimed_are_fetched_again(tmp_path: Path) -> None:
    async with Site() as site:
        config = tmp_path / "hotline.yaml"
        config.write_text(CONFIG.format(quick=site.url("/quick"), slow=site.url("/slow")), encoding="utf-8")
        site.pages["/quick"] = answer(rss("Quick news"))
        await _crawl_and_kill(config, site)
        site.pages["/slow"] = answer(rss("Slow news"))
        later = TestClock(datetime.now(UTC) + LEASE)
        with open_application(load_config(config, {}).config, now=later.now()) as application:
            async with open_crawler(application, clock=later) as session:
                await crawl_batch(session)
            with reading(application.engine) as connection:
                titles = sorted(a.title for a in read_articles(connection, Filter(decision=None)))
    assert titles == ["Quick news", "Slow news"]


async def _crawl_and_kill(config: Path, site: Site) -> None:
    asked = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    site.pages["/slow"] = hang
    crawl = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hotline", "crawl", "--config", str(config), stderr=asyncio.subprocess.DEVNULL
    )
    await asyncio.wait_for(asked.wait(), timeout=60)
    crawl.kill()
    assert await crawl.wait() == -signal.SIGKILL


ISSUE_AND_DIE = """
import os, signal, sys
from datetime import datetime
import digest.issue
import storage.ledger
from storage.config import StorageConfig
from storage.engine import make_engine
from tests.hotline.test_kill import EDITION

storage.ledger.enqueue = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
engine, now = make_engine(StorageConfig(url=sys.argv[1])), datetime.fromisoformat(sys.argv[2])
slot = digest.issue.IssueSlot.by_hand(now, EDITION.digest)
digest.issue.send_issue(engine, EDITION, slot, now=now)
"""
EDITION = Edition(
    digest=DigestConfig.model_validate({"name": "daily", "readers": ["ann@example.net"]}),
    sections=SECTIONS,
    mail=MAIL,
)


async def test_row_02_an_issue_killed_before_its_mail_is_queued_was_never_issued(
    sqlite: Engine, now: datetime
) -> None:
    with writing(sqlite) as connection:
        sync_readers(connection, [("daily", "ann@example.net")], now=now)
    writer = Writer(sqlite)
    writer.start()
    await first_poll(CrawlDatabase(writer), sqlite, now, entry(1, published_at=now))
    writer.close()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ISSUE_AND_DIE, str(sqlite.url), now.isoformat()
    )
    assert await asyncio.wait_for(child.wait(), timeout=60) == -signal.SIGKILL
    assert [count(sqlite, table) for table in (ISSUE, LEDGER, OUTBOX)] == [0, 0, 0]
    send_issue(sqlite, EDITION, IssueSlot.by_hand(now, EDITION.digest), now=now)
    assert [count(sqlite, table) for table in (ISSUE, LEDGER, OUTBOX)] == [1, 1, 1]
