"""The articles of the last days by their terms: who may tell the same story?

The index holds the window only, so its size follows the news of a week, never the archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, delete, insert, select, text

from storage.corpus.frequencies import usual_shares
from storage.corpus.integers import IntegerStatement, packed
from storage.corpus.stories import Commonness, Profile, values_of
from storage.tables.core import STORY_PROFILE, STORY_TERM_COUNT

WINDOW = timedelta(days=7)
_ALL = 0  # the "term" that counts the articles of the window
_INDEXED = 24  # terms of an article that it can be found by: the rarest for their weight
_POSTINGS = 400  # rows read at most to find candidates, the rarest terms first
_PRUNED_AT_ONCE = 200
_PAIR = np.dtype([("term", "<i4"), ("weight", "<f4")])

_COUNTS = IntegerStatement("SELECT term, articles FROM story_term_count WHERE term IN ({values})")
_NEIGHBOURS = IntegerStatement(
    "WITH near AS (SELECT article_id, count(*) AS shared FROM story_term WHERE term IN ({values})"
    " GROUP BY article_id ORDER BY shared DESC, article_id DESC LIMIT 24)"
    " SELECT p.article_id, a.story_id, p.at, p.terms, p.norm,"
    " (SELECT count(*) FROM article AS told WHERE told.story_id = a.story_id) AS size"
    " FROM near JOIN story_profile AS p ON p.article_id = near.article_id"
    " JOIN article AS a ON a.id = near.article_id WHERE a.story_id IS NOT NULL ORDER BY p.article_id",
    at=STORY_PROFILE.c.at.type,
)
_POST = IntegerStatement(
    "INSERT INTO story_term (term, article_id) SELECT value, :article_id FROM ({values}) AS t"
)
_COUNT = IntegerStatement(
    "INSERT INTO story_term_count (term, articles) SELECT value, 1 FROM ({values}) AS t WHERE true"
    " ON CONFLICT (term) DO UPDATE SET articles = story_term_count.articles + 1"
)
_PRUNE_TERMS = text("DELETE FROM story_term WHERE term = :term AND article_id = :article_id")
_REMEMBER = insert(STORY_PROFILE)
_UNCOUNT = text("UPDATE story_term_count SET articles = articles - :gone WHERE term = :term")


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Articles of the window that share rare terms, and how large their stories are."""

    profiles: tuple[Profile, ...]
    sizes: Mapping[int, int]


def commonness(connection: Connection, terms: Collection[int]) -> Commonness:
    """How common each term is in the window, with the article that asks counted in."""
    rows = connection.execute(_COUNTS.on(connection), {"values": packed(connection, [*terms, _ALL])}).all()
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    by_term = {term: counts.get(term, 0) + 1 for term in terms}
    return Commonness(counts.get(_ALL, 0) + 1, by_term, usual_shares())


def neighbourhood(connection: Connection, new: Profile, common: Commonness) -> Neighbourhood:
    """Look up at most 24 articles within seven days of `new` that share its rarest terms."""
    probes = packed(connection, rarest(common, _POSTINGS))
    profiles: list[Profile] = []
    sizes: dict[int, int] = {}
    for article_id, story_id, at, packed_terms, norm, size in connection.execute(
        _NEIGHBOURS.on(connection), {"values": probes}
    ).all():
        if new.at is None or abs(new.at - at) <= WINDOW:
            pairs = np.frombuffer(packed_terms, dtype=_PAIR)
            profiles.append(Profile(article_id, story_id, at, pairs["term"], pairs["weight"], norm))
            sizes[story_id] = size
    return Neighbourhood(tuple(profiles), sizes)


def rarest(common: Commonness, postings: int) -> list[int]:
    """The rarest terms that others have too, until they stand in `postings` articles together."""
    chosen: list[int] = []
    others = ((count - 1, term) for term, count in common.by_term.items() if count > 1)
    for count, term in sorted(others):
        postings -= count
        if chosen and postings < 0:
            break
        chosen.append(term)
    return chosen


def remember(connection: Connection, new: Profile, common: Commonness) -> None:
    """Let the articles of the next days find this one."""
    pairs = np.empty(new.terms.size, dtype=_PAIR)
    pairs["term"], pairs["weight"] = new.terms, new.weights
    row = {"article_id": new.article_id, "at": new.at, "terms": pairs.tobytes(), "norm": new.norm}
    connection.execute(_REMEMBER, row)
    if new.terms.size:
        indexed = packed(connection, _indexed(new, common))
        connection.execute(_POST.on(connection), {"values": indexed, "article_id": new.article_id})
    counted = packed(connection, [*new.terms.tolist(), _ALL])
    connection.execute(_COUNT.on(connection), {"values": counted})


def prune(connection: Connection, *, before: datetime) -> None:
    """Drop what left the window, at most two hundred articles at a time."""
    old = (
        select(STORY_PROFILE.c.article_id, STORY_PROFILE.c.terms)
        .where(STORY_PROFILE.c.at < before)
        .limit(_PRUNED_AT_ONCE)
    )
    gone = {
        row.article_id: np.frombuffer(row.terms, _PAIR)["term"].tolist() for row in connection.execute(old)
    }
    if not gone:
        return
    posted = [{"term": term, "article_id": id_} for id_, terms in gone.items() for term in terms]
    if posted:
        connection.execute(_PRUNE_TERMS, posted)
    connection.execute(delete(STORY_PROFILE).where(STORY_PROFILE.c.article_id.in_(gone)))
    counts = Counter(term for terms in gone.values() for term in [*terms, _ALL])
    connection.execute(_UNCOUNT, [{"term": term, "gone": count} for term, count in counts.items()])
    connection.execute(delete(STORY_TERM_COUNT).where(STORY_TERM_COUNT.c.articles <= 0))


def _indexed(new: Profile, common: Commonness) -> list[int]:
    order = np.argsort(-values_of(new, common), kind="stable")[:_INDEXED]
    return sorted(new.terms[order].tolist())
