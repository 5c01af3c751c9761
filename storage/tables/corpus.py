"""How articles hang together: fingerprints of texts, stories, links and the user's corrections."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, SQLModel

from storage.tables.base import id_field, reference


class Fingerprint(SQLModel, table=True):
    """One fingerprint of one article's text: articles that share some are candidates for a copy.

    32 bits: at a million articles one look-up in ten meets a chance collision, which costs one
    comparison of texts; 64 bits would cost a quarter more room.
    """

    __table_args__ = {"sqlite_with_rowid": False}

    value: int = Field(primary_key=True, sa_type=Integer)  # signed
    article_id: int = reference("article.id", primary_key=True)


class Story(SQLModel, table=True):
    """Articles on one event. Its articles are those whose `story_id` it is; links tell why."""

    id: int | None = id_field()
    first_seen_at: datetime


class Link(SQLModel, table=True):
    """Why an article belongs to a story, or is a copy of another article. Never destructive: a
    correction adds a link by "user" and ends the old one.

    An article that founded its story has no link: nothing was decided.
    """

    id: int | None = id_field()
    article_id: int = reference("article.id", index=True)
    level: str  # storage.corpus.records.Level
    story_id: int | None = reference("story.id", nullable=True, default=None)
    original_id: int | None = reference("article.id", nullable=True, default=None)
    score: float = 0.0
    reason: str = ""  # one sentence
    by: str = "machine"
    made_at: datetime
    ended_at: datetime | None = None


class Correction(SQLModel, table=True):
    """A user's word: these two articles belong together ("merge") or not ("split"), for good."""

    article_id: int = reference("article.id", primary_key=True)
    other_id: int = reference("article.id", primary_key=True, index=True)
    kind: str
    made_at: datetime


class StoryTerm(SQLModel, table=True):
    """A term (storage.corpus.stories.term_key) of the last days: how many articles have it, and the ids
    of the newest of those it says most of. Term 0 counts the articles themselves.

    One row for each term and article would take four times the room, and be read one by one.
    """

    __tablename__ = "story_term"

    term: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})  # signed
    articles: int
    newest: bytes  # uint32, little-endian


class StoryProfile(SQLModel, table=True):
    """An article of the last days as the decision about stories reads it; older ones are dropped, which
    changes no decision that was made."""

    __tablename__ = "story_profile"

    article_id: int = reference("article.id", primary_key=True)
    at: int = Field(index=True, sa_type=BigInteger)  # seconds since 1970
    terms: bytes  # storage.corpus.story_index.TERM
    norm: float
    headline_weight: float
    beyond: float
