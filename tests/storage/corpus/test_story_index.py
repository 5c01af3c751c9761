from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, func, select

from storage.corpus.store import place
from storage.corpus.stories import profile_of, term_key
from storage.corpus.story_index import NEWEST, neighbourhood, prune, remember, window_of
from storage.corpus.terms import Term
from storage.engine import writing
from storage.tables.core import STORY_PROFILE, STORY_TERM
from tests.storage.corpus.newsroom import store_article, store_feed

_TERMS = {term_key(word): Term(1.0, headline=True) for word in ("visa", "envoy", "grain")}


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as connection:
        yield connection


@pytest.fixture
def feed(connection: Connection, now: datetime) -> int:
    return store_feed(connection, now)


def stored(connection: Connection, feed: int, number: int, at: datetime) -> int:
    """An article in a story of its own, which the index does not know yet."""
    article = store_article(connection, feed, title=f"t{number}", at=at)
    place(connection, [article], now=at + timedelta(days=30))
    return article


def kept(connection: Connection, article: int, at: datetime) -> None:
    """Put the article into the index with the terms of this file."""
    window = window_of(connection, _TERMS)
    remember(connection, profile_of(article, at, _TERMS, window.common), window, at=at)


def found(connection: Connection, at: datetime) -> list[int]:
    """The neighbours of a new article with those terms."""
    window = window_of(connection, _TERMS)
    near = neighbourhood(connection, profile_of(0, at, _TERMS, window.common), window)
    return [profile.article_id for profile in near.profiles]


def test_what_is_kept_is_found_as_it_was(connection: Connection, feed: int, now: datetime) -> None:
    article = stored(connection, feed, 1, now)
    kept(connection, article, now)
    window = window_of(connection, _TERMS)
    new = profile_of(article, now, _TERMS, window.common)
    (known,) = neighbourhood(connection, new, window).profiles
    assert (known.article_id, known.at, known.headline_weight, known.beyond) == (article, now, 3.0, 0.0)
    assert known.terms.tolist() == new.terms.tolist()
    assert known.weights.tolist() == new.weights.tolist()


def test_of_many_that_share_as_much_the_newest_are_found(
    connection: Connection, feed: int, now: datetime
) -> None:
    articles = [stored(connection, feed, number, now) for number in range(NEWEST + 10)]
    for article in articles:
        kept(connection, article, now)
    assert found(connection, now) == articles[-24:]
    assert window_of(connection, _TERMS).common.articles == len(articles) + 1
    sizes = connection.execute(select(func.length(STORY_TERM.c.newest))).scalars()
    assert max(sizes) == NEWEST * 4


def test_what_left_the_window_is_forgotten(connection: Connection, feed: int, now: datetime) -> None:
    old, new = stored(connection, feed, 1, now), stored(connection, feed, 2, now)
    kept(connection, old, now)
    kept(connection, new, now + timedelta(hours=2))
    prune(connection, before=now + timedelta(hours=1))
    assert found(connection, now + timedelta(hours=2)) == [new]
    assert window_of(connection, _TERMS).common.articles == 2
    prune(connection, before=now + timedelta(hours=3))
    for table in (STORY_PROFILE, STORY_TERM):
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
