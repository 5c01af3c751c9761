"""WebSub subscriptions: which hubs were asked, what they confirmed, when they pushed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from storage.tables.core import FEED, SUBSCRIPTION
from storage.upsert import insert

_RENEW_BEFORE = timedelta(days=1)
_ASK_AGAIN_AFTER = timedelta(days=1)
_SILENT_AFTER = timedelta(days=3)  # without a push the feed is polled as if there were no hub
_ENDED_AFTER = timedelta(hours=1)  # a hub that does not ask back was not interested
_APART = timedelta(minutes=1)  # two polls of a feed, however often its hub rings


@dataclass(frozen=True, slots=True)
class HubOffer:
    """A feed that names a hub. `token` and `secret` are those of an earlier subscription to the same
    hub and topic, empty when there is none."""

    feed_id: int
    name: str
    hub: str
    topic: str
    token: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Callback:
    """What stands behind the token of a callback address; `ending`: we asked the hub to end it."""

    feed_id: int
    topic: str
    secret: str
    ending: bool = False


@dataclass(frozen=True, slots=True)
class Leftover:
    """A subscription that is in force, though its feed does not name this hub any more, or is not
    watched any more."""

    feed_id: int
    name: str
    hub: str
    topic: str
    token: str


def hubs_to_ask(connection: Connection, *, now: datetime, limit: int) -> list[HubOffer]:
    """Active feeds with a hub that is not asked yet, or confirmed for less than a day to come; none is
    asked more than once a day. Another hub is asked once the subscription to the old one has ended."""
    known = SUBSCRIPTION.c
    ending = or_(known.confirmed_until.is_(None), known.confirmed_until < now + _RENEW_BEFORE)
    again = and_(_still_named(), ending, known.asked_at < now - _ASK_AGAIN_AFTER)
    due = or_(known.feed_id.is_(None), again)
    rows = connection.execute(
        select(FEED.c.id, FEED.c.name, FEED.c.hub_url, FEED.c.self_url, SUBSCRIPTION)
        .outerjoin(SUBSCRIPTION, known.feed_id == FEED.c.id)
        .where(FEED.c.active, FEED.c.paused_at.is_(None), FEED.c.hub_url != "", FEED.c.self_url != "", due)
        .order_by(FEED.c.id)
        .limit(limit)
    )
    return [
        HubOffer(row.id, row.name, row.hub_url, row.self_url, row.token or "", row.secret or "")
        for row in rows
    ]


def _still_named() -> ColumnElement[bool]:
    named = and_(SUBSCRIPTION.c.hub == FEED.c.hub_url, SUBSCRIPTION.c.topic == FEED.c.self_url)
    return and_(named, FEED.c.active, SUBSCRIPTION.c.ending_at.is_(None))


def leftovers(connection: Connection, *, now: datetime, limit: int) -> list[Leftover]:
    """The subscriptions whose hub is to be asked to end them; forgets those that are over anyway."""
    known = SUBSCRIPTION.c
    over = or_(
        known.confirmed_until.is_(None), known.confirmed_until <= now, known.ending_at <= now - _ENDED_AFTER
    )
    unnamed = select(known.feed_id).join(FEED, FEED.c.id == known.feed_id).where(~_still_named())
    connection.execute(delete(SUBSCRIPTION).where(known.feed_id.in_(unnamed), over))
    rows = connection.execute(
        select(FEED.c.id, FEED.c.name, known.hub, known.topic, known.token)
        .join(FEED, FEED.c.id == known.feed_id)
        .where(~_still_named(), known.ending_at.is_(None))
        .order_by(FEED.c.id)
        .limit(limit)
    )
    return [Leftover(*row) for row in rows]


def ending(connection: Connection, feed_id: int, *, now: datetime) -> None:
    """The hub is being asked to end the subscription."""
    _update(connection, feed_id, ending_at=now)


def ended(connection: Connection, feed_id: int) -> None:
    """The hub ended the subscription; one at another hub may follow."""
    connection.execute(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.feed_id == feed_id))


def asked(connection: Connection, offer: HubOffer, *, now: datetime, error: str = "") -> None:
    """Remember a request to a hub before it is sent, or what came of it."""
    values = {
        "token": offer.token,
        "hub": offer.hub,
        "topic": offer.topic,
        "secret": offer.secret,
        "asked_at": now,
        "ending_at": None,
        "error": error,
    }
    connection.execute(
        insert(connection, SUBSCRIPTION)
        .values(feed_id=offer.feed_id, **values)
        .on_conflict_do_update(index_elements=["feed_id"], set_=values)
    )


def find_callback(connection: Connection, token: str) -> Callback | None:
    """What a hub calls, None for an address that was never given out."""
    row = connection.execute(
        select(
            SUBSCRIPTION.c.feed_id,
            SUBSCRIPTION.c.topic,
            SUBSCRIPTION.c.secret,
            SUBSCRIPTION.c.ending_at.is_not(None),
        ).where(SUBSCRIPTION.c.token == token)
    ).first()
    return Callback(*row) if row else None


def confirm(connection: Connection, feed_id: int, *, until: datetime) -> None:
    """The hub confirmed and will push until then."""
    _update(connection, feed_id, confirmed_until=until, error="")


def deny(connection: Connection, feed_id: int, reason: str) -> None:
    """The hub refused, or ended the subscription."""
    _update(connection, feed_id, confirmed_until=None, error=reason)


def pushed(connection: Connection, feed_id: int, *, now: datetime) -> None:
    """The hub says that the feed changed."""
    _update(connection, feed_id, pushed_at=now)


def _update(connection: Connection, feed_id: int, **values: object) -> None:
    connection.execute(update(SUBSCRIPTION).where(SUBSCRIPTION.c.feed_id == feed_id).values(**values))


def wake_pushed(connection: Connection, *, now: datetime) -> int:
    """Make the feeds due that were pushed after their last poll; return how many.

    The doorbell rings until it is answered: a push that comes during a poll is not lost.
    """
    unanswered = or_(
        FEED.c.last_polled_at.is_(None),
        and_(FEED.c.last_polled_at < SUBSCRIPTION.c.pushed_at, FEED.c.last_polled_at <= now - _APART),
    )
    ringing = (
        select(SUBSCRIPTION.c.feed_id)
        .join(FEED, FEED.c.id == SUBSCRIPTION.c.feed_id)
        .where(SUBSCRIPTION.c.pushed_at.is_not(None), unanswered, FEED.c.failures == 0)
    )
    woken = update(FEED).where(FEED.c.id.in_(ringing), FEED.c.next_check_at > now).values(next_check_at=now)
    return connection.execute(woken).rowcount


def is_pushing(now: datetime) -> ColumnElement[bool]:
    """The condition that a feed's hub is confirmed and does push."""
    return and_(SUBSCRIPTION.c.confirmed_until > now, SUBSCRIPTION.c.pushed_at > now - _SILENT_AFTER)


def pushing_feeds(connection: Connection, feed_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Those of the feeds whose hub tells of changes, so that polling may be slow."""
    query = (
        select(SUBSCRIPTION.c.feed_id)
        .join(FEED, FEED.c.id == SUBSCRIPTION.c.feed_id)
        .where(SUBSCRIPTION.c.feed_id.in_(feed_ids), is_pushing(now), _still_named())
    )
    return set(connection.execute(query).scalars())
