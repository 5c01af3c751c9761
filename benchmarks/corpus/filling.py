"""A corpus of any size in the real schema, filled in the order of days as a crawl would."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert, text

from benchmarks.corpus.databases import filling, insert_rows
from benchmarks.corpus.newsroom import WORDS, Newsroom
from storage.corpus.store import place
from storage.corpus.story_index import INDEXED, NEWEST, TERM, WINDOW
from storage.engine import writing
from storage.tables.core import (
    ARTICLE,
    ARTICLE_TEXT,
    FEED,
    FINGERPRINT,
    LINK,
    STORY,
    STORY_PROFILE,
    STORY_TERM,
)

A_DAY = 10_000
END = datetime(2026, 11, 19, tzinfo=UTC)
_REAL = 500  # one article in so many has a text
_REASONS = {
    "story": "shares Кремль, ceasefire, envoy, sanctions, Moscow",
    "copy": "87% of the text is the same, in sequences of 8 words",
}


def open_feed(engine: Engine) -> None:
    """The feed that all articles come from."""
    with writing(engine) as connection:
        feed = {"name": "wire", "url": "https://wire.example/", "next_check_at": END, "options": {}}
        connection.execute(insert(FEED).values(id=1, **feed))


def fill_day(engine: Engine, newsroom: Newsroom, day: int, days: int) -> None:
    """Ten thousand articles: those of `day`, the last of `days` ending with END."""
    began = END - timedelta(days=days - day)
    ids = range(day * A_DAY + 1, (day + 1) * A_DAY + 1)
    times = {id_: _stored(began + timedelta(seconds=8.64 * (id_ - ids[0]))) for id_ in ids}
    real = [id_ for id_ in ids if id_ % _REAL == 0]
    newsroom.texts |= {id_: newsroom.words(WORDS) for id_ in real}
    prints = zip(ids, newsroom.prints(A_DAY), strict=True)
    posted = sorted((value, id_) for id_, values in prints if id_ % _REAL for value in values)
    with filling(engine) as connection:
        insert_rows(connection, STORY, [_story(id_, times[id_]) for id_ in ids if id_ % 2])
        insert_rows(connection, ARTICLE, [_article(id_, times[id_]) for id_ in ids])
        texts = [{"article_id": id_, "text": " ".join(newsroom.texts[id_])} for id_ in real]
        insert_rows(connection, ARTICLE_TEXT, texts)
        insert_rows(connection, FINGERPRINT, [{"value": value, "article_id": id_} for value, id_ in posted])
        links = [_link(id_, level, times[id_]) for id_ in ids for level in _levels(id_)]
        insert_rows(connection, LINK, links)
        place(connection, real, now=END)


def index_week(engine: Engine, newsroom: Newsroom, articles: int) -> None:
    """The index of the week that ends with the newest article, all of it anew."""
    first = max(0, articles - WINDOW.days * A_DAY)
    having: Counter[int] = Counter({0: articles - first})
    newest: dict[int, list[int]] = defaultdict(list)
    profiles: list[dict[str, Any]] = []
    for id_ in range(first + 1, articles + 1):
        terms = newsroom.terms()
        having.update(terms)
        for term in terms[:INDEXED]:
            newest[term].append(id_)
        at = int(END.timestamp() - 8.64 * (articles - id_))
        profiles.append(
            {
                "article_id": id_,
                "at": at,
                "terms": _packed(terms),
                "norm": 3.6,
                "headline_weight": 7.2,
                "beyond": 0.9,
            }
        )
    rows = [
        {"term": term, "articles": count, "newest": np.array(newest[term][-NEWEST:], "<u4").tobytes()}
        for term, count in having.items()
    ]
    with writing(engine) as connection:
        for table in (STORY_TERM, STORY_PROFILE):
            connection.execute(table.delete())
    with filling(engine) as connection:
        insert_rows(connection, STORY_PROFILE, profiles)
        insert_rows(connection, STORY_TERM, rows)


def settle(engine: Engine) -> None:
    """What a server does by itself in time: statistics, and room that nobody uses any more."""
    engine.dispose()  # with it what `filling` set
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def article(id_: int) -> dict[str, Any]:
    """A matched article that has no place yet."""
    return _article(id_, _stored(END)) | {"story_id": None}


def _article(id_: int, at: str) -> dict[str, Any]:
    address = f"https://news{id_ % 97}.example/{id_}"
    row = {"id": id_, "identity": address, "url": address, "feed_id": 1, "title": f"Headline {id_}"}
    row |= {"first_seen_at": at, "published_at": at, "decided_at": at, "decision": "matched", "score": 60}
    row |= {"summary": "", "author": "", "language": "en", "text_source": "none", "topic": "", "reason": ""}
    row |= {"baseline": False, "backfill": False, "subtopics": "[]", "hits": "[]"}
    return row | {"story_id": _story_of(id_) if id_ % _REAL else None}


def _story_of(id_: int) -> int:
    """Two articles tell a story; numbers are left free for those that `place` begins."""
    return 10_000 + 100 * ((id_ - 1) // A_DAY) + (id_ + 1) // 2


def _story(id_: int, at: str) -> dict[str, Any]:
    return {"id": _story_of(id_), "first_seen_at": at}


def _levels(id_: int) -> tuple[str, ...]:
    """What is decided of an article: every second one joins the one before it, one in eight copies it."""
    if id_ % 2 or id_ % _REAL == 0:
        return ()
    return ("story", "copy") if id_ % 8 == 2 else ("story",)


def _link(id_: int, level: str, at: str) -> dict[str, Any]:
    row = {"article_id": id_, "level": level, "original_id": id_ - 1, "score": 0.4321, "by": "machine"}
    story = _story_of(id_) if level == "story" else None
    return row | {"story_id": story, "reason": _REASONS[level], "made_at": at, "ended_at": None}


def _packed(terms: list[int]) -> bytes:
    pairs = np.empty(len(terms), dtype=TERM)
    pairs["term"], pairs["weight"], pairs["headline"] = sorted(terms), 0.8, np.arange(len(terms)) % 8 == 0
    return pairs.tobytes()


def _stored(at: datetime) -> str:
    """As both databases read it (PostgreSQL by the time zone that `filling` sets)."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
