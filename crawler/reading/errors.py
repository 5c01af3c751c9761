"""Why bytes that did arrive could not be read."""

from __future__ import annotations

from typing import Any, ClassVar

from language.errors import HotlineError
from storage.records import ErrorKind


class ReadError(HotlineError):
    """A body is not a feed, empty, cut off, unreadable, or its reading had to be stopped (`kind`)."""

    code: ClassVar[str] = "read"

    def __init__(self, kind: ErrorKind, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind

    def __reduce__(self) -> tuple[Any, ...]:
        """It crosses from the worker processes; an exception pickles only its positional arguments."""
        return _revive, (self.kind, self.message, self.hint)


def _revive(kind: ErrorKind, message: str, hint: str) -> ReadError:
    return ReadError(kind, message, hint=hint)
