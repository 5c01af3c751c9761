"""A crash while articles are placed leaves whole articles only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import Connection, func, select

from storage.config import StorageConfig
from storage.engine import make_engine, reading
from storage.tables import metadata
from tests.databases import sqlite_engine

_ARTICLE = metadata.tables["article"]
_FINGERPRINT = metadata.tables["fingerprint"]
_TEXT = metadata.tables["article_text"]

_CRAWL = """
import sys
from datetime import UTC, datetime
from storage.config import StorageConfig
from storage.corpus.store import place
from storage.engine import make_engine, writing
from tests.storage.corpus.newsroom import store_article, store_feed
from tests.storage.corpus.test_signature import running_text

now = datetime(2026, 11, 19, tzinfo=UTC)
engine = make_engine(StorageConfig(url=sys.argv[1]))
with writing(engine) as connection:
    feed = store_feed(connection, now)
for start in range(0, 10_000, 20):
    with writing(engine) as connection:
        ids = [
            store_article(connection, feed, title=f"t{n}", text=" ".join(running_text(n, 60)), at=now)
            for n in range(start, start + 20)
        ]
        place(connection, ids, now=now)
    print(start, flush=True)
"""


def test_a_kill_in_the_middle_of_ten_thousand_leaves_no_half_article(tmp_path: Path) -> None:
    url = str(sqlite_engine(tmp_path).url)
    crawl = subprocess.Popen([sys.executable, "-c", _CRAWL, url], stdout=subprocess.PIPE, text=True)
    assert crawl.stdout is not None
    with crawl.stdout:
        for _ in range(5):
            assert crawl.stdout.readline()
        crawl.kill()
    crawl.wait()
    engine = make_engine(StorageConfig(url=url))
    with reading(engine) as connection:
        articles = _count(connection, _ARTICLE.c.id)
        assert 100 <= articles < 10_000
        assert articles % 20 == 0
        assert _count(connection, _TEXT.c.article_id) == articles
        assert _count(connection, _FINGERPRINT.c.article_id) == articles
        orphans = select(_FINGERPRINT.c.article_id).where(
            _FINGERPRINT.c.article_id.not_in(select(_ARTICLE.c.id))
        )
        assert connection.execute(orphans).first() is None
    engine.dispose()


def _count(connection: Connection, column: object) -> int:
    return int(connection.execute(select(func.count(func.distinct(column)))).scalar_one())
