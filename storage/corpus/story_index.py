"""The articles of the last days by their terms: who may tell the same story?

The index holds the window only, so its size follows the news of a week, never the archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from storage.corpus.frequencies import usual_shares
from storage.corpus.statements import Statement
from storage.corpus.stories import Commonness, Profile, values_of

WINDOW = timedelta(days=7)
_ALL = 0  # the "term" that counts the articles of the window
_INDEXED = 24  # terms of an article that it can be found by: the rarest for their weight
_POSTINGS = 400  # rows read at most to find candidates, the rarest terms first
_PRUNED_AT_ONCE = 200
_PAIR = np.dtype([("term", "<i4"), ("weight", "<f4")])

_COUNTS = Statement("SELECT term, articles FROM story_term_count WHERE term IN ({values})")
_NEIGHBOURS = Statement(
    "WITH near AS (SELECT article_id, count(*) AS shared FROM story_term WHERE term IN ({values})"
    " GROUP BY article_id ORDER BY shared DESC, article_id DESC LIMIT 24)"
    " SELECT p.article_id, a.story_id, p.at, p.terms, p.norm,"
    " (SELECT count(*) FROM article AS told WHERE told.story_id = a.story_id) AS size"
    " FROM near JOIN story_profile AS p ON p.article_id = near.article_id"
    " JOIN article AS a ON a.id = near.article_id WHERE a.story_id IS NOT NULL ORDER BY p.article_id"
)
_POST = Statement("INSERT INTO story_term (term, article_id) SELECT value, :article_id FROM ({values}) AS t")
_COUNT = Statement(
    "INSERT INTO story_term_count (term, articles) SELECT value, 1 FROM ({values}) AS t WHERE true"
    " ON CONFLICT (term) DO UPDATE SET articles = story_term_count.articles + 1"
)
_REMEMBER = Statement(
    "INSERT INTO story_profile (article_id, at, terms, norm) VALUES (:article_id, :at, :terms, :norm)"
)
_OLD = Statement("SELECT article_id, terms FROM story_profile WHERE at < :before ORDER BY at LIMIT :most")
_PRUNE_PROFILES = Statement("DELETE FROM story_profile WHERE article_id IN ({values})")
_PRUNE_TERMS = Statement("DELETE FROM story_term WHERE term = :term AND article_id = :article_id")
_UNCOUNT = Statement("UPDATE story_term_count SET articles = articles - :gone WHERE term = :term")
_PRUNE_COUNTS = Statement("DELETE FROM story_term_count WHERE articles <= 0")


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Articles of the window that share rare terms, and how large their stories are."""

    profiles: tuple[Profile, ...]
    sizes: Mapping[int, int]


def commonness(connection: Connection, terms: Collection[int]) -> Commonness:
    """How common each term is in the window, with the article that asks counted in."""
    counts: dict[int, int] = dict(_COUNTS.rows(connection, [*terms, _ALL]))
    by_term = {term: counts.get(term, 0) + 1 for term in terms}
    return Commonness(counts.get(_ALL, 0) + 1, by_term, usual_shares())


def neighbourhood(connection: Connection, new: Profile, common: Commonness) -> Neighbourhood:
    """Look up at most 24 articles within seven days of `new` that share its rarest terms."""
    rows = _NEIGHBOURS.rows(connection, rarest(common, _POSTINGS))
    pairs = np.frombuffer(b"".join(row[3] for row in rows), dtype=_PAIR)
    terms, weights = pairs["term"], pairs["weight"]
    profiles: list[Profile] = []
    sizes: dict[int, int] = {}
    start = 0
    for article_id, story_id, seconds, packed, norm, size in rows:
        end = start + len(packed) // _PAIR.itemsize
        at = datetime.fromtimestamp(seconds, UTC)
        if new.at is None or abs(new.at - at) <= WINDOW:
            profiles.append(Profile(article_id, story_id, at, terms[start:end], weights[start:end], norm))
            sizes[story_id] = size
        start = end
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


def remember(connection: Connection, new: Profile, common: Commonness, *, at: datetime) -> None:
    """Let the articles of the next days find this one, which is `at` so late."""
    pairs = np.empty(new.terms.size, dtype=_PAIR)
    pairs["term"], pairs["weight"] = new.terms, new.weights
    _REMEMBER.run(
        connection,
        article_id=new.article_id,
        at=_seconds(at),
        terms=pairs.tobytes(),
        norm=new.norm,
    )
    if new.terms.size:
        _POST.run(connection, _indexed(new, common), article_id=new.article_id)
    _COUNT.run(connection, [*new.terms.tolist(), _ALL])


def prune(connection: Connection, *, before: datetime) -> None:
    """Drop what left the window, at most two hundred articles at a time."""
    rows = _OLD.rows(connection, before=_seconds(before), most=_PRUNED_AT_ONCE)
    if not rows:
        return
    gone = {article_id: np.frombuffer(packed, _PAIR)["term"].tolist() for article_id, packed in rows}
    posted = [{"term": term, "article_id": id_} for id_, terms in gone.items() for term in terms]
    counts = Counter(term for terms in gone.values() for term in [*terms, _ALL])
    _PRUNE_TERMS.run_for_each(connection, posted)
    _PRUNE_PROFILES.run(connection, gone)
    _UNCOUNT.run_for_each(connection, [{"term": term, "gone": count} for term, count in counts.items()])
    _PRUNE_COUNTS.run(connection)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _indexed(new: Profile, common: Commonness) -> list[int]:
    order = np.argsort(-values_of(new, common), kind="stable")[:_INDEXED]
    return sorted(new.terms[order].tolist())
