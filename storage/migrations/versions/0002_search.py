"""The full-text index of matched articles: FTS5 in SQLite, tsvector with GIN in PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE article_search USING fts5(words, prefix = '3')")
        return
    op.execute("CREATE TABLE article_search (article_id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
    op.execute("CREATE INDEX ix_article_search_words ON article_search USING GIN (words)")


def downgrade() -> None:
    op.execute("DROP TABLE article_search")
