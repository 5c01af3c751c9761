"""Alembic's entry: uses the connection it is handed, never one of its own."""

from __future__ import annotations

from alembic import context

from storage.migrations.env_filter import include_object
from storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    include_object=include_object,
    compare_type=True,
)
context.run_migrations()
