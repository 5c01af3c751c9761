"""SQL of the corpus, in words of both databases, handed to the driver itself.

An article needs a dozen small statements, and SQLAlchemy spends more on each than the database does
(40 µs against 5–30). So these go past it; its transactions, its errors and its pool stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_PARAMETER = re.compile(r":(\w+)")
_INTEGERS = {
    "sqlite": "SELECT value FROM json_each(:values)",
    "postgresql": "SELECT unnest(CAST(:values AS bigint[])) AS value",
}
_BRACKETS = {"sqlite": "[{}]", "postgresql": "{{{}}}"}

Row = tuple[Any, ...]


class Statement:
    """A statement with `:name` for its parameters, which are integers, floats, texts, bytes and
    times (see `stored_time`).

    `{values}` stands for a subquery of integers (column `value`), given as one parameter: so the
    statement is prepared once, however many there are.
    """

    def __init__(self, sql: str) -> None:
        by_dialect = {dialect: sql.replace("{values}", integers) for dialect, integers in _INTEGERS.items()}
        by_dialect["postgresql"] = _PARAMETER.sub(r"%(\1)s", by_dialect["postgresql"])
        self._by_dialect = by_dialect

    def rows(
        self, connection: Connection, values: Iterable[int] | None = None, **parameters: Any
    ) -> list[Row]:
        """What the statement finds."""
        try:
            found: list[Row] = self._cursor(connection, values, parameters).fetchall()
        except _failures(connection) as error:
            raise _translated(connection, error) from error
        return found

    def run(self, connection: Connection, values: Iterable[int] | None = None, **parameters: Any) -> None:
        """Run a statement that finds nothing."""
        try:
            self._cursor(connection, values, parameters)
        except _failures(connection) as error:
            raise _translated(connection, error) from error

    def run_for_each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of `rows`."""
        try:
            _driver(connection).cursor().executemany(self._by_dialect[connection.dialect.name], rows)
        except _failures(connection) as error:
            raise _translated(connection, error) from error

    def _cursor(
        self, connection: Connection, values: Iterable[int] | None, parameters: dict[str, Any]
    ) -> Any:
        dialect = connection.dialect.name
        if values is not None:
            parameters["values"] = _BRACKETS[dialect].format(",".join(map(str, values)))
        return _driver(connection).execute(self._by_dialect[dialect], parameters)


def stored_time(connection: Connection, at: datetime) -> datetime | str:
    """A time as a parameter: SQLite has none, there SQLAlchemy keeps them as text."""
    if connection.dialect.name == "sqlite":
        return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return at


def read_time(found: datetime | str) -> datetime:
    """A time as a result."""
    if isinstance(found, str):
        return datetime.fromisoformat(found).replace(tzinfo=UTC)
    return found.astimezone(UTC)


def _driver(connection: Connection) -> Any:
    """The driver's connection, in the transaction that SQLAlchemy would have begun."""
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.driver_connection


def _failures(connection: Connection) -> Any:
    return connection.dialect.loaded_dbapi.Error


def _translated(connection: Connection, error: Any) -> BaseException:
    """The driver's error as SQLAlchemy raises it, a lost connection given up as SQLAlchemy does."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.driver_connection, None)
    if lost:
        connection.invalidate(error)
    told: BaseException = DBAPIError.instance(
        None,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
    return told
