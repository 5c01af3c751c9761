"""What alerts were raised, for whom; those that are held back wait here for their summary."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from storage.outbox import NewMessage, enqueue
from storage.records import Decision
from storage.tables.core import ALERT, ARTICLE
from storage.upsert import insert


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert as it was raised; `held_until` while it waits for a summary."""

    id: int
    rule: str
    story_id: int
    update: int
    recipient: str
    raised_at: datetime
    held_until: datetime | None


def latest_decision(connection: Connection, *, topic: str) -> datetime | None:
    """When an article of `topic` was last matched: before that there is nothing new to alert to."""
    query = select(func.max(ARTICLE.c.decided_at)).where(
        ARTICLE.c.topic == topic, ARTICLE.c.decision == Decision.MATCHED
    )
    return connection.execute(query).scalar_one_or_none()


def count_matched(
    connection: Connection, *, topic: str, min_score: int, since: datetime, until: datetime
) -> int:
    """How many articles of `topic` were news after `since` and not after `until`; no backlog."""
    query = select(func.count()).where(
        ARTICLE.c.topic == topic,
        ARTICLE.c.decision == Decision.MATCHED,
        ARTICLE.c.score >= min_score,
        ARTICLE.c.first_seen_at > since,
        ARTICLE.c.first_seen_at <= until,
        ARTICLE.c.baseline.is_(False),
        ARTICLE.c.backfill.is_(False),
    )
    return connection.execute(query).scalar_one()


def raised_alerts(connection: Connection, *, rule: str, story_ids: Collection[int]) -> list[RaisedAlert]:
    """The alerts of `rule` on these stories, oldest first."""
    query = _raised().where(ALERT.c.rule == rule, ALERT.c.story_id.in_(story_ids))
    return [RaisedAlert(**row._mapping) for row in connection.execute(query)]


def alerted_since(connection: Connection, *, rule: str, since: datetime) -> dict[str, list[datetime]]:
    """When alerts of `rule` went out after `since`, by recipient; those held back do not count."""
    found: dict[str, list[datetime]] = {}
    query = _raised().where(ALERT.c.rule == rule, ALERT.c.raised_at > since, ALERT.c.held_until.is_(None))
    for row in connection.execute(query):
        found.setdefault(row.recipient, []).append(row.raised_at)
    return found


def raise_alert(
    connection: Connection,
    *,
    rule: str,
    story_id: int,
    update_number: int,
    recipient: str,
    message: NewMessage | None,
    held_until: datetime | None,
    now: datetime,
) -> bool:
    """Record an alert and queue its message, or hold it, in the caller's transaction.

    False: this rule, story, update and recipient had it already, and nothing was written.
    """
    row = {
        "rule": rule,
        "story_id": story_id,
        "update": update_number,
        "recipient": recipient,
        "raised_at": now,
        "held_until": held_until,
    }
    made = connection.execute(
        insert(connection, ALERT).values(row).on_conflict_do_nothing().returning(ALERT.c.id)
    ).scalar_one_or_none()
    if made is None:
        return False
    if message is not None:
        queued = enqueue(connection, message, now=now)
        connection.execute(update(ALERT).where(ALERT.c.id == made).values(outbox_id=queued))
    return True


def held_alerts(connection: Connection, *, rule: str) -> list[RaisedAlert]:
    """The alerts of `rule` that wait for a summary, oldest first."""
    query = _raised().where(ALERT.c.rule == rule, ALERT.c.held_until.is_not(None))
    return [RaisedAlert(**row._mapping) for row in connection.execute(query)]


def release_held(
    connection: Connection, alerts: Sequence[RaisedAlert], message: NewMessage | None, *, now: datetime
) -> bool:
    """Queue the summary of held alerts in the caller's transaction; False when one was told meanwhile.

    Without a message they are let go untold."""
    ids = [alert.id for alert in alerts]
    waiting = select(func.count()).where(ALERT.c.id.in_(ids), ALERT.c.held_until.is_not(None))
    if connection.execute(waiting).scalar_one() != len(ids):
        return False
    queued = None if message is None else enqueue(connection, message, now=now)
    connection.execute(update(ALERT).where(ALERT.c.id.in_(ids)).values(held_until=None, outbox_id=queued))
    return True


def _raised() -> Select[Any]:
    return select(*(ALERT.c[name] for name in RaisedAlert.__slots__)).order_by(ALERT.c.raised_at, ALERT.c.id)
