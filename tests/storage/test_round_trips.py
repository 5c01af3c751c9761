"""Whatever a feed says comes back from either database as it was stored."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from language.clean import clean_lines, clean_text
from storage.archive import find_article
from storage.crawl_database import CrawlDatabase
from storage.engine import reading
from storage.records import Entry, FeedMemory, JudgedEntry
from storage.writer import Writer
from tests.storage.crawls import YES, claim, configure, poll

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
_numbers = count()
ENTRIES = st.builds(
    Entry,
    guid=ANY_TEXT.map(clean_text),
    url=st.builds(lambda: f"https://one.example/news/{next(_numbers)}"),
    title=ANY_TEXT.map(clean_text),
    summary=ANY_TEXT.map(clean_text),
    text=ANY_TEXT.map(clean_lines),
)
BLOCKS = st.frozensets(st.binary(min_size=8, max_size=8), max_size=5)
SLOW_FIXTURES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SLOW_FIXTURES
@given(entry=ENTRIES, blocks=BLOCKS)
def test_an_entry_and_its_memory_come_back_as_stored(
    engine: Engine, writer: Writer, entry: Entry, blocks: frozenset[bytes]
) -> None:
    memory = FeedMemory(b"\x00body", b"\xff", blocks)
    asyncio.run(_store(engine, writer, entry, memory))
    with reading(engine) as connection:
        article = find_article(connection, entry.url)
    assert article is not None
    assert (article.title, article.summary, article.text) == (entry.title, entry.summary, entry.text)


async def _store(engine: Engine, writer: Writer, entry: Entry, memory: FeedMemory) -> None:
    database = CrawlDatabase(writer)
    configure(engine, NOW, "one")
    (feed,) = await claim(database, NOW, due_only=False)
    await database.save_poll(poll(feed, NOW, JudgedEntry(entry, YES), memory=memory))
    (again,) = await claim(database, NOW, due_only=False)
    await database.release_feeds(owner="me", feed_ids=[again.id])
    assert again.memory == memory
