from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from storage.archive import Filter, find_article, read_articles
from storage.crawl_database import CrawlDatabase
from storage.engine import reading
from storage.writer import Writer
from tests.storage.crawls import NO, entry, first_poll, second_poll


@pytest.fixture
async def archive(writer: Writer, engine: Engine, now: datetime) -> Engine:
    await first_poll(
        CrawlDatabase(writer),
        engine,
        now,
        entry(1, "Sanctions on tankers", summary="Ёлки and Zürich."),
        entry(2, "Переговоры в Женеве", text="Министры встретились вечером."),
        entry(3, "covid-19 talks"),
        entry(4, "A cake", NO),
    )
    return engine


def found(engine: Engine, *groups: Sequence[str], **wanted: object) -> list[str]:
    with reading(engine) as connection:
        return [a.title for a in read_articles(connection, Filter(groups, **wanted))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("groups", "titles"),
    [
        ([["SANCTIONS"]], ["Sanctions on tankers"]),
        ([["zurich", "rome"]], ["Sanctions on tankers"]),
        ([["елки"]], ["Sanctions on tankers"]),
        ([["министры встретились"]], ["Переговоры в Женеве"]),
        ([["встретились министры"]], []),
        ([["перегов*"]], ["Переговоры в Женеве"]),
        ([["sanctions"], ["женеве"]], []),
        ([["covid-19"]], ["covid-19 talks"]),
        ([["cake"]], []),
        ([["…", "sanctions"]], ["covid-19 talks", "Переговоры в Женеве", "Sanctions on tankers"]),
    ],
)
def test_words_find_the_same_articles_on_both_databases(
    archive: Engine, groups: Sequence[Sequence[str]], titles: list[str]
) -> None:
    assert found(archive, *groups) == titles


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), max_size=3), max_size=3))
def test_no_search_words_can_break_the_search(archive: Engine, groups: list[list[str]]) -> None:
    assert set(found(archive, *groups)) <= {"Sanctions on tankers", "Переговоры в Женеве", "covid-19 talks"}


def test_newest_come_first_whatever_the_chunk(archive: Engine) -> None:
    with reading(archive) as connection:
        ids = [article.id for article in read_articles(connection, Filter(decision=None), chunk=1)]
    assert ids == [4, 3, 2, 1]


def test_columns_narrow_too(archive: Engine, now: datetime) -> None:
    assert len(found(archive, feed="one", subtopic="diplomacy")) == 3
    assert found(archive, feed="two") == []
    assert found(archive, subtopic="diplo") == []
    assert found(archive, since=now + timedelta(days=1)) == []


def test_an_article_is_found_by_id_and_by_any_spelling_of_its_address(archive: Engine) -> None:
    with reading(archive) as connection:
        by_id = find_article(connection, "1")
        by_address = find_article(connection, "https://one.example/news/1?utm_source=mail#top")
        assert by_id == by_address
        assert find_article(connection, "https://one.example/news/99") is None


async def test_an_edited_article_is_found_by_its_new_words(
    writer: Writer, engine: Engine, now: datetime
) -> None:
    database = CrawlDatabase(writer)
    await first_poll(database, engine, now, entry(1, "Envoys to meet"))
    await second_poll(database, now, entry(1, "Envoys met", summary="In Geneva."))
    assert found(engine, ["geneva"]) == ["Envoys met"]
    assert found(engine, ["to meet"]) == []
