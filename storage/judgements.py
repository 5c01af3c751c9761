"""What readers said of matches: right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from storage.tables.core import ARTICLE, JUDGEMENT
from storage.upsert import insert


@dataclass(frozen=True, slots=True)
class JudgedArticle:
    """An article and one reader's word on it. `hits` are topics.document.Hit as objects."""

    id: int
    title: str
    score: int
    subtopics: Sequence[str]
    hits: Sequence[dict[str, Any]]
    matched: bool
    right: bool
    judge: str


def save_judgement(
    connection: Connection, article_id: int, *, right: bool, now: datetime, judge: str = ""
) -> None:
    """Record a word on an article that exists; the last one of each judge counts."""
    values = {"right": right, "judged_at": now}
    statement = insert(connection, JUDGEMENT).values(article_id=article_id, judge=judge, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["article_id", "judge"], set_=values))


def read_judgements(connection: Connection) -> list[JudgedArticle]:
    """Every judgement with its article, oldest first."""
    statement = (
        select(
            ARTICLE.c.id,
            ARTICLE.c.title,
            ARTICLE.c.score,
            ARTICLE.c.subtopics,
            ARTICLE.c.hits,
            (ARTICLE.c.decision == "matched").label("matched"),
            JUDGEMENT.c.right,
            JUDGEMENT.c.judge,
        )
        .join(JUDGEMENT, JUDGEMENT.c.article_id == ARTICLE.c.id)
        .order_by(JUDGEMENT.c.judged_at, ARTICLE.c.id)
    )
    return [JudgedArticle(**row._mapping) for row in connection.execute(statement)]
