"""A query that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from language.errors import HotlineError


class QueryError(HotlineError):
    """Where the query went wrong and what was expected there.

    `line` and `column` count from 1 inside the query; the configuration adds file and line.
    """

    code: ClassVar[str] = "query"

    def __init__(
        self, message: str, *, line: int = 1, column: int = 1, expected: tuple[str, ...] = (), hint: str = ""
    ) -> None:
        wanted = f" Expected {_either(expected)}." if expected else ""
        super().__init__(f"line {line}, column {column}: {message}{wanted}", hint=hint)
        self.line = line
        self.column = column
        self.expected = expected

    @property
    def details(self) -> Mapping[str, object]:
        """The place within the query, and what could have stood there."""
        return {"line": self.line, "column": self.column, "expected": self.expected}


def _either(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
