"""Every article gets its place in the corpus, inside the transaction that stores it.

All articles are known by their fingerprints, matched or not, so that a copy is told from its original
whatever the topic said of either. Only matched articles belong to stories: what no reader gets needs
no folding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, select, text, update

from storage.corpus.copies import copy_of
from storage.corpus.fingerprints import candidates, remember
from storage.corpus.records import CorrectionKind, Filed, Level, Placement
from storage.corpus.signature import Signature, sign
from storage.records import Decision
from storage.tables import metadata

STORY_WINDOW = timedelta(days=7)
ARTICLE = metadata.tables["article"]
ARTICLE_TEXT = metadata.tables["article_text"]
CORRECTION = metadata.tables["correction"]
LINK = metadata.tables["link"]
STORY = metadata.tables["story"]
_LOCK = text("SELECT pg_advisory_xact_lock(7233001)")  # a number of our own: "one process places"


def place(connection: Connection, article_ids: Sequence[int], *, now: datetime) -> list[Placement]:
    """Find copies and stories for stored articles, in the order given, and write down why.

    Call it when an article is stored, when its text arrives, and when it becomes matched; what was
    decided before stays decided. Nothing is deleted. The caller commits.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)  # two processes that store two copies at once would not see each other
    known = {article.id: article for article in read(connection, article_ids)}
    return [_place(connection, known[id_], now) for id_ in dict.fromkeys(article_ids) if id_ in known]


def read(connection: Connection, article_ids: Sequence[int]) -> Iterator[Filed]:
    """The articles as the corpus sees them, in the order of their ids."""
    columns = ("id", "title", "summary", "language", "published_at", "first_seen_at", "decision", "story_id")
    query = (
        select(*(ARTICLE.c[name] for name in columns), ARTICLE_TEXT.c.text)
        .outerjoin_from(ARTICLE, ARTICLE_TEXT, ARTICLE_TEXT.c.article_id == ARTICLE.c.id)
        .where(ARTICLE.c.id.in_(article_ids))
        .order_by(ARTICLE.c.id)
    )
    for row in connection.execute(query):
        yield Filed(
            id=row.id,
            title=row.title,
            summary=row.summary,
            text=row.text or "",
            language=row.language,
            at=row.published_at or row.first_seen_at,
            matched=row.decision == Decision.MATCHED,
            story_id=row.story_id,
        )


def _place(connection: Connection, article: Filed, now: datetime) -> Placement:
    signature = sign(article.title, article.summary, article.text)
    found = candidates(connection, article.id, signature)
    original = _copied(connection, article, signature, found.article_ids, now)
    remember(connection, article.id, found.fresh)
    if not article.matched or article.story_id is not None:
        return Placement(article.id, article.story_id, original)
    joined = _story_to_join(connection, article, original, now)
    story_id = joined or _found_story(connection, now)
    connection.execute(update(ARTICLE).where(ARTICLE.c.id == article.id).values(story_id=story_id))
    return Placement(article.id, story_id, original, founded=joined is None)


def _copied(
    connection: Connection, article: Filed, signature: Signature, likely: Sequence[int], now: datetime
) -> int | None:
    """The original that the article copies, by an earlier decision or a new one."""
    earlier = original_of(connection, article.id)
    if earlier is not None or not likely:
        return earlier
    apart = _split_from(connection, article.id)
    found = copy_of(signature, _signed(connection, [id_ for id_ in likely if id_ not in apart]))
    if found is None:
        return None
    original = original_of(connection, found.of) or found.of
    if original in apart or original == article.id:
        return None
    link = {"level": Level.COPY, "original_id": original, "score": found.score, "reason": found.reason}
    connection.execute(insert(LINK).values(article_id=article.id, made_at=now, **link))
    return original


def _signed(connection: Connection, article_ids: Sequence[int]) -> Iterator[tuple[int, Signature]]:
    for id_ in article_ids:
        for known in read(connection, [id_]):
            yield id_, sign(known.title, known.summary, known.text)


def original_of(connection: Connection, article_id: int) -> int | None:
    """The article that `article_id` is a copy of, None when its text is its own."""
    query = select(LINK.c.original_id).where(
        LINK.c.article_id == article_id, LINK.c.level == Level.COPY, LINK.c.ended_at.is_(None)
    )
    found = connection.execute(query).first()
    return None if found is None else int(found.original_id)


def _split_from(connection: Connection, article_id: int) -> set[int]:
    """The articles that a user told apart from this one."""
    mine, other = CORRECTION.c.article_id, CORRECTION.c.other_id
    query = select(mine, other).where(
        CORRECTION.c.kind == CorrectionKind.SPLIT, or_(mine == article_id, other == article_id)
    )
    return {id_ for row in connection.execute(query) for id_ in row if id_ != article_id}


def _story_to_join(connection: Connection, article: Filed, original: int | None, now: datetime) -> int | None:
    """The story that the article belongs to: that of its original, if that was news this week."""
    if original is None:
        return None
    first = next(read(connection, [original]))
    if first.story_id is None or abs(article.at - first.at) > STORY_WINDOW:
        return None
    reason = "a copy of an article of this story"
    link = {"level": Level.STORY, "original_id": original, "score": 1.0, "reason": reason}
    connection.execute(
        insert(LINK).values(article_id=article.id, story_id=first.story_id, made_at=now, **link)
    )
    return first.story_id


def _found_story(connection: Connection, now: datetime) -> int:
    return int(connection.execute(insert(STORY).values(first_seen_at=now).returning(STORY.c.id)).scalar_one())
