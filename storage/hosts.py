"""Hosts: leases across processes, when a host may be asked again, its robots.txt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_, bindparam, case, or_, select, update

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
    """Write robots.txt, and `not_before` and `pages_from`, which are never moved back; the lease stays."""
    robots = {
        "robots_txt": host.robots_txt,
        "robots_status": host.robots_status,
        "robots_expires_at": host.robots_expires_at,
    }
    values = _new_host(host.key) | robots
    values |= {"not_before": host.not_before, "crawl_delay": host.crawl_delay, "pages_from": host.pages_from}
    wanted = insert(connection, HOST).values(values)
    delay = wanted.excluded.crawl_delay
    kept = {
        "not_before": _later(HOST.c.not_before, wanted.excluded.not_before),
        "pages_from": _later(HOST.c.pages_from, wanted.excluded.pages_from),
        "crawl_delay": case((delay > 0, delay), else_=HOST.c.crawl_delay),
    }
    connection.execute(wanted.on_conflict_do_update(index_elements=["key"], set_=robots | kept))


def _later(known: Column[Any], asked: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(known.is_(None), asked > known), asked), else_=known)


def gives_pages(now: datetime) -> ColumnElement[bool]:
    """The condition that no Crawl-delay keeps a host's pages back; a host without a row gives them."""
    return or_(HOST.c.pages_from.is_(None), HOST.c.pages_from <= now)


def _new_host(key: str) -> dict[str, object]:
    return {
        "key": key,
        "lease_owner": "",
        "crawl_delay": 0.0,
        "robots_txt": "",
        "robots_status": 0,
    }
