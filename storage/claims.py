"""What both due-queues, feeds and pages, have in common: who may be asked next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, func, or_, select

from storage import hosts
from storage.tables.core import HOST


def is_free(claimed_until: Column[Any], now: datetime) -> ColumnElement[bool]:
    """The condition that no claim is in force."""
    return or_(claimed_until.is_(None), claimed_until <= now)


def next_due(
    connection: Connection,
    *conditions: ColumnElement[bool],
    key: Column[Any],
    host: Column[Any],
    due: Column[Any],
    owner: str,
    now: datetime,
    until: datetime,
    limit: int,
    per_host: int,
) -> list[int]:
    """The keys of up to `limit` rows, longest due first, at most `per_host` of one host.

    Leases their hosts to `owner` until `until`; rows of hosts that another owner holds, or that want
    to be left alone, are left out.
    """
    place = func.row_number().over(partition_by=host, order_by=(due, key))
    ranked = (
        select(key.label("key"), host.label("host"), due.label("due"), place.label("place"))
        .outerjoin_from(key.table, HOST, HOST.c.key == host)
        .where(*conditions, hosts.is_open(owner, now))
        .subquery()
    )
    rows = connection.execute(
        select(ranked.c.key, ranked.c.host)
        .where(ranked.c.place <= per_host)
        .order_by(ranked.c.due, ranked.c.key)
        .limit(limit)
    ).all()
    leased = hosts.lease_hosts(connection, [row.host for row in rows], owner=owner, now=now, until=until)
    return [row.key for row in rows if row.host in leased]
