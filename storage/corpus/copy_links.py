"""Level 3 over the tables: find the text that an article repeats, and write down why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from storage.corpus.copies import CopyDecision, copy_by_prints, copy_of
from storage.corpus.fingerprints import Candidates, candidates, remember
from storage.corpus.links import write_link
from storage.corpus.reading import originals_of, texts_of
from storage.corpus.records import Filed, Level
from storage.corpus.signature import Signature, sign, wording


def link_copy(
    connection: Connection, article: Filed, *, earlier: int | None, apart: frozenset[int], now: datetime
) -> int | None:
    """The original that the article copies, by an `earlier` decision or a new one; articles `apart` are
    never it. The article's own fingerprints are stored."""
    signature = sign(article.title, article.summary, article.text)
    likely = candidates(connection, article.id, signature)
    remember(connection, article.id, likely.fresh)
    if earlier is not None:
        return earlier
    return _new_link(connection, article.id, signature, likely, apart, now)


def _new_link(
    connection: Connection,
    article_id: int,
    signature: Signature,
    likely: Candidates,
    apart: frozenset[int],
    now: datetime,
) -> int | None:
    allowed = [id_ for id_ in likely.article_ids if id_ not in apart]
    texts = texts_of(connection, allowed)
    found = copy_of(signature, ((id_, wording(*parts)) for id_, parts in texts.items()))
    found = found or _forgotten(signature, texts, likely.shared)
    if found is None:
        return None
    original = originals_of(connection, [found.of]).get(found.of, found.of)
    if original in apart or original == article_id:
        return None
    write_link(
        connection, article_id, Level.COPY, original=original, score=found.score, reason=found.reason, now=now
    )
    return original


def _forgotten(
    signature: Signature, texts: Mapping[int, tuple[str, str, str]], shared: Mapping[int, int]
) -> CopyDecision | None:
    without_text = [id_ for id_, (_, _, text) in texts.items() if not text]
    return copy_by_prints(signature, [(id_, shared.get(id_, 0)) for id_ in without_text])
