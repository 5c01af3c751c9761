"""How articles hang together: near-duplicate bands, stories, links and the user's corrections."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from storage.tables.base import id_field, json_field, reference


class Band(SQLModel, table=True):
    """One MinHash band of one article: equal bands make candidates for a copy."""

    __table_args__ = {"sqlite_with_rowid": False}

    band: int = Field(primary_key=True, sa_type=BigInteger)  # 64-bit hash, signed
    article_id: int = reference("article.id", primary_key=True)


class Story(SQLModel, table=True):
    """Articles on one event. What belongs to it is told by links."""

    id: int | None = id_field()
    first_seen_at: datetime
    last_seen_at: datetime = Field(index=True)


class Link(SQLModel, table=True):
    """Why an article belongs to a story, or is a copy of another article. Never destructive: a
    correction adds a link by "user" and ends the old one."""

    __table_args__ = (
        Index("ix_link_article_id", "article_id"),
        Index("ix_link_story_id", "story_id"),
    )

    id: int | None = id_field()
    article_id: int = reference("article.id")
    level: str  # "copy" or "story"
    story_id: int = reference("story.id")
    original_id: int | None = reference("article.id", nullable=True, default=None)
    score: float = 0.0
    reason: dict[str, Any] = json_field()
    by: str = "machine"
    made_at: datetime
    ended_at: datetime | None = None


class Correction(SQLModel, table=True):
    """A user's word: these two articles belong together ("merge") or not ("split"), for good."""

    article_id: int = reference("article.id", primary_key=True)
    other_id: int = reference("article.id", primary_key=True)
    kind: str
    made_at: datetime
