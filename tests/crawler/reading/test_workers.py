from __future__ import annotations

import asyncio
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crawler.reading.errors import ReadError
from crawler.reading.workers import Readers
from storage.records import ErrorKind, FeedDocument, FeedMemory, TextSource
from tests.crawler.reading.test_read import URL, item, rss

# Quadratic in feedparser's tolerant parser: minutes of work.
ENDLESS = rss(f"<item><description>{'<div>' * 800_000}</description></item>")
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(processes=1, deadline=5.0, memory=2**30) as started:
        yield started


async def read(readers: Readers, body: bytes, memory: FeedMemory | None = None) -> FeedDocument:
    return await readers.read_feed(body, url=URL, memory=memory or FeedMemory(), now=NOW)


async def test_a_feed_is_read_in_another_process(readers: Readers) -> None:
    assert [entry.title for entry in (await read(readers, rss(item(1), item(2)))).entries] == [
        "Headline 1",
        "Headline 2",
    ]


async def test_an_error_comes_back_with_its_kind(readers: Readers) -> None:
    with pytest.raises(ReadError) as caught:
        await read(readers, b"<html><body>no</body></html>")
    assert (caught.value.kind, caught.value.hint != "") == (ErrorKind.NOT_A_FEED, True)


async def test_a_body_that_takes_too_long_is_stopped_and_the_next_one_is_read(readers: Readers) -> None:
    started = time.monotonic()
    with pytest.raises(ReadError, match="longer than 5 seconds") as caught:
        await read(readers, ENDLESS)
    assert caught.value.kind is ErrorKind.CRASHED
    assert time.monotonic() - started < 20
    assert (await read(readers, rss(item(3)))).entries[0].title == "Headline 3"


async def test_a_page_is_extracted(readers: Readers) -> None:
    paragraphs = "".join(
        f"<p>Sentence number {n} tells what the envoys agreed on that day.</p>" for n in range(9)
    )
    body = f"<html><head><title>Talks</title></head><body><article>{paragraphs}</article></body></html>"
    page = await readers.extract_page(body.encode(), url="https://paper.example/1", content_type="text/html")
    assert page.source is TextSource.PAGE
    assert page.text.count("\n") == 8


async def test_a_page_that_takes_too_long_is_stopped_and_the_next_one_is_read() -> None:
    pages = [
        f"<html><body>{'<p>The envoys met again. <b>They</b> talked.</p>' * n}</body></html>"
        for n in (250_000, 9)
    ]
    with Readers(processes=1, deadline=3.0) as started:
        with pytest.raises(ReadError, match="longer than 3 seconds") as caught:
            await started.extract_page(pages[0].encode(), url=URL, content_type="text/html")
        assert caught.value.kind is ErrorKind.CRASHED
        assert (await started.extract_page(pages[1].encode(), url=URL, content_type="text/html")).text


async def test_what_is_known_needs_no_worker() -> None:
    with Readers(processes=1) as started:
        first = await read(started, rss(item(1)))
    # Its workers are gone: whatever still answers has not asked them.
    assert (await read(started, rss(item(1)), first.memory)).parsed is False
    assert (await read(started, rss(item(1)) + b"\n", first.memory)).known == 1


async def test_a_worker_may_not_take_more_memory_than_allowed() -> None:
    with Readers(processes=1, memory=256 * 2**20, deadline=30) as small:
        with pytest.raises(ReadError, match="256 MiB of memory") as caught:
            await read(small, rss(item(1, title="x" * (60 * 2**20))))
        assert caught.value.kind is ErrorKind.CRASHED


async def test_a_cancelled_reading_frees_its_worker(readers: Readers) -> None:
    task = asyncio.create_task(read(readers, ENDLESS))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await read(readers, rss(item(4)))).entries[0].title == "Headline 4"


def test_workers_do_not_import_the_crawler_framework_or_the_database() -> None:
    code = "import sys, crawler.reading.workers; print(*sys.modules, sep='\\n')"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    heavy = {"scrapy", "twisted", "sqlalchemy", "sqlmodel", "trafilatura", "pydantic", "aiohttp"}
    assert not heavy & set(answer.stdout.split())


async def test_workers_that_are_killed_are_replaced() -> None:
    with Readers(processes=2) as started:
        await read(started, rss(item(1)))
        for kept in range(2):
            for worker in multiprocessing.active_children():
                worker.kill()
            assert (await read(started, rss(item(kept)))).entries
        several = await asyncio.gather(*(read(started, rss(item(n))) for n in range(8)))
        assert [document.entries[0].title for document in several] == [f"Headline {n}" for n in range(8)]
