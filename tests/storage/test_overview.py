from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, update

from storage.crawl_database import CrawlDatabase
from storage.engine import reading, writing
from storage.overview import ArchiveOverview, archive_overview, feed_overviews, last_issues
from storage.tables.core import FEED
from storage.writer import Writer
from tests.storage.crawls import NO, PERHAPS, configure, entry, first_poll


def _states(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        return {feed.name: feed.state for feed in feed_overviews(connection)}


def _set(engine: Engine, name: str, **values: object) -> None:
    with writing(engine) as connection:
        connection.execute(update(FEED).where(FEED.c.name == name).values(**values))


def test_feeds_are_new_well_failing_or_paused_and_listed_by_name(engine: Engine, now: datetime) -> None:
    configure(engine, now, "paused", "failing", "well", "new")
    _set(engine, "well", last_success_at=now)
    _set(engine, "failing", last_success_at=now, failures=1, error="no answer")
    _set(engine, "paused", failures=9, paused_at=now, pause_reason="gone")

    assert list(_states(engine).items()) == [
        ("failing", "failing"),
        ("new", "new"),
        ("paused", "paused"),
        ("well", "ok"),
    ]


def test_a_feed_that_left_the_configuration_is_not_shown(engine: Engine, now: datetime) -> None:
    configure(engine, now, "one", "two")
    configure(engine, now + timedelta(hours=1), "two")

    assert list(_states(engine)) == ["two"]


async def test_articles_are_counted_by_decision_and_pages_that_wait(
    engine: Engine, writer: Writer, now: datetime
) -> None:
    undecided = entry(3, match=PERHAPS, page="undecided")
    await first_poll(CrawlDatabase(writer), engine, now, entry(1), entry(2, match=NO), undecided)

    with reading(engine) as connection:
        assert archive_overview(connection) == ArchiveOverview(3, 1, 1, 1)


def test_an_empty_database_has_nothing_to_tell(engine: Engine) -> None:
    with reading(engine) as connection:
        assert archive_overview(connection) == ArchiveOverview(0, 0, 0, 0)
        assert feed_overviews(connection) == []
        assert last_issues(connection, ["daily"]) == {}
