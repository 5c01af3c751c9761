"""Every article gets its place in the corpus, inside the transaction that stores it.

All articles are known by their fingerprints, matched or not, so that a copy is told from its original
whatever the topic said of either. Only matched articles belong to stories: what no reader gets needs
no folding.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from storage.corpus.copy_links import link_copy
from storage.corpus.reading import originals_of, read, splits_of
from storage.corpus.records import Filed, Placement
from storage.corpus.story_links import forget_old, link_story

_LOCK = text("SELECT pg_advisory_xact_lock(7233001)")  # a number of our own: "one process places"


def place(connection: Connection, article_ids: Sequence[int], *, now: datetime) -> list[Placement]:
    """Find copies and stories for stored articles, in the order given, and write down why.

    Call it when an article is stored, when its text arrives, and when it becomes matched; what was
    decided before stays decided, and what a user corrected stays corrected; only an article that is
    still alone in its story, and told to nobody, may join another. The caller commits.
    """
    if not article_ids:
        return []
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)  # two processes that store two copies at once would not see each other
    forget_old(connection, now=now)
    known = {article.id: article for article in read(connection, article_ids)}
    originals, splits = originals_of(connection, list(known)), splits_of(connection, list(known))
    return [
        _place(connection, known[id_], originals.get(id_), splits[id_], now)
        for id_ in dict.fromkeys(article_ids)
        if id_ in known
    ]


def _place(
    connection: Connection, article: Filed, earlier: int | None, apart: frozenset[int], now: datetime
) -> Placement:
    copied = link_copy(connection, article, earlier=earlier, apart=apart, now=now)
    if not article.matched:
        return Placement(article.id, article.story_id, copied.original)
    story_id, founded = link_story(connection, article, same=copied.same, apart=apart, now=now)
    return Placement(article.id, story_id, copied.original, founded)
