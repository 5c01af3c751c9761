"""Database failures that a user can mend, told in her words; bugs pass through untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from language.errors import HotlineError


class StorageError(HotlineError):
    """The database could not do what it was asked."""

    code: ClassVar[str] = "storage"


class DatabaseLocked(StorageError):
    """Another writer held the database for longer than we wait."""

    code: ClassVar[str] = "database-locked"


class DiskFull(StorageError):
    """No room is left for the database."""

    code: ClassVar[str] = "disk-full"


class DatabaseUnreachable(StorageError):
    """The server does not answer, refuses the login, or the file cannot be opened."""

    code: ClassVar[str] = "database-unreachable"


_KINDS: tuple[tuple[str, type[StorageError], str], ...] = (
    ("is locked", DatabaseLocked, "Another program writes to it; try again, or stop that program."),
    ("disk is full", DiskFull, "Free some space; nothing that was stored is lost."),
    ("no space left", DiskFull, "Free some space; nothing that was stored is lost."),
    ("unable to open database", DatabaseUnreachable, "Check that its folder exists and can be written."),
    ("readonly database", DatabaseUnreachable, "Check the permissions of the file and its folder."),
    ("not a database", DatabaseUnreachable, "storage.url names a file that is no SQLite database."),
    ("malformed", DatabaseUnreachable, "Restore it from a copy made with `hotline backup`."),
    ("password authentication", DatabaseUnreachable, "Check user and password in storage.url."),
    ("does not exist", DatabaseUnreachable, "Create the database first, or correct storage.url."),
    ("connection", DatabaseUnreachable, "Check that the server runs and storage.url is right."),
    ("name or service not known", DatabaseUnreachable, "Check the host name in storage.url."),
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the user can mend as a StorageError, the driver's error as its cause."""
    try:
        yield
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseUnreachable(
            "storage.url cannot be read.",
            hint="Use sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
        ) from error
    except DBAPIError as error:
        found = classify(error)
        if found is None:
            raise
        raise found from error


def classify(error: DBAPIError) -> StorageError | None:
    """The StorageError for a driver's failure, or None when it is a bug of ours."""
    said = str(error.orig).lower()
    if said.startswith("relation") or "constraint" in said:
        return None
    for words, kind, hint in _KINDS:
        if words in said:
            first = str(error.orig).strip().splitlines()[0]
            return kind(f"The database failed: {first.rstrip('.')}.", hint=hint)
    return None
