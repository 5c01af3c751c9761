from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.bootstrap import configured_feeds
from hotline.commands.articles import NoSuchFeed, NoSuchTopic, Search, articles
from hotline.config_file import load_config
from hotline.moment import NotAMoment
from storage.crawl_database import CrawlDatabase
from storage.engine import make_engine, writing
from storage.feeds import sync_feeds
from storage.migrations import upgrade
from storage.writer import Writer
from tests.storage.crawls import NO, claim, entry, poll
from topics.query.errors import QueryError


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    """A configuration whose database holds two matched articles and one that did not match."""
    path = tmp_path / "hotline.yaml"
    path.write_text("feeds: [{url: https://one.example/rss, name: Morning News}]\n", encoding="utf-8")
    loaded = load_config(path, {}).config
    engine = make_engine(loaded.storage)
    upgrade(engine)
    now = datetime.now(UTC)
    with writing(engine) as connection:
        sync_feeds(connection, configured_feeds(loaded), now=now)
    writer = Writer(engine)
    writer.start()
    database = CrawlDatabase(writer)
    (feed,) = await claim(database, now)
    items = (
        entry(1, "Sanctions on tankers", text="Washington lists insurers of Russian oil."),
        entry(2, "Переговоры в Женеве", text="Министры России и США встретились вечером."),
        entry(3, "A cake for the mayor", NO),
    )
    await database.save_poll(poll(feed, now, *items))
    writer.close()
    engine.dispose()
    return path


def _titles(config: Path, **search: object) -> list[str]:
    found = articles(config, {}, Search(**search)).data["articles"]  # type: ignore[arg-type]
    assert isinstance(found, list)
    return [article["title"] for article in found]


def test_without_a_query_it_lists_what_matched_newest_first(config: Path) -> None:
    assert _titles(config) == ["Переговоры в Женеве", "Sanctions on tankers"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("tanker", ["Sanctions on tankers"]),
        ("title:insurer", []),
        ("oil NEAR/3 Russian", ["Sanctions on tankers"]),
        ("министр", ["Переговоры в Женеве"]),
        ("@russia AND NOT sanctions", ["Переговоры в Женеве"]),
        ("cake", []),
    ],
)
def test_the_query_is_that_of_the_topics(config: Path, query: str, titles: list[str]) -> None:
    assert _titles(config, query=query) == titles


def test_with_everything_also_what_did_not_match_is_searched(config: Path) -> None:
    assert _titles(config, query="cake", everything=True) == ["A cake for the mayor"]


def test_the_limit_says_that_there_is_more(config: Path) -> None:
    result = articles(config, {}, Search(limit=1))

    assert result.data["more"] is True
    assert len(_titles(config, limit=1)) == 1


def test_feed_topic_and_time_narrow_it(config: Path) -> None:
    assert len(_titles(config, feed="morning news", topic="diplomacy", since="1 h")) == 2
    assert _titles(config, topic="energy") == []
    assert _titles(config, topic="us-russia", since="2100-01-01") == []


@pytest.mark.parametrize(
    ("search", "error", "told"),
    [
        (Search(query="a AND ("), QueryError, "column"),
        (Search(feed="Morning Nws"), NoSuchFeed, "Did you mean `Morning News`"),
        (Search(topic="diplomcy"), NoSuchTopic, "Did you mean `diplomacy`"),
        (Search(since="soon"), NotAMoment, "Write for example"),
    ],
)
def test_what_cannot_be_understood_is_told(
    config: Path, search: Search, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        articles(config, {}, search)


def test_the_keys_of_an_article_are_a_contract(config: Path) -> None:
    found = articles(config, {}, Search(limit=1)).data["articles"]

    assert isinstance(found, list)
    assert list(found[0]) == [
        "id",
        "url",
        "title",
        "summary",
        "feed",
        "country",
        "kind",
        "language",
        "published_at",
        "first_seen_at",
        "decision",
        "score",
        "subtopics",
        "reason",
    ]
