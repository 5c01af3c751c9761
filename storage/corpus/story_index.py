"""The articles of the last days by their terms: who may tell the same story?

The index holds the window only, so its size follows the news of a week, never the archive. A term is
one row, with its articles beside each other: one read answers how common it is and who has it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from storage.corpus.frequencies import usual_shares
from storage.corpus.statements import Statement
from storage.corpus.stories import NO_VALUES, Commonness, Profile

WINDOW = timedelta(days=7)
_ALL = 0  # the "term" that counts the articles of the window
INDEXED = 24  # terms of an article that it can be found by: the rarest for their weight
NEWEST = 64  # articles kept with a term; one that more have is hardly ever among the rarest
_POSTINGS = 400  # articles considered at most, those of the rarest terms first
_NEIGHBOURS = 24
_PRUNED_AT_ONCE = 50  # so that no poll waits for what left the window in an hour
TERM = np.dtype([("term", "<i4"), ("weight", "<f2"), ("headline", "?")])
_ARTICLE = np.dtype("<u4")

_TERMS = Statement("SELECT term, articles, newest FROM story_term WHERE term IN ({values})")
_PROFILES = Statement(
    "SELECT p.article_id, a.story_id, p.at, p.terms, p.norm, p.headline_weight, p.beyond,"
    " (SELECT count(*) FROM article AS told WHERE told.story_id = a.story_id) AS size"
    " FROM story_profile AS p JOIN article AS a ON a.id = p.article_id"
    " WHERE p.article_id IN ({values}) AND a.story_id IS NOT NULL ORDER BY p.article_id"
)
_REMEMBER = Statement(
    "INSERT INTO story_profile (article_id, at, terms, norm, headline_weight, beyond)"
    " VALUES (:article_id, :at, :terms, :norm, :headline_weight, :beyond)"
)
_COUNT = Statement(
    "INSERT INTO story_term (term, articles, newest) SELECT value, 1, :nobody FROM ({values}) AS t WHERE true"
    " ON CONFLICT (term) DO UPDATE SET articles = story_term.articles + 1"
)
_POST = Statement("UPDATE story_term SET newest = :newest WHERE term = :term")
_OLD = Statement("SELECT article_id, terms FROM story_profile WHERE at < :before ORDER BY at LIMIT :most")
_OWN = Statement("SELECT terms FROM story_profile WHERE article_id = :article_id")
_FORGET = Statement("DELETE FROM story_profile WHERE article_id IN ({values})")
_UNCOUNT = Statement("UPDATE story_term SET articles = articles - :gone WHERE term IN ({values})")
_DROP = Statement("DELETE FROM story_term WHERE term IN ({values}) AND articles <= 0")


@dataclass(frozen=True, slots=True)
class Window:
    """What the articles of the last days have of some terms: how many have each, and the ids of the
    newest that it can be found by (packed)."""

    common: Commonness
    newest: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Articles of the window that share rare terms, and how large their stories are."""

    profiles: tuple[Profile, ...]
    sizes: Mapping[int, int]


def window_of(connection: Connection, terms: Collection[int]) -> Window:
    """Look up the terms, with the article that asks counted in."""
    rows = _TERMS.rows(connection, [*terms, _ALL])
    counts: dict[int, int] = {term: articles for term, articles, _ in rows}
    by_term = {term: counts.get(term, 0) + 1 for term in terms}
    common = Commonness(counts.get(_ALL, 0) + 1, by_term, usual_shares())
    return Window(common, {term: newest for term, _, newest in rows})


def neighbourhood(connection: Connection, new: Profile, window: Window) -> Neighbourhood:
    """Look up at most 24 articles within seven days of `new` that share its rarest terms."""
    rows = _PROFILES.rows(connection, _nearest(window))
    pairs = np.frombuffer(b"".join(row[3] for row in rows), dtype=TERM)
    terms, weights, headline = pairs["term"], pairs["weight"], pairs["headline"]
    profiles: list[Profile] = []
    sizes: dict[int, int] = {}
    start = 0
    for article_id, story_id, seconds, packed, norm, told, beyond, size in rows:
        end = start + len(packed) // TERM.itemsize
        at = datetime.fromtimestamp(seconds, UTC)
        if new.at is None or abs(new.at - at) <= WINDOW:
            columns = terms[start:end], weights[start:end], headline[start:end]
            profiles.append(Profile(article_id, story_id, at, *columns, norm, told, beyond, NO_VALUES))
            sizes[story_id] = size
        start = end
    return Neighbourhood(tuple(profiles), sizes)


def remember(connection: Connection, new: Profile, window: Window, *, at: datetime) -> None:
    """Let the articles of the next days find this one, which is of that time."""
    pairs = np.empty(new.terms.size, dtype=TERM)
    pairs["term"], pairs["weight"], pairs["headline"] = new.terms, new.weights, new.headline
    id_ = new.article_id
    _REMEMBER.run(
        connection,
        article_id=id_,
        at=_seconds(at),
        terms=pairs.tobytes(),
        norm=new.norm,
        headline_weight=new.headline_weight,
        beyond=new.beyond,
    )
    _COUNT.run(connection, [*new.terms.tolist(), _ALL], nobody=b"")
    itself, common = _ARTICLE.type(id_).tobytes(), window.common
    indexed = [
        {"term": term, "newest": _latest(window.newest.get(term, b"") + itself, common.by_term[term])}
        for term in _findable_by(new)
    ]
    _POST.run_for_each(connection, indexed)


def prune(connection: Connection, *, before: datetime) -> None:
    """Drop what left the window, at most fifty articles at a time. Their ids stay with their terms
    until `_latest` passes them over."""
    old = _OLD.rows(connection, before=_seconds(before), most=_PRUNED_AT_ONCE)
    if not old:
        return
    had = Counter(np.frombuffer(b"".join(packed for _, packed in old), TERM)["term"].tolist())
    had[_ALL] = len(old)
    alike: dict[int, list[int]] = defaultdict(list)
    for term, articles in had.items():
        alike[articles].append(term)
    for articles, terms in alike.items():
        _UNCOUNT.run(connection, terms, gone=articles)
    _DROP.run(connection, had)
    _FORGET.run(connection, [article_id for article_id, _ in old])


def forget(connection: Connection, article_id: int) -> None:
    """Take one article out of the index, if it is there."""
    rows = _OWN.rows(connection, article_id=article_id)
    if not rows:
        return
    terms = np.frombuffer(rows[0][0], TERM)["term"].tolist()
    without = [
        {"term": term, "newest": ids[ids != article_id].tobytes()}
        for term, _, newest in _TERMS.rows(connection, terms)
        if article_id in (ids := np.frombuffer(newest, _ARTICLE))
    ]
    _POST.run_for_each(connection, without)
    _UNCOUNT.run(connection, [*terms, _ALL], gone=1)
    _DROP.run(connection, [*terms, _ALL])
    _FORGET.run(connection, [article_id])


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


def _nearest(window: Window) -> list[int]:
    """The articles that have most of the rarest terms, of equal ones the newest."""
    others = window.common.by_term  # with the one that asks
    chosen = rarest(window.common, _POSTINGS)
    packed = b"".join(_latest(window.newest[term], others[term] - 1) for term in chosen)
    ids, shared = np.unique(np.frombuffer(packed, _ARTICLE), return_counts=True)
    nearest: list[int] = ids[np.lexsort((ids, shared))[-_NEIGHBOURS:]].tolist()
    return nearest


def _findable_by(new: Profile) -> list[int]:
    order = np.argsort(-new.values, kind="stable")[:INDEXED]
    return sorted(new.terms[order].tolist())


def _latest(newest: bytes, articles: int) -> bytes:
    """The last ids, no more than so many articles that have the term, and no more than are kept."""
    return newest[-min(articles, NEWEST) * _ARTICLE.itemsize :]


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
