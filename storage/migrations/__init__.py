"""One history of migrations for both databases; `upgrade` runs at every start."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from storage.errors import StorageError, translated

_FOLDER = Path(__file__).parent
_LOCK = 7_316_427  # any number of our own: two processes that start together migrate one after the other


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema; returns at once when it is there already.

    Raises StorageError, also when the database is newer than this program.
    """
    head = _head()
    with translated(), engine.connect() as connection:
        if _current(connection) == head:
            return
        connection.rollback()
        _migrate(connection, head)


def _head() -> str:
    """The newest revision, read from the file names so that a start need not import Alembic."""
    return max(path.name.split("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection, head: str) -> None:
    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # A batch rebuild with foreign keys on fires their cascades; the pragma is ignored inside a
        # transaction, so it comes first.
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.execution_options(writing=True).begin():
            if not sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            current = _current(connection)
            if current is not None and current > head:
                raise StorageError(
                    f"The database has schema {current}, newer than this program knows ({head}).",
                    hint="Start the newer program, or restore an older copy.",
                )
            config = Config()
            config.set_main_option("script_location", str(_FOLDER))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys = ON")
