"""The fingerprint table: who else has what this text has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, text

from storage.corpus.signature import Signature

_MOST_ARTICLES = 64  # a passage of more articles is their sites' furniture: it tells nothing
_MOST_CANDIDATES = 4

# One parameter instead of a list of them: the statement is prepared once, whatever the text's length.
_SELECT = {
    "sqlite": text(
        "SELECT value, article_id FROM fingerprint"
        " WHERE value IN (SELECT value FROM json_each(:probes)) AND article_id <> :self"
    ),
    "postgresql": text(
        "SELECT value, article_id FROM fingerprint"
        " WHERE value = ANY(CAST(:probes AS integer[])) AND article_id <> :self"
    ),
}
_INSERT = text(
    "INSERT INTO fingerprint (value, article_id) VALUES (:value, :article_id) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Articles that may share text, the likeliest first, and the prints of the new text worth storing."""

    article_ids: tuple[int, ...]
    fresh: tuple[int, ...]


def candidates(connection: Connection, article_id: int, signature: Signature) -> Candidates:
    """Look up who shares fingerprints with the text of `article_id`: at most four other articles."""
    probes = ",".join(map(str, signature.probes))
    brackets = "[{}]" if connection.dialect.name == "sqlite" else "{{{}}}"
    rows = connection.execute(
        _SELECT[connection.dialect.name], {"probes": brackets.format(probes), "self": article_id}
    ).all()
    known_by = Counter(row[0] for row in rows)
    shared = Counter(row[1] for row in rows)
    likeliest = sorted(shared, key=lambda id_: (-shared[id_], id_))
    fresh = tuple(value for value in signature.prints if known_by[value] < _MOST_ARTICLES)
    return Candidates(tuple(likeliest[:_MOST_CANDIDATES]), fresh)


def remember(connection: Connection, article_id: int, prints: tuple[int, ...]) -> None:
    """Store the fingerprints of an article; those of its earlier texts stay, and still find it."""
    if prints:
        rows = [{"value": value, "article_id": article_id} for value in prints]
        connection.execute(_INSERT, rows)
