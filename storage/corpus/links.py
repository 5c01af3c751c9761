"""Writing down what was decided, and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from storage.corpus.records import Level
from storage.corpus.statements import Statement, stored_time

_WRITE = Statement(
    "INSERT INTO link (article_id, level, story_id, original_id, score, reason, by, made_at)"
    " VALUES (:article_id, :level, :story_id, :original_id, :score, :reason, 'machine', :made_at)"
)
_END_COPY = Statement(
    "UPDATE link SET ended_at = :now WHERE article_id = :article_id AND level = :level AND ended_at IS NULL"
)


def write_link(
    connection: Connection,
    article_id: int,
    level: Level,
    *,
    original: int,
    score: float,
    reason: str,
    now: datetime,
    story: int | None = None,
) -> None:
    """The article copies `original`, or belongs to `story`, where that is the nearest."""
    _WRITE.run(
        connection,
        article_id=article_id,
        level=level.value,
        story_id=story,
        original_id=original,
        score=round(score, 4),
        reason=reason,
        made_at=stored_time(connection, now),
    )


def end_copy_link(connection: Connection, article_id: int, *, now: datetime) -> None:
    """The article is no copy of what it was said to copy; the link stays, as undone."""
    _END_COPY.run(connection, article_id=article_id, level=Level.COPY.value, now=stored_time(connection, now))
