"""What readers got, what waits to be sent, and who must not be written to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.base import id_field, json_field, reference


class Reader(SQLModel, table=True):
    """A recipient of one digest; `since` is when she began: a new reader starts now."""

    digest: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    since: datetime


class Issue(SQLModel, table=True):
    """One sending of a digest. The unique key is what keeps a second clock from sending it again."""

    __table_args__ = (UniqueConstraint("digest", "local_date", "scheduled_time"),)

    id: int | None = id_field()
    digest: str
    local_date: date
    scheduled_time: str  # "06:30"; an extra issue carries its instant instead
    kind: str = "scheduled"  # scheduled, catch-up, extra
    covers_from: datetime
    covers_to: datetime
    composed_at: datetime
    counts: dict[str, Any] = json_field()


class Ledger(SQLModel, table=True):
    """What became of an article for a reader: printed, folded, counted, or why she did not get it."""

    __table_args__ = (Index("ix_ledger_article_id", "article_id"),)

    address: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    article_id: int = reference("article.id", primary_key=True)
    issue_id: int = reference("issue.id", index=True)
    story_id: int | None = reference("story.id", nullable=True, default=None)
    state: str  # storage.ledger.LedgerState


class Outbox(SQLModel, table=True):
    """One message to one recipient, with its rendered bytes: written first, sent after."""

    __table_args__ = (Index("ix_outbox_status_next_try_at", "status", "next_try_at"),)

    id: int | None = id_field()
    key: str = Field(unique=True)  # what makes it one message: digest key and recipient
    kind: str = "digest"  # digest, alert, operator, test
    channel: str = "mail"
    recipient: str
    sender: str = ""
    subject: str = ""
    message_id: str = ""
    body: bytes
    issue_id: int | None = reference("issue.id", nullable=True, default=None)
    status: str = "pending"  # pending, sending, sent, failed, dropped
    attempts: int = 0
    created_at: datetime
    next_try_at: datetime
    lease_owner: str = ""  # a token per claim: who holds another one has lost the message
    lease_until: datetime | None = None
    handed_over_at: datetime | None = None  # of this claim: from then on the server could have taken it
    maybe_duplicate: bool = False
    error_kind: str = ""
    error: str = ""
    sent_at: datetime | None = None
    queue_id: str = ""


class Suppression(SQLModel, table=True):
    """An address that must not be written to; `digest` empty means none at all."""

    address: str = Field(primary_key=True)
    digest: str = Field(default="", primary_key=True)
    reason: str
    since: datetime


class Alert(SQLModel, table=True):
    """An alert that was raised, once per rule, story, update and recipient."""

    __table_args__ = (UniqueConstraint("rule", "story_id", "update", "recipient"),)

    id: int | None = id_field()
    rule: str = Field(index=True)
    story_id: int = reference("story.id", index=True)
    update: int = 0
    recipient: str
    raised_at: datetime
    outbox_id: int | None = reference("outbox.id", nullable=True, default=None)
    held_until: datetime | None = None  # quiet hours: goes into the summary


class Notice(SQLModel, table=True):
    """Something a reader or the operator should be told once: a feed moved, died, flooded."""

    id: int | None = id_field()
    kind: str
    feed_id: int | None = reference("feed.id", nullable=True, default=None)
    message: str
    raised_at: datetime = Field(index=True)
    ended_at: datetime | None = None


class Flag(SQLModel, table=True):
    """A named state of the service that outlives a restart, such as a paused mailer."""

    name: str = Field(primary_key=True)
    value: str = ""
    since: datetime
