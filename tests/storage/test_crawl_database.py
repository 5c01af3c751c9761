"""What the crawler asks of the database, on both kinds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from storage.crawl_database import CrawlDatabase
from storage.engine import reading, writing
from storage.feeds import POLLS_KEPT, sync_feeds
from storage.records import ConfiguredFeed, FeedMemory, HostState, PageResult, PageText, TextSource
from storage.shards import SHARDS, Shard, due_feed_shards, due_page_shards, shard_of
from storage.tables.core import ARTICLE, ARTICLE_TEXT, FEED, NOTICE, PAGE, POLL, SIGHTING, VERSION
from storage.writer import Writer
from tests.storage.crawls import (
    HOUR,
    NO,
    PERHAPS,
    YES,
    claim,
    configure,
    count,
    entry,
    first_poll,
    poll,
    rows,
    save,
    second_poll,
)


@pytest.fixture
def database(writer: Writer) -> CrawlDatabase:
    return CrawlDatabase(writer)


async def test_a_feed_is_claimed_once_until_its_claim_ends(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one", "two")
    assert [feed.name for feed in await claim(database, now)] == ["one", "two"]
    assert await claim(database, now, owner="you") == []
    assert len(await claim(database, now + 2 * HOUR, owner="you")) == 2


async def test_a_result_that_comes_after_its_claim_was_taken_over_is_refused(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one")
    (late,) = await claim(database, now)
    (current,) = await claim(database, now + 2 * HOUR, owner="you")
    assert await database.save_poll(poll(late, now, entry(1))) is None
    assert count(engine, ARTICLE) == 0
    assert current.crashes == 1
    assert await save(database, poll(current, now, entry(1))) == 1


async def test_released_feeds_are_as_if_never_claimed(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one")
    (feed,) = await claim(database, now)
    await database.release_feeds(owner="me", feed_ids=[feed.id])
    (again,) = await claim(database, now)
    assert again.crashes == 0


async def test_validators_and_hashes_are_stored_with_the_entries(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one")
    (feed,) = await claim(database, now)
    memory = FeedMemory(b"body", b"envelope", frozenset({b"12345678", b"abcdefgh"}))
    await database.save_poll(poll(feed, now, entry(1), memory=memory))
    (later,) = await claim(database, now + 2 * HOUR)
    assert later.memory == memory
    assert later.state.etag == '"v1"'
    assert later.options == {"backfill": 1}


async def test_a_feed_not_due_is_claimed_only_when_asked(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1))
    assert await claim(database, now) == []
    assert len(await claim(database, now, due_only=False)) == 1
    assert await claim(database, now, names=["other"], due_only=False) == []


async def test_the_same_article_in_two_feeds_is_one_with_two_sightings(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one", "two")
    for feed in await claim(database, now):
        tracked = entry(1, url=f"https://one.example/news/1?utm_source={feed.name}")
        await database.save_poll(poll(feed, now, tracked))
    assert (count(engine, ARTICLE), count(engine, SIGHTING)) == (1, 2)


async def test_a_second_poll_with_other_guids_and_tracking_creates_nothing(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1), entry(2))
    changed = [entry(n, guid=f"x{n}", url=f"https://one.example/news/{n}?utm_id=9") for n in (1, 2)]
    assert await second_poll(database, now, *changed) == 0
    assert count(engine, ARTICLE) == 2
    assert rows(engine, FEED)[0].guid_trusted is False


async def test_entries_that_share_one_link_are_told_apart_and_stay_known(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    link = "https://one.example/live"
    items = [entry(n, title=f"Flash {n}", url=link) for n in range(3)]
    await first_poll(database, engine, now, *items)
    newer = entry(9, title="Flash 9", url=link)
    assert await second_poll(database, now, newer) == 1
    assert count(engine, ARTICLE) == 4


async def test_an_edited_headline_is_a_version(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1, "Envoys to meet", NO))
    assert await second_poll(database, now, entry(1, "Envoys meet", YES)) == 0
    (article,) = rows(engine, ARTICLE)
    assert (article.title, article.decision) == ("Envoys meet", "matched")
    assert [version.title for version in rows(engine, VERSION)] == ["Envoys to meet"]


async def test_a_trusted_guid_keeps_an_article_whose_address_changed(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1))
    await second_poll(database, now, entry(1, "Item 1, corrected"))
    (feed,) = await claim(database, now + 4 * HOUR)
    moved = entry(1, "Item 1, corrected", url="https://one.example/politics/1-new-slug")
    assert await save(database, poll(feed, now + 4 * HOUR, moved)) == 0
    assert count(engine, ARTICLE) == 1


async def test_of_a_baseline_only_the_backfill_counts_as_news(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one")
    (feed,) = await claim(database, now)
    await database.save_poll(poll(feed, now, *map(entry, range(4)), baseline=True, backfill=1))
    assert [article.baseline for article in rows(engine, ARTICLE)] == [False, True, True, True]


async def test_a_flood_of_old_entries_is_stored_and_told_in_one_line(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(0))
    old = [entry(n, published_at=now - timedelta(days=400)) for n in range(1, 50)]
    assert await second_poll(database, now, *old) == 49
    assert sum(article.backfill for article in rows(engine, ARTICLE)) == 49
    assert "49 old entries" in rows(engine, NOTICE)[0].message


async def test_an_undecided_article_waits_for_its_page_which_decides(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1, match=PERHAPS, page="undecided", text="Feed text."))
    (page,) = await database.claim_pages(owner="me", now=now, until=now + HOUR, limit=5)
    assert (page.url, page.text, page.feed) == ("https://one.example/news/1", "Feed text.", "one")
    text = PageText(TextSource.PAGE, "The whole text.", author="A. Writer")
    assert await database.save_page(
        PageResult(page.article_id, "me", now, "https://one.example/final/1", text, YES, topic="us-russia")
    )
    (article,) = rows(engine, ARTICLE)
    assert (article.decision, article.author, article.text_source) == ("matched", "A. Writer", "page")
    assert rows(engine, ARTICLE_TEXT)[0].text == "The whole text."
    assert count(engine, PAGE) == 0


async def test_where_a_page_lives_is_an_alias_of_the_article(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1, page="short"))
    (page,) = await database.claim_pages(owner="me", now=now, until=now + HOUR, limit=5)
    text = PageText(TextSource.PAGE, "Text.", canonical_url="https://one.example/real/1")
    await database.save_page(PageResult(page.article_id, "me", now, page=text, match=YES))
    assert await second_poll(database, now, entry(1, url="https://one.example/real/1")) == 0


async def test_a_page_to_retry_stays_wanted_until_then(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1, match=PERHAPS, page="undecided"))
    (page,) = await database.claim_pages(owner="me", now=now, until=now + HOUR, limit=5)
    later = PageResult(page.article_id, "me", now, error_kind="timeout", retry_at=now + 2 * HOUR)
    assert await database.save_page(later)
    assert await database.claim_pages(owner="me", now=now + HOUR, until=now + 2 * HOUR, limit=5) == []
    (again,) = await database.claim_pages(owner="me", now=now + 3 * HOUR, until=now + 4 * HOUR, limit=5)
    assert again.attempts == 2


async def test_a_page_whose_claim_was_lost_is_refused(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1, page="short"))
    (page,) = await database.claim_pages(owner="me", now=now, until=now + HOUR, limit=5)
    await database.claim_pages(owner="you", now=now + 2 * HOUR, until=now + 3 * HOUR, limit=5)
    assert not await database.save_page(PageResult(page.article_id, "me", now, match=YES))


async def test_a_leased_host_is_closed_to_others_until_it_is_free(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one")
    assert await database.lease_host("one.example", owner="you", now=now, until=now + HOUR)
    assert not await database.lease_host("one.example", owner="me", now=now, until=now + HOUR)
    assert await claim(database, now) == []
    await database.release_hosts(owner="you", free_at={"one.example": now})
    assert len(await claim(database, now)) == 1


async def test_retry_after_is_remembered_and_never_shortened(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one")
    await database.save_host(HostState("one.example", not_before=now + 2 * HOUR))
    await database.save_host(HostState("one.example", not_before=now + HOUR, robots_txt="User-agent: *"))
    found = await database.read_host("one.example")
    assert (found.not_before, found.robots_txt) == (now + 2 * HOUR, "User-agent: *")
    assert await claim(database, now + HOUR) == []
    assert len(await claim(database, now + 2 * HOUR)) == 1


@pytest.mark.parametrize("moved_to", ["https://new.example/feed", ""])
async def test_a_feed_keeps_its_past_under_a_new_address(
    engine: Engine, now: datetime, moved_to: str
) -> None:
    """Known by where it moved; else by its name, where the host is the same."""
    configure(engine, now, "one", "two")
    with writing(engine) as connection:
        known = {"baseline_at": now, "failures": 3, "moved_to": moved_to, "moved_count": 3}
        connection.execute(update(FEED).where(FEED.c.name == "one").values(**known))
    address = moved_to or "https://one.example/feed"
    host = "new.example" if moved_to else "one.example"
    name = "renamed" if moved_to else "one"
    with writing(engine) as connection:
        sync_feeds(connection, [ConfiguredFeed(name, address, host=host)], now=now)
    (one, two) = rows(engine, FEED)
    assert (one.name, one.url, one.host, one.baseline_at, one.failures) == (name, address, host, now, 0)
    assert (two.active, one.active) == (False, True)


async def test_a_feed_out_of_the_configuration_rests_and_comes_back_with_its_state(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    await first_poll(database, engine, now, entry(1))
    configure(engine, now, "two")
    assert [feed.name for feed in await claim(database, now + 2 * HOUR)] == ["two"]
    configure(engine, now, "one", "two")
    (back,) = await claim(database, now + 2 * HOUR)
    assert (back.name, back.state.etag) == ("one", '"v1"')


async def test_the_last_hundred_polls_are_kept(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    configure(engine, now, "one")
    for step in range(POLLS_KEPT + 5):
        at = now + step * 2 * HOUR
        (feed,) = await claim(database, at)
        await database.save_poll(poll(feed, at))
    assert count(engine, POLL) == POLLS_KEPT


async def test_copies_in_two_feeds_share_a_story(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    wire = " ".join(f"Delegates from both capitals discussed point {n} of the agenda." for n in range(30))
    configure(engine, now, "one", "two")
    for number, feed in enumerate(await claim(database, now)):
        await database.save_poll(poll(feed, now, entry(number, f"Headline {number}", text=wire)))
    first, second = rows(engine, ARTICLE)
    assert first.story_id == second.story_id is not None


async def test_a_shard_holds_the_feeds_and_pages_of_its_hosts(
    database: CrawlDatabase, engine: Engine, now: datetime
) -> None:
    names = [f"paper{number}" for number in range(9)]
    configure(engine, now, *names)
    places = {name: shard_of(f"{name}.example", shards=4) for name in names}
    with reading(engine) as connection:
        assert due_feed_shards(connection, of=4, now=now) == sorted(set(places.values()))
        assert due_feed_shards(connection, of=4, now=now - HOUR) == []
    for number in range(4):
        taken = await claim(database, now, shard=Shard(number, 4))
        assert {feed.name for feed in taken} == {name for name in names if places[name] == number}
        for feed in taken:
            page = entry(feed.id, match=PERHAPS, page="undecided", url=f"https://{feed.name}.example/1")
            await database.save_poll(poll(feed, now, page))
    assert await claim(database, now) == []
    with reading(engine) as connection:
        due = due_page_shards(connection, of=SHARDS, now=now)
    for number in due:
        pages = await database.claim_pages(
            owner="me", now=now, until=now + HOUR, limit=9, shard=Shard(number, SHARDS)
        )
        assert pages
        assert all(shard_of(page.host) == number for page in pages)
    assert count(engine, PAGE) == len(names)
