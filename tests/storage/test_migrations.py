from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text

from storage import migrations
from storage.engine import reading, writing
from storage.errors import StorageError
from storage.migrations import env_filter, upgrade
from storage.tables import metadata


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    config.attributes["connection"] = connection
    return config


def test_the_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": env_filter.include_object})
        assert compare_metadata(context, metadata) == []


def test_down_and_up_again_leaves_the_same_tables(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin():
        command.downgrade(_alembic(connection), "base")
        assert "article" not in inspect(connection).get_table_names()
        command.upgrade(_alembic(connection), "head")
    assert "article" in inspect(engine).get_table_names()


def test_a_second_start_does_nothing(engine: Engine) -> None:
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_a_database_of_a_newer_program_is_refused(engine: Engine) -> None:
    with writing(engine) as connection:
        real = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer than this program"):
        upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :real"), {"real": real})
