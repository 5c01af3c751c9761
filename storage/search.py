"""Full-text search over matched articles: the same words find the same articles on both databases.

It narrows down; the query language (topics) has the last word on what matches.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection, TextClause, select, text

from language.clean import MAYBE_COMBINING
from storage.tables.core import ARTICLE, ARTICLE_TEXT


class Phrase(Protocol):
    """Writes words in a row in one database's query language; "" when there are none."""

    def __call__(self, words: Sequence[str], *, prefix: bool) -> str: ...


_WORD = re.compile(r"[^\W_]+")

# PostgreSQL refuses a tsvector of more than a megabyte; no article needs so many words to be found.
_MAX_CHARS = 200_000

_STORE = {
    "sqlite": text("INSERT INTO article_search (rowid, words) VALUES (:id, :words)"),
    "postgresql": text("INSERT INTO article_search VALUES (:id, to_tsvector('simple', :words))"),
}
_FORGET = {
    "sqlite": text("DELETE FROM article_search WHERE rowid = :id"),
    "postgresql": text("DELETE FROM article_search WHERE article_id = :id"),
}
_FIND = {
    "sqlite": "article.id IN (SELECT rowid FROM article_search WHERE article_search MATCH :search)",
    "postgresql": (
        "article.id IN (SELECT article_id FROM article_search WHERE words @@ cast(:search AS tsquery))"
    ),
}


def index_articles(connection: Connection, ids: Sequence[int]) -> None:
    """Put articles into the index, or what they are now in place of what they were.

    Words are folded here, not by the database: SQLite's tokenizer keeps Ё apart from Е.
    """
    if not ids:
        return
    found = connection.execute(
        select(ARTICLE.c.id, ARTICLE.c.title, ARTICLE.c.summary, ARTICLE_TEXT.c.text)
        .outerjoin(ARTICLE_TEXT, ARTICLE_TEXT.c.article_id == ARTICLE.c.id)
        .where(ARTICLE.c.id.in_(ids))
    )
    rows = [{"id": row[0], "words": " ".join(_words("\n".join(filter(None, row[1:]))))} for row in found]
    connection.execute(_FORGET[connection.dialect.name], rows)
    connection.execute(_STORE[connection.dialect.name], rows)


def narrowing(dialect: str, groups: Sequence[Sequence[str]]) -> TextClause | None:
    """A condition on `article.id`: at least one word or phrase of every group occurs.

    A word that ends in `*` is a prefix. None when nothing narrows: no groups, or a group without a
    single word in it.
    """
    phrase, either, both = _SYNTAX[dialect]
    parts = [_any(group, phrase, either) for group in groups]
    joined = both.join(filter(None, parts))
    return text(_FIND[dialect]).bindparams(search=joined) if joined else None


def _any(group: Sequence[str], phrase: Phrase, separator: str) -> str:
    parts = [phrase(_words(term), prefix=term.endswith("*")) for term in group]
    if not parts or not all(parts):
        return ""  # a term without words could be anywhere
    return "(" + separator.join(parts) + ")"


def _words(given: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", given[:_MAX_CHARS].lower())
    return _WORD.findall(plain if plain.isascii() else MAYBE_COMBINING.sub(_unless_combining, plain))


def _unless_combining(found: re.Match[str]) -> str:
    return "" if unicodedata.combining(found[0]) else found[0]


def _fts5_phrase(words: Sequence[str], *, prefix: bool) -> str:
    return f'"{" ".join(words)}"{"*" if prefix else ""}' if words else ""


def _tsquery_phrase(words: Sequence[str], *, prefix: bool) -> str:
    if not words:
        return ""
    quoted = [f"'{word}'" for word in words]
    quoted[-1] += ":*" if prefix else ""
    return "(" + " <-> ".join(quoted) + ")"


_SYNTAX: dict[str, tuple[Phrase, str, str]] = {
    "sqlite": (_fts5_phrase, " OR ", " AND "),
    "postgresql": (_tsquery_phrase, " | ", " & "),
}
