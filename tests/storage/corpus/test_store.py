from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text

from storage.corpus.records import Placement
from storage.corpus.store import place
from storage.engine import writing
from storage.tables import metadata
from tests.storage.corpus.newsroom import match, store_article, store_feed
from tests.storage.corpus.test_signature import running_text

LINK = metadata.tables["link"]
FINGERPRINT = metadata.tables["fingerprint"]
WIRE = running_text(1, 400)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as connection:
        yield connection


@pytest.fixture
def feed(connection: Connection, now: datetime) -> int:
    return store_feed(connection, now)


def test_a_cut_joins_the_wire_it_was_taken_from(connection: Connection, feed: int, now: datetime) -> None:
    wire = store_article(connection, feed, title="wire", text=" ".join(WIRE), at=now)
    cut = store_article(connection, feed, title="cut", text=" ".join(WIRE[100:300]), at=now)
    first, second = place(connection, [wire, cut], now=now)
    assert first == Placement(wire, first.story_id, None, founded=True)
    assert second == Placement(cut, first.story_id, wire, founded=False)
    copy, story = connection.execute(select(LINK).order_by(LINK.c.id)).all()
    assert (copy.level, copy.article_id, copy.original_id, copy.by) == ("copy", cut, wire, "machine")
    assert copy.score > 0.9
    assert "sequences of 8 words" in copy.reason
    assert (story.level, story.story_id) == ("story", first.story_id)


def test_a_copy_of_a_copy_names_the_original(connection: Connection, feed: int, now: datetime) -> None:
    texts = [WIRE, [*WIRE[:200], "more"], [*WIRE[:200], "most"]]
    ids = [
        store_article(connection, feed, title=f"t{n}", text=" ".join(words), at=now)
        for n, words in enumerate(texts)
    ]
    assert [placed.copy_of for placed in place(connection, ids, now=now)] == [None, ids[0], ids[0]]


def test_a_copy_names_the_agency_that_it_is_credited_to(
    connection: Connection, feed: int, now: datetime
) -> None:
    text = "WASHINGTON (Reuters) - " + " ".join(WIRE)
    ids = [store_article(connection, feed, title=f"paper{n}", text=text, at=now) for n in range(2)]
    place(connection, ids, now=now)
    [reason] = connection.execute(select(LINK.c.reason).where(LINK.c.level == "copy")).scalars()
    assert reason.endswith("; credited to Reuters")


def test_the_agencys_own_report_is_the_original_though_it_came_later(
    connection: Connection, feed: int, now: datetime
) -> None:
    text = " ".join(WIRE)
    papers = [
        store_article(connection, feed, title=f"paper{n}", text=text, author="Reuters", at=now)
        for n in range(2)
    ]
    own = store_article(connection, feed, title="own", text=text, at=now, host="www.reuters.com")
    late = store_article(connection, feed, title="late", text=text, author="Reuters", at=now)
    placed = place(connection, [*papers, own, late], now=now)
    assert [one.copy_of for one in placed] == [None, papers[0], None, own]
    assert len({one.story_id for one in placed}) == 1
    live = select(LINK).where(LINK.c.level == "copy", LINK.c.ended_at.is_(None)).order_by(LINK.c.article_id)
    assert [(link.article_id, link.original_id) for link in connection.execute(live)] == [
        (papers[0], own),
        (papers[1], own),
        (late, own),
    ]
    assert place(connection, [own], now=now)[0].copy_of is None
    reasons = connection.execute(live.with_only_columns(LINK.c.reason)).scalars().all()
    assert reasons[0].endswith("; Reuters wrote it and came later")
    assert reasons[2].endswith("; Reuters wrote it")


def test_an_article_of_its_own_founds_a_story(connection: Connection, feed: int, now: datetime) -> None:
    ids = [
        store_article(connection, feed, title=f"t{seed}", text=f"report{seed} " * 30, at=now)
        for seed in range(5)
    ]
    placements = place(connection, ids, now=now)
    assert len({placed.story_id for placed in placements}) == 5
    assert connection.execute(select(LINK)).all() == []


def test_what_no_reader_gets_is_in_no_story(connection: Connection, feed: int, now: datetime) -> None:
    aside = store_article(connection, feed, title="aside", text=" ".join(WIRE), at=now, matched=False)
    again = store_article(connection, feed, title="again", text=" ".join(WIRE), at=now)
    first, second = place(connection, [aside, again], now=now)
    assert (first.story_id, second.copy_of, second.founded) == (None, aside, True)
    match(connection, aside)
    (later,) = place(connection, [aside], now=now)
    assert later.story_id is not None


def test_an_article_alone_joins_a_story_when_its_text_arrives(
    connection: Connection, feed: int, now: datetime
) -> None:
    first = store_article(connection, feed, title="first", text=" ".join(WIRE), at=now)
    second = store_article(connection, feed, title="a headline alone", at=now)
    third = store_article(connection, feed, title="grain harvest", at=now)
    before = place(connection, [first, second, third], now=now)
    assert len({one.story_id for one in before}) == 3
    texts = metadata.tables["article_text"]
    connection.execute(insert(texts).values(article_id=second, text=" ".join(WIRE)))
    (after,) = place(connection, [second], now=now)
    assert (after.copy_of, after.story_id, after.founded) == (first, before[0].story_id, False)
    assert place(connection, [second, third], now=now)[1].story_id == before[2].story_id
    counted = connection.execute(text("SELECT articles FROM story_term WHERE term = 0")).scalar_one()
    assert counted == 3


def test_a_place_that_a_reader_knows_is_kept_when_the_text_arrives(
    connection: Connection, feed: int, now: datetime
) -> None:
    first = store_article(connection, feed, title="first", text=" ".join(WIRE), at=now)
    second = store_article(connection, feed, title="a headline alone", at=now)
    before = place(connection, [first, second], now=now)
    alert = {"rule": "urgent", "story_id": before[1].story_id, "recipient": "r@example.org", "raised_at": now}
    connection.execute(insert(metadata.tables["alert"]).values(update=0, **alert))
    texts = metadata.tables["article_text"]
    connection.execute(insert(texts).values(article_id=second, text=" ".join(WIRE)))
    (after,) = place(connection, [second], now=now)
    assert before[1].copy_of is None
    assert (after.copy_of, after.story_id) == (first, before[1].story_id)


def test_an_old_text_printed_again_is_a_copy_but_not_this_weeks_story(
    connection: Connection, feed: int, now: datetime
) -> None:
    old = store_article(connection, feed, title="old", text=" ".join(WIRE), at=now - timedelta(days=30))
    new = store_article(connection, feed, title="new", text=" ".join(WIRE), at=now)
    first, second = place(connection, [old, new], now=now)
    assert second.copy_of == old
    assert second.story_id != first.story_id


def test_a_text_that_was_forgotten_still_has_copies(connection: Connection, feed: int, now: datetime) -> None:
    old = store_article(connection, feed, title="old", text=" ".join(WIRE), at=now)
    place(connection, [old], now=now)
    connection.execute(delete(metadata.tables["article_text"]))
    new = store_article(connection, feed, title="new", text=" ".join(WIRE), at=now)
    other = store_article(connection, feed, title="other", text=" ".join(running_text(5, 400)), at=now)
    assert [placed.copy_of for placed in place(connection, [new, other], now=now)] == [old, None]
    reason = connection.execute(select(LINK.c.reason).where(LINK.c.level == "copy")).scalar_one()
    assert reason.endswith("the older text was forgotten")


def test_placing_twice_changes_nothing(connection: Connection, feed: int, now: datetime) -> None:
    ids = [store_article(connection, feed, title=f"t{n}", text=" ".join(WIRE), at=now) for n in range(3)]
    place(connection, ids, now=now)
    links = connection.execute(select(LINK)).all()
    prints = connection.execute(select(FINGERPRINT)).all()
    place(connection, ids, now=now)
    assert connection.execute(select(LINK)).all() == links
    assert connection.execute(select(FINGERPRINT)).all() == prints


def test_the_furniture_of_a_site_makes_no_copies_and_fills_no_index(
    connection: Connection, feed: int, now: datetime
) -> None:
    furniture = running_text(999, 120)
    ids = [
        store_article(
            connection, feed, title=f"t{n}", text=" ".join([*running_text(n, 400), *furniture]), at=now
        )
        for n in range(80)
    ]
    assert {placed.copy_of for placed in place(connection, ids, now=now)} == {None}
    counts: dict[int, int] = {}
    for value, _ in connection.execute(select(FINGERPRINT.c.value, FINGERPRINT.c.article_id)):
        counts[value] = counts.get(value, 0) + 1
    assert max(counts.values()) == 64


def test_a_split_is_respected_by_later_crawls(connection: Connection, feed: int, now: datetime) -> None:
    one = store_article(connection, feed, title="one", text=" ".join(WIRE), at=now)
    other = store_article(connection, feed, title="other", text=" ".join(WIRE), at=now)
    correction = metadata.tables["correction"]
    connection.execute(insert(correction).values(article_id=one, other_id=other, kind="split", made_at=now))
    first, second = place(connection, [one, other], now=now)
    assert second.copy_of is None
    assert first.story_id != second.story_id
