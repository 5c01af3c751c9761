"""What all tables share: column types, the naming of constraints, JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

# Names for all constraints, so that a migration can alter them on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite gives its fast rowid to INTEGER only; PostgreSQL needs 64 bits said aloud.
IdType = BigInteger().with_variant(Integer(), "sqlite")
JsonType = JSON().with_variant(JSONB(), "postgresql")


def id_field() -> Any:
    """A primary key that the database counts."""
    return Field(default=None, primary_key=True, sa_type=IdType)


def reference(
    target: str, *, index: bool = False, primary_key: bool = False, nullable: bool = False, default: Any = ...
) -> Any:
    """A foreign key to `target` ("table.column")."""
    return Field(
        default=default,
        sa_type=IdType,
        foreign_key=target,
        index=index,
        primary_key=primary_key,
        nullable=nullable,
    )


def shard_field() -> Any:
    """The shard of a row's host: storage.shards.shard_of."""
    return Field(default=0, sa_column_kwargs={"server_default": "0"})


def json_field(factory: Any = dict) -> Any:
    """A JSON column; change it by assigning a new value, in-place changes are not saved."""
    return Field(default_factory=factory, sa_type=JsonType)
