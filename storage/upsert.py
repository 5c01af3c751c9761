"""INSERT … ON CONFLICT for both databases; SQLAlchemy has one construct for each dialect."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> Any:
    """An insert into `table` that has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Any:
    """The same for a statement that is made once and kept."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
