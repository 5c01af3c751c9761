"""The fingerprint table: who else has what this text has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from storage.corpus.signature import Signature
from storage.corpus.statements import Statement

_MOST_ARTICLES = 64  # a passage of more articles is their sites' furniture: it tells nothing
_MOST_CANDIDATES = 4

_SELECT = Statement("SELECT value, article_id FROM fingerprint WHERE value IN ({values})")
_INSERT = Statement(
    "INSERT INTO fingerprint (value, article_id) SELECT value, :article_id FROM ({values}) AS prints"
    " WHERE true ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Articles that may share text, the likeliest first, with how many of the new text's prints (not
    probes) each has; and those of its prints that are worth storing."""

    article_ids: tuple[int, ...]
    fresh: tuple[int, ...]
    shared: Mapping[int, int]


def candidates(connection: Connection, article_id: int, signature: Signature) -> Candidates:
    """Look up who shares fingerprints with the text of `article_id`: at most four other articles."""
    rows = _SELECT.rows(connection, signature.probes)
    known_by = Counter(value for value, _ in rows)
    shared = Counter(known for _, known in rows)
    del shared[article_id]
    likeliest = sorted(shared, key=lambda id_: (-shared[id_], id_))
    fresh = tuple(value for value in signature.prints if known_by[value] < _MOST_ARTICLES)
    prints = set(signature.prints)
    in_prints = Counter(known for value, known in rows if value in prints)
    return Candidates(tuple(likeliest[:_MOST_CANDIDATES]), fresh, in_prints)


def remember(connection: Connection, article_id: int, prints: tuple[int, ...]) -> None:
    """Store the fingerprints of an article; those of its earlier texts stay, and still find it."""
    if prints:
        _INSERT.run(connection, prints, article_id=article_id)
