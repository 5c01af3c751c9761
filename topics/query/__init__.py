"""The query language: one grammar, one syntax tree for topics, archive search and alerts."""

from topics.query.errors import QueryError
from topics.query.nodes import Node
from topics.query.parse import parse_query

__all__ = ["Node", "QueryError", "parse_query"]
