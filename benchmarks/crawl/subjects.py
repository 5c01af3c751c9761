"""What is measured: one program polling the server's feeds, in a process of its own.

Run as `python -m benchmarks.crawl.subjects NAME PORT PLAN`; PLAN is JSON (see Plan), and one line of JSON
per step comes back. CPU is that of the process and of its workers.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from storage.records import FeedMemory
from topics.document import Document, Match, Verdict

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Plan:
    """Poll `feeds` feeds on `hosts` hosts once (the first poll), then take the `steps`: each makes a new
    generation with so many new entries (None: leave it), then crawls `rounds` times."""

    feeds: int
    hosts: int
    steps: tuple[tuple[int | None, int], ...]
    kind: str = "keep"


@dataclass(frozen=True)
class Measured:
    """One step: CPU and wall time of all its polls, and the resident memory after it."""

    polls: int
    cpu: float
    wall: float
    memory_mb: float


def urls(plan: Plan, port: int) -> list[str]:
    """The addresses of the feeds: each host is a loopback address of its own."""
    made = []
    for number in range(plan.feeds):
        host = number % plan.hosts
        address = f"127.{1 + host // 40_000}.{host // 200 % 200}.{1 + host % 200}"
        made.append(f"http://{address}:{port}/{plan.kind}/{number}")
    return made


def cpu_seconds() -> float:
    """CPU of this process, its dead children and its living ones."""
    dead = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = time.process_time() + dead.ru_utime + dead.ru_stime
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def memory_mb() -> float:
    """Resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


Crawl = Callable[[], Awaitable[int]]


async def run(crawl: Crawl, plan: Plan, port: int) -> None:
    """Take all steps; the first poll is step zero."""
    await _measure(crawl, rounds=1)
    for number, (new, rounds) in enumerate(plan.steps, 1):
        if new is not None:
            await asyncio.to_thread(_advance, port, number, new)
        await _measure(crawl, rounds=rounds)


def _advance(port: int, generation: int, new: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/set/{generation}/{new}"):
        pass


async def _measure(crawl: Crawl, *, rounds: int) -> None:
    cpu, wall, polls = cpu_seconds(), time.perf_counter(), 0
    for _ in range(rounds):
        polls += await crawl()
    measured = Measured(polls, cpu_seconds() - cpu, time.perf_counter() - wall, memory_mb())
    print(json.dumps(asdict(measured)), flush=True)


async def hotline(plan: Plan, port: int) -> None:
    """The product: Scrapy, gate, guard, database, workers; a topic that says no at once."""
    async with _hotline_session(plan, port) as session:
        from crawler.crawl import crawl_batch

        async def crawl() -> int:
            report = await crawl_batch(session, limit=plan.feeds, due_only=False)
            bad = [feed.poll.message for feed in report.polled if feed.poll.error_kind]
            assert not bad, bad[:3]
            assert not report.postponed, report.postponed[:3]
            return len(report.polled)

        await run(crawl, plan, port)


class _Uninterested:
    """A topic that says no at once: matching has a benchmark of its own."""

    def match(self, _: Document) -> Match:
        """No."""
        return Match(Verdict.NO, 0)

    triage = match


@asynccontextmanager
async def _hotline_session(plan: Plan, port: int) -> AsyncIterator[Any]:
    from crawler.config import CrawlConfig, FeedConfig
    from crawler.reading.workers import Readers
    from crawler.session import open_session
    from storage.config import StorageConfig
    from storage.corpus.domain import registrable_domain
    from storage.crawl_database import CrawlDatabase
    from storage.engine import make_engine, writing
    from storage.feeds import sync_feeds
    from storage.migrations import upgrade
    from storage.records import ConfiguredFeed
    from storage.writer import Writer

    feeds = [FeedConfig(url=url, allow_private=True) for url in urls(plan, port)]
    wanted = [ConfiguredFeed(feed.url, feed.url, registrable_domain(feed.url)) for feed in feeds]
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(StorageConfig(url=f"sqlite:///{folder}/hotline.db"))
        upgrade(engine)
        with writing(engine) as connection:
            sync_feeds(connection, wanted, now=datetime.now(UTC))
        writer = Writer(engine)
        writer.start()
        config = CrawlConfig.model_validate({"spacing": "0.001 s", "timeout": "120 s", "concurrency": 64})
        try:
            with Readers() as readers:
                await _start_workers(readers)
                store = CrawlDatabase(writer)
                async with open_session(
                    config=config, store=store, readers=readers, judge=_Uninterested(), feeds=feeds
                ) as session:
                    yield session
        finally:
            writer.close()
            engine.dispose()


async def _start_workers(readers: Any) -> None:
    """A service starts them once; the other subjects have imported their parser, too."""
    body = b"<rss><channel><title>Paper</title><item><title>News</title></item></channel></rss>"
    read = partial(readers.read_feed, url="http://paper.example/", memory=FeedMemory(), now=datetime.now(UTC))
    for _ in range(2):
        await asyncio.gather(*(read(body) for _ in range(8)))


def plain_scrapy(plan: Plan, port: int) -> None:
    """Scrapy as it comes, feedparser in the callback, validators kept in memory, nothing stored."""
    import feedparser
    import scrapy
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.reactor import install_reactor
    from twisted.internet import task
    from twisted.internet.defer import Deferred

    validators: dict[str, str] = {}

    class Plain(scrapy.Spider):
        name = "plain"
        handle_httpstatus_list = (304,)

        async def start(self) -> AsyncIterator[scrapy.Request]:
            for url in urls(plan, port):
                headers = {"If-None-Match": validators[url]} if url in validators else {}
                yield scrapy.Request(url, headers=headers, dont_filter=True)

        def parse(self, response: scrapy.http.Response) -> None:
            if response.status == 200:
                validators[response.url] = (response.headers["ETag"] or b"").decode()
                feedparser.parse(response.body)

    async def crawl() -> int:
        await AsyncCrawlerRunner({"TELNETCONSOLE_ENABLED": False}).crawl(Plain)
        return plan.feeds

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    task.react(lambda _: Deferred.fromFuture(asyncio.ensure_future(run(crawl, plan, port))))


def lemon24_reader(plan: Plan, port: int) -> None:
    """reader, with its own database and workers."""
    from reader import make_reader

    with tempfile.TemporaryDirectory() as folder:
        made = make_reader(f"{folder}/reader.sqlite")
        for url in urls(plan, port):
            made.add_feed(url)

        async def crawl() -> int:
            return sum(1 for _ in made.update_feeds_iter(workers=20, scheduled=False))

        asyncio.run(run(crawl, plan, port))


def main() -> None:
    """Run one subject."""
    name, port, plan = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    made = Plan(plan["feeds"], plan["hosts"], tuple(map(tuple, plan["steps"])), plan["kind"])
    if name == "hotline":
        asyncio.run(hotline(made, port))
    elif name == "scrapy":
        plain_scrapy(made, port)
    else:
        lemon24_reader(made, port)


if __name__ == "__main__":
    main()
