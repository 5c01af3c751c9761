"""Level 4 over the tables: find the story that an article tells, and write down why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.corpus.links import write_link
from storage.corpus.reading import story_and_time_of
from storage.corpus.records import Filed, Level
from storage.corpus.statements import Statement, stored_time
from storage.corpus.stories import StoryDecision, decide, profile_of, term_key
from storage.corpus.story_index import WINDOW, forget, neighbourhood, prune, remember, window_of
from storage.corpus.terms import spelled, terms_of
from storage.tables.core import ARTICLE

_BEGIN = Statement("INSERT INTO story (first_seen_at) VALUES (:now) RETURNING id")
_OPEN = Statement(
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM article WHERE story_id = :story AND id <> :article)"
    " AND NOT EXISTS (SELECT 1 FROM link WHERE article_id = :article AND level = :level AND ended_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM ledger WHERE article_id = :article)"
    " AND NOT EXISTS (SELECT 1 FROM alert WHERE story_id = :story)"
)
_MOVE = Statement("UPDATE article SET story_id = :story WHERE id = :article")


@dataclass(frozen=True, slots=True)
class _Joined:
    story_id: int
    nearest: int
    score: float
    reason: str


def link_story(
    connection: Connection, article: Filed, *, same: int | None, apart: frozenset[int], now: datetime
) -> tuple[int, bool]:
    """The story of the article, and whether it began with it. It never joins a story that holds an
    article `apart` from it. `same` has the same text.

    An article with a story keeps it; but one that is alone in it, and of which nobody was told, joins
    another when its text tells more than its headline did.
    """
    settled = article.story_id is not None and not _is_open(connection, article)
    if article.story_id is not None:
        forget(connection, article.id)
    told = terms_of(*_parts(article))
    terms = {term_key(name): term for name, term in told.items()}
    window = window_of(connection, terms)
    profile = profile_of(article.id, article.at if article.dated else None, terms, window.common)
    closed = _stories_of(connection, apart)
    joined = None if settled else _of_same_text(connection, article, same, closed)
    if joined is None and not settled and now - article.at <= WINDOW:
        near = neighbourhood(connection, profile, window)
        open_ = [known for known in near.profiles if known.story_id not in closed]
        found = decide(profile, open_, near.sizes)
        names = {term_key(name): name for name in told}
        joined = _told(found, names, article) if found else None
    story_id = joined.story_id if joined else article.story_id or _begin(connection, now)
    _MOVE.run(connection, article=article.id, story=story_id)
    if joined is not None:
        write_link(
            connection,
            article.id,
            Level.STORY,
            story=story_id,
            original=joined.nearest,
            score=joined.score,
            reason=joined.reason,
            now=now,
        )
    if now - article.at <= WINDOW:
        remember(connection, profile, window, at=article.at)
    return story_id, joined is None and article.story_id is None


def _is_open(connection: Connection, article: Filed) -> bool:
    """Whether the article is alone in its story by nobody's word, and no reader knows it."""
    level = Level.STORY.value
    return bool(_OPEN.rows(connection, story=article.story_id, article=article.id, level=level))


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


def _of_same_text(
    connection: Connection, article: Filed, same: int | None, closed: set[int]
) -> _Joined | None:
    """The story of an article with this text, if that was news in the same week."""
    if same is None:
        return None
    story_id, at = story_and_time_of(connection, same)
    if story_id is None or story_id in closed or abs(article.at - at) > WINDOW:
        return None
    return _Joined(story_id, same, 1.0, "the same text as an article of this story")


def _told(found: StoryDecision, names: dict[int, str], article: Filed) -> _Joined:
    text = " ".join(_parts(article))
    shared = ", ".join(spelled(names[term], text) for term in found.shared)
    return _Joined(found.story_id, found.nearest, found.score, f"shares {shared}")


def _begin(connection: Connection, now: datetime) -> int:
    return int(_BEGIN.rows(connection, now=stored_time(connection, now))[0][0])
