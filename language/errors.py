"""The error family. Every failure a user can cause or mend is a HotlineError.

    HotlineError
    ├── ConfigError      configuration file or value (exit code 78)
    ├── QueryError       a query that cannot be read: line, column, what was expected
    ├── StorageError     database unreachable, locked, full
    ├── FetchError       a feed or page that could not be fetched (crawler)
    ├── DeliveryError    a mail or message that could not be handed over (digest)
    └── AlreadyRunning   another service holds the database (exit code 75)

It lives on the ground floor because every room raises from it. The rooms define their own
subclasses beside the code that raises them; a bug is never wrapped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class HotlineError(Exception):
    """One sentence for the user (`message`), what to do about it (`hint`), a stable `code`."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def details(self) -> Mapping[str, object]:
        """What a script may want to know beside the sentence: ids, places, what was expected."""
        return {}

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()
