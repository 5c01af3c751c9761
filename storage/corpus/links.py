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
