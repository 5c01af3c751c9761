"""What the comparison of models and database leaves out: the search index, which has no model."""

from __future__ import annotations

from typing import Any

_SEARCH = "article_search"


def include_object(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001
    """Alembic's hook: False for the full-text tables, columns and indexes."""
    return not (name or "").removeprefix("ix_").startswith(_SEARCH)
