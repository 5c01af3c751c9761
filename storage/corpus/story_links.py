"""Level 4 over the tables: find the story that an article tells, and write down why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from storage.corpus.reading import read
from storage.corpus.records import Filed, Level
from storage.corpus.statements import Statement
from storage.corpus.stories import StoryDecision, decide, profile_of, term_key
from storage.corpus.story_index import WINDOW, neighbourhood, prune, remember, window_of
from storage.corpus.terms import spelled, terms_of
from storage.tables.core import ARTICLE, LINK, STORY

_BEGIN = insert(STORY).returning(STORY.c.id)
_LINK = insert(LINK)
_MOVE = Statement("UPDATE article SET story_id = :story WHERE id = :article")


@dataclass(frozen=True, slots=True)
class _Joined:
    story_id: int
    nearest: int
    score: float
    reason: str


def link_story(
    connection: Connection, article: Filed, *, original: int | None, apart: frozenset[int], now: datetime
) -> tuple[int, bool]:
    """The story of the article, and whether it began with it. It never joins a story that holds an
    article `apart` from it."""
    told = terms_of(*_parts(article))
    terms = {term_key(name): term for name, term in told.items()}
    window = window_of(connection, terms)
    common = window.common
    profile = profile_of(article.id, article.at if article.dated else None, terms, common)
    closed = _stories_of(connection, apart)
    joined = _of_original(connection, article, original, closed)
    if joined is None and now - article.at <= WINDOW:
        near = neighbourhood(connection, profile, window)
        open_ = [known for known in near.profiles if known.story_id not in closed]
        found = decide(profile, open_, near.sizes, common)
        names = {term_key(name): name for name in told}
        joined = _told(found, names, article) if found else None
    story_id = joined.story_id if joined else _begin(connection, now)
    _MOVE.run(connection, article=article.id, story=story_id)
    if joined is not None:
        _write(connection, article.id, joined, now)
    if now - article.at <= WINDOW:
        remember(connection, profile, window, at=article.at)
    return story_id, joined is None


def forget_old(connection: Connection, *, now: datetime) -> None:
    """Keep the index of stories to the window, from hour to hour: most polls find nothing to drop."""
    prune(connection, before=(now - WINDOW).replace(minute=0, second=0, microsecond=0))


def _parts(article: Filed) -> tuple[str, str, str]:
    return article.title, article.summary, article.text


def _stories_of(connection: Connection, article_ids: frozenset[int]) -> set[int]:
    if not article_ids:
        return set()
    query = select(ARTICLE.c.story_id).where(ARTICLE.c.id.in_(article_ids), ARTICLE.c.story_id.is_not(None))
    return {row[0] for row in connection.execute(query)}


def _of_original(
    connection: Connection, article: Filed, original: int | None, closed: set[int]
) -> _Joined | None:
    """The story of the text that the article copies, if that was news in the same week."""
    if original is None:
        return None
    first = next(read(connection, [original]))
    if first.story_id is None or first.story_id in closed or abs(article.at - first.at) > WINDOW:
        return None
    return _Joined(first.story_id, original, 1.0, "a copy of an article of this story")


def _told(found: StoryDecision, names: dict[int, str], article: Filed) -> _Joined:
    text = " ".join(_parts(article))
    shared = ", ".join(spelled(names[term], text) for term in found.shared)
    return _Joined(found.story_id, found.nearest, round(found.score, 4), f"shares {shared}")


def _begin(connection: Connection, now: datetime) -> int:
    return int(connection.execute(_BEGIN, {"first_seen_at": now}).scalar_one())


def _write(connection: Connection, article_id: int, joined: _Joined, now: datetime) -> None:
    row = {
        "article_id": article_id,
        "level": Level.STORY,
        "story_id": joined.story_id,
        "original_id": joined.nearest,
        "score": joined.score,
        "reason": joined.reason,
        "made_at": now,
    }
    connection.execute(_LINK, row)
