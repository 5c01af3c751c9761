"""Hosts: leases across processes, when a host may be asked again, its robots.txt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, or_, select, update

from storage.records import HostState
from storage.tables.core import HOST
from storage.upsert import insert

_STATE = tuple(field.name for field in fields(HostState))


def read_host(connection: Connection, key: str) -> HostState:
    """What is known of a host; an empty state when nothing is."""
    row = connection.execute(select(*(HOST.c[name] for name in _STATE)).where(HOST.c.key == key)).first()
    return HostState(**row._mapping) if row else HostState(key)


def is_open(owner: str, now: datetime) -> ColumnElement[bool]:
    """The condition that `owner` may ask a host now; a host without a row is open."""
    return or_(HOST.c.key.is_(None), and_(_is_free(owner, now), _may_be_asked(now)))


def _may_be_asked(now: datetime) -> ColumnElement[bool]:
    return or_(HOST.c.not_before.is_(None), HOST.c.not_before <= now)


def _is_free(owner: str, now: datetime) -> ColumnElement[bool]:
    return or_(HOST.c.lease_until.is_(None), HOST.c.lease_until <= now, HOST.c.lease_owner == owner)


def lease_hosts(
    connection: Connection, keys: Sequence[str], *, owner: str, now: datetime, until: datetime
) -> set[str]:
    """Take or extend the leases of `keys` that may be asked now; return those that `owner` holds."""
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    lease = {"lease_owner": owner, "lease_until": until}
    taken = insert(connection, HOST).on_conflict_do_update(
        index_elements=["key"], set_=lease, where=and_(_is_free(owner, now), _may_be_asked(now))
    )
    connection.execute(taken, [_new_host(key) | lease for key in wanted])
    mine = select(HOST.c.key).where(
        HOST.c.key.in_(wanted), HOST.c.lease_owner == owner, HOST.c.lease_until == until
    )
    return set(connection.execute(mine).scalars())


def release_hosts(connection: Connection, *, owner: str, free_at: Mapping[str, datetime]) -> None:
    """Let this owner's leases end at the given instants; the owner itself may go on before them."""
    ended = [{"of": key, "lease_until": instant} for key, instant in free_at.items()]
    if ended:
        theirs = and_(HOST.c.key == bindparam("of"), HOST.c.lease_owner == bindparam("by"))
        connection.execute(update(HOST).where(theirs), [row | {"by": owner} for row in ended])


def save_host(connection: Connection, host: HostState) -> None:
    """Write `not_before` (never moved back) and robots.txt; the lease stays as it is."""
    robots = {
        "robots_txt": host.robots_txt,
        "robots_status": host.robots_status,
        "robots_expires_at": host.robots_expires_at,
    }
    values = _new_host(host.key) | robots | {"not_before": host.not_before}
    wanted = insert(connection, HOST).values(values)
    asked = wanted.excluded.not_before
    later = case(
        (or_(HOST.c.not_before.is_(None), asked > HOST.c.not_before), asked), else_=HOST.c.not_before
    )
    connection.execute(
        wanted.on_conflict_do_update(index_elements=["key"], set_=robots | {"not_before": later})
    )


def _new_host(key: str) -> dict[str, object]:
    return {
        "key": key,
        "lease_owner": "",
        "crawl_delay": 0.0,
        "robots_txt": "",
        "robots_status": 0,
    }
