"""A query that cannot be read."""

from __future__ import annotations

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
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column
        self.expected = expected

    def __str__(self) -> str:
        wanted = f" Expected {_either(self.expected)}." if self.expected else ""
        return f"line {self.line}, column {self.column}: {self.message}{wanted} {self.hint}".strip()


def _either(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
