from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from storage.config import RetentionConfig
from storage.crawl_database import CrawlDatabase
from storage.engine import writing
from storage.retention import Forgotten, forget
from storage.tables.core import ARTICLE, ARTICLE_TEXT
from storage.writer import Writer
from tests.storage.crawls import NO, count, entry, first_poll, rows, second_poll

KEEP = RetentionConfig(page_texts_days=365, rejected_days=30)


def _forget(engine: Engine, now: datetime) -> Forgotten:
    with writing(engine) as connection:
        return forget(connection, KEEP, now=now)


async def test_rejected_articles_lose_their_words_after_a_month_but_stay_known(
    writer: Writer, engine: Engine, now: datetime
) -> None:
    database = CrawlDatabase(writer)
    cake, talks = entry(1, "A cake", NO, text="Long."), entry(2, "Talks", text="Long.")
    await first_poll(database, engine, now, cake, talks)
    assert _forget(engine, now + timedelta(days=29)) == Forgotten()
    assert _forget(engine, now + timedelta(days=31)).rejected == 1
    assert [article.title for article in rows(engine, ARTICLE)] == ["", "Talks"]
    assert count(engine, ARTICLE_TEXT) == 1
    assert await second_poll(database, now, cake) == 0
    assert rows(engine, ARTICLE)[0].title == ""


async def test_texts_of_matched_articles_go_after_a_year(
    writer: Writer, engine: Engine, now: datetime
) -> None:
    await first_poll(CrawlDatabase(writer), engine, now, entry(1, "Talks", text="Long."))
    assert _forget(engine, now + timedelta(days=366)).texts == 1
    assert rows(engine, ARTICLE)[0].title == "Talks"
