"""Many integers as one parameter: a statement is prepared once, however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Executable, text
from sqlalchemy.types import TypeEngine

_ROWS = {
    "sqlite": "SELECT value FROM json_each(:values)",
    "postgresql": "SELECT unnest(CAST(:values AS bigint[])) AS value",
}
_BRACKETS = {"sqlite": "[{}]", "postgresql": "{{{}}}"}


class IntegerStatement:
    """SQL in which `{values}` stands for a subquery of integers (column `value`), for both databases.

    `types` are those of result columns that the driver alone would not read, such as times.
    """

    def __init__(self, sql: str, **types: TypeEngine[Any]) -> None:
        made = {dialect: text(sql.replace("{values}", rows)) for dialect, rows in _ROWS.items()}
        self._by_dialect: dict[str, Executable] = {
            dialect: statement.columns(**types) if types else statement for dialect, statement in made.items()
        }

    def on(self, connection: Connection) -> Executable:
        """The statement for the database of `connection`."""
        return self._by_dialect[connection.dialect.name]


def packed(connection: Connection, values: Iterable[int]) -> str:
    """The parameter for `:values`."""
    return _BRACKETS[connection.dialect.name].format(",".join(map(str, values)))
