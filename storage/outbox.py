"""The outbox: messages are written first, in the transaction of what they are about, and sent after.

A message is claimed by one conditional UPDATE with a lease and a token of its own; whoever marks it
must still hold that token. What is written here survives a power cut (synchronous=FULL).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, false, func, or_, select, true, update

from storage.engine import reading, writing
from storage.tables import Outbox
from storage.tables.core import ISSUE, OUTBOX, SUPPRESSION
from storage.upsert import insert

_columns = OUTBOX.c
_BOUNCE = "refused: "  # how the reason of a suppression begins that a mail server caused


class OutboxStatus(StrEnum):
    """Where a message is. `failed`: refused for good, or given up; `dropped`: nobody wants it sent."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to queue. `key` makes it one: a second message with the same key is not queued."""

    key: str
    recipient: str
    body: bytes
    kind: str = "digest"  # digest, alert, operator, test
    channel: str = "mail"
    sender: str = ""
    subject: str = ""
    message_id: str = ""
    issue_id: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send until `lease_until`. `attempts` counts this one too."""

    id: int
    token: str
    channel: str
    recipient: str
    sender: str
    body: bytes
    attempts: int
    created_at: datetime
    lease_until: datetime
    maybe_duplicate: bool


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message as `hotline status` and `hotline outbox list` show it."""

    id: int
    kind: str
    channel: str
    recipient: str
    subject: str
    status: OutboxStatus
    attempts: int
    created_at: datetime
    next_try_at: datetime
    maybe_duplicate: bool
    error_kind: str
    error: str
    sent_at: datetime | None
    queue_id: str


def enqueue(connection: Connection, message: NewMessage, *, now: datetime) -> int | None:
    """Queue `message` in the caller's transaction; return its id, or None when its key is queued already."""
    row = Outbox(
        key=message.key,
        kind=message.kind,
        channel=message.channel,
        recipient=message.recipient,
        sender=message.sender,
        subject=message.subject,
        message_id=message.message_id,
        body=message.body,
        issue_id=message.issue_id,
        created_at=now,
        next_try_at=now,
    ).model_dump(exclude={"id"})
    statement = insert(connection, OUTBOX).values(row).on_conflict_do_nothing(index_elements=["key"])
    return connection.execute(statement.returning(_columns.id)).scalar_one_or_none()


def claim(
    engine: Engine, *, now: datetime, lease: timedelta, owner: str, paused: frozenset[str] = frozenset()
) -> Claim | None:
    """Take the message that waits longest, or one whose sender died; None when none is due.

    A message whose last sender may have reached the server is flagged `maybe_duplicate`. Channels in
    `paused` are left alone. Raises StorageError.
    """
    due = and_(_is_due(now), _columns.channel.not_in(paused))
    chosen = select(_columns.id).where(due).order_by(_columns.next_try_at, _columns.id).limit(1)
    if engine.dialect.name == "postgresql":
        chosen = chosen.with_for_update(skip_locked=True)
    statement = (
        update(OUTBOX)
        .where(_columns.id == chosen.scalar_subquery(), due)
        .values(
            status=OutboxStatus.SENDING,
            attempts=_columns.attempts + 1,
            lease_owner=f"{owner}/{secrets.token_hex(6)}",
            lease_until=now + lease,
            maybe_duplicate=or_(_columns.maybe_duplicate, _columns.handed_over_at.is_not(None)),
            handed_over_at=None,
        )
        .returning(
            _columns.id,
            _columns.lease_owner.label("token"),
            _columns.channel,
            _columns.recipient,
            _columns.sender,
            _columns.body,
            _columns.attempts,
            _columns.created_at,
            _columns.lease_until,
            _columns.maybe_duplicate,
        )
    )
    with writing(engine, durable=True) as connection:
        row = connection.execute(statement).one_or_none()
    return None if row is None else Claim(**row._mapping)


def _is_due(now: datetime) -> ColumnElement[bool]:
    waits = and_(_columns.status == OutboxStatus.PENDING, _columns.next_try_at <= now)
    abandoned = and_(_columns.status == OutboxStatus.SENDING, _columns.lease_until <= now)
    return or_(waits, abandoned)


def hand_over(engine: Engine, claimed: Claim, *, now: datetime) -> bool:
    """Record, before the server could take it, that it could. False: the claim was lost, do not send.

    That this could be written is also the proof that the result can be.
    """
    return _change(engine, claimed, handed_over_at=now)


def mark_sent(engine: Engine, claimed: Claim, *, now: datetime, queue_id: str = "") -> bool:
    """Record that the server took it; False when the claim was lost meanwhile."""
    return _change(
        engine, claimed, status=OutboxStatus.SENT, sent_at=now, queue_id=queue_id, error="", error_kind=""
    )


def mark_retry(
    engine: Engine,
    claimed: Claim,
    *,
    next_try_at: datetime,
    error_kind: str,
    error: str,
    ambiguous: bool = False,
) -> bool:
    """Queue it again for `next_try_at`; `ambiguous` when this attempt may have been taken."""
    return _change(
        engine,
        claimed,
        status=OutboxStatus.PENDING,
        next_try_at=next_try_at,
        error_kind=error_kind,
        error=error,
        maybe_duplicate=or_(_columns.maybe_duplicate, true() if ambiguous else false()),
        handed_over_at=None,
    )


def mark_failed(
    engine: Engine,
    claimed: Claim,
    *,
    error_kind: str,
    error: str,
    dropped: bool = False,
    ambiguous: bool = False,
) -> bool:
    """Record that it will not be tried again; its bytes stay readable."""
    return _change(
        engine,
        claimed,
        status=OutboxStatus.DROPPED if dropped else OutboxStatus.FAILED,
        error_kind=error_kind,
        error=error,
        maybe_duplicate=or_(_columns.maybe_duplicate, true() if ambiguous else false()),
    )


def mark_refused(engine: Engine, claimed: Claim, *, error: str, bounced: str, now: datetime) -> bool:
    """Record that the server refused it for good; a `bounced` address is not written to again."""
    with writing(engine, durable=True) as connection:
        if not _change_in(
            connection, claimed, status=OutboxStatus.FAILED, error_kind="permanent", error=error
        ):
            return False
        if bounced:
            suppress(connection, bounced, reason=f"{_BOUNCE}{error}", now=now)
        return True


def release(engine: Engine, claimed: Claim, *, next_try_at: datetime, error: str = "") -> bool:
    """Give it back as if it had not been tried."""
    return _change(
        engine,
        claimed,
        status=OutboxStatus.PENDING,
        next_try_at=next_try_at,
        attempts=_columns.attempts - 1,
        error=error,
        handed_over_at=None,
    )


def _change(engine: Engine, claimed: Claim, **values: Any) -> bool:
    """Change the message if `claimed` still holds it: the fence against a sender that woke too late."""
    with writing(engine, durable=True) as connection:
        return _change_in(connection, claimed, **values)


def _change_in(connection: Connection, claimed: Claim, **values: Any) -> bool:
    held = and_(
        _columns.id == claimed.id,
        _columns.status == OutboxStatus.SENDING,
        _columns.lease_owner == claimed.token,
    )
    return connection.execute(update(OUTBOX).where(held).values(**values)).rowcount == 1


def flag_interrupted(engine: Engine, claimed: Claim) -> bool:
    """Leave it as sending, flagged: the service ends while the server's answer is still awaited."""
    return _change(engine, claimed, maybe_duplicate=true())


def is_suppressed(engine: Engine, claimed: Claim) -> bool:
    """Say whether the recipient must not be written to, at all or for the message's digest."""
    suppression, issue = SUPPRESSION.c, ISSUE.c
    digest = select(issue.digest).join(OUTBOX, _columns.issue_id == issue.id).where(_columns.id == claimed.id)
    matching = or_(suppression.digest == "", suppression.digest.in_(digest))
    found = select(suppression.address).where(suppression.address == claimed.recipient, matching).limit(1)
    with reading(engine) as connection:
        return connection.execute(found).first() is not None


def suppress(connection: Connection, address: str, *, reason: str, now: datetime, digest: str = "") -> None:
    """Write to `address` no more, in the caller's transaction; the first reason is kept."""
    row = {"address": address, "digest": digest, "reason": reason, "since": now}
    connection.execute(insert(connection, SUPPRESSION).values(row).on_conflict_do_nothing())


def read_messages(engine: Engine, ids: Sequence[int]) -> list[QueuedMessage]:
    """The messages with these ids, oldest first."""
    shown = [_columns[name] for name in QueuedMessage.__slots__]
    statement = select(*shown).where(_columns.id.in_(ids)).order_by(_columns.id)
    with reading(engine) as connection:
        rows = connection.execute(statement)
        return [QueuedMessage(**{**row._mapping, "status": OutboxStatus(row.status)}) for row in rows]


def list_messages(
    engine: Engine, *, everything: bool = False, since: datetime | None = None
) -> list[QueuedMessage]:
    """What waits, failed, or may be a repeat, oldest first; with `everything` also what was simply sent.

    Repeats queued before `since` are history: they are left out.
    """
    repeats = (
        _columns.maybe_duplicate
        if since is None
        else and_(_columns.maybe_duplicate, _columns.created_at >= since)
    )
    wanted = or_(_columns.status.in_(["pending", "sending", "failed"]), repeats)
    shown = [_columns[name] for name in QueuedMessage.__slots__]
    statement = select(*shown).order_by(_columns.created_at, _columns.id)
    with reading(engine) as connection:
        rows = connection.execute(statement if everything else statement.where(wanted))
        return [QueuedMessage(**{**row._mapping, "status": OutboxStatus(row.status)}) for row in rows]


def retry_messages(engine: Engine, ids: list[int], *, now: datetime) -> int:
    """Make messages that wait or failed due at once, with their five days anew; return how many.

    An address that bounced is written to again: whoever asks for it has mended it.
    """
    recipients = select(_columns.recipient).where(_columns.id.in_(ids))
    chosen = and_(_columns.id.in_(ids), _columns.status.in_(["pending", "failed", "dropped"]))
    values = {"status": "pending", "next_try_at": now, "created_at": now, "attempts": 0}
    bounced = and_(SUPPRESSION.c.reason.startswith(_BOUNCE), SUPPRESSION.c.address.in_(recipients))
    with writing(engine, durable=True) as connection:
        connection.execute(delete(SUPPRESSION).where(bounced))
        return connection.execute(update(OUTBOX).where(chosen).values(**values)).rowcount


def drop_messages(engine: Engine, ids: list[int]) -> int:
    """Do not send messages that wait or failed; return how many. They stay readable."""
    chosen = and_(_columns.id.in_(ids), _columns.status.in_(["pending", "failed"]))
    with writing(engine, durable=True) as connection:
        return connection.execute(update(OUTBOX).where(chosen).values(status="dropped")).rowcount


def empty_bodies(connection: Connection, *, before: datetime) -> int:
    """Forget the text of messages sent or dropped that were queued before then; return how many.

    The rows stay, so that nothing is queued a second time."""
    done = _columns.status.in_([OutboxStatus.SENT, OutboxStatus.DROPPED])
    old = and_(done, _columns.created_at < before, func.length(_columns.body) > 0)
    return connection.execute(update(OUTBOX).where(old).values(body=b"")).rowcount


def count_by_status(engine: Engine) -> dict[OutboxStatus, int]:
    """How many messages are in each status; statuses without any are left out."""
    statement = select(_columns.status, func.count()).group_by(_columns.status)
    with reading(engine) as connection:
        return {OutboxStatus(status): count for status, count in connection.execute(statement)}
