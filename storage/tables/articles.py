"""Articles, where they were seen, how they changed, and the pages still to be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.tables.base import id_field, json_field, reference, shard_field


class Article(SQLModel, table=True):
    """One canonical URL. Identities are never deleted; `retention:` empties texts only."""

    __table_args__ = (Index("ix_article_decision_decided_at", "decision", "decided_at"),)

    id: int | None = id_field()
    identity: str = Field(unique=True)  # canonical URL, or what stands for it (storage.identity)
    url: str  # as first seen: what readers are sent to
    feed_id: int = reference("feed.id", index=True)  # the feed it was first seen in
    title: str = ""
    summary: str = ""
    author: str = ""
    language: str = ""
    published_at: datetime | None = None
    first_seen_at: datetime = Field(index=True)
    text_source: str = "none"  # storage.records.TextSource
    baseline: bool = False  # came with the feed's first poll
    backfill: bool = False  # old when first seen: stored, told in one line

    decision: str = "undecided"  # storage.records.Decision
    decided_at: datetime | None = None
    topic: str = ""
    score: int = 0
    subtopics: list[str] = json_field(list)
    hits: list[dict[str, Any]] = json_field(list)  # topics.document.Hit as objects
    reason: str = ""

    story_id: int | None = reference("story.id", nullable=True, default=None, index=True)  # matched ones only


class Alias(SQLModel, table=True):
    """Another canonical URL of an article: where its page redirected to, or what it calls itself."""

    identity: str = Field(primary_key=True)
    article_id: int = reference("article.id", index=True)


class ArticleText(SQLModel, table=True):
    """The text of an article, apart so that lists stay small and retention is one DELETE."""

    __tablename__ = "article_text"

    article_id: int = reference("article.id", primary_key=True)
    text: str


class Version(SQLModel, table=True):
    """An earlier state of an article, kept when its headline or text changed."""

    id: int | None = id_field()
    article_id: int = reference("article.id", index=True)
    replaced_at: datetime
    title: str
    summary: str


class Sighting(SQLModel, table=True):
    """An article seen in a feed."""

    __table_args__ = (Index("ix_sighting_feed_id_guid", "feed_id", "guid"),)

    article_id: int = reference("article.id", primary_key=True)
    feed_id: int = reference("feed.id", primary_key=True)
    guid: str = ""
    url: str = ""
    seen_at: datetime


class Page(SQLModel, table=True):
    """A page that is wanted: the second due-queue. The row goes when the page was read or given up."""

    article_id: int = reference("article.id", primary_key=True)
    host: str = Field(index=True)
    shard: int = shard_field()
    reason: str  # "undecided" or "short"
    wanted_at: datetime
    next_fetch_at: datetime = Field(index=True)
    attempts: int = 0
    error_kind: str = ""
    error: str = ""
    claimed_by: str = ""
    claimed_until: datetime | None = None


class Judgement(SQLModel, table=True):
    """A reader's word on a match: right or wrong. The last word of one reader counts."""

    article_id: int = reference("article.id", primary_key=True)
    judge: str = Field(default="", primary_key=True)  # an address, or empty for the command line
    right: bool
    judged_at: datetime
