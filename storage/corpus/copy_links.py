"""Level 3 over the tables: find the text that an article repeats, and write down why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from storage.corpus.copies import CopyDecision, copy_by_prints, copy_of
from storage.corpus.fingerprints import Candidates, candidates, remember
from storage.corpus.reading import original_of, read
from storage.corpus.records import Filed, Level
from storage.corpus.signature import Signature, Wording, sign, wording
from storage.tables.core import LINK


def link_copy(connection: Connection, article: Filed, *, apart: frozenset[int], now: datetime) -> int | None:
    """The original that the article copies, by an earlier decision or a new one; articles `apart` are
    never it. The article's own fingerprints are stored."""
    signature = sign(article.title, article.summary, article.text)
    likely = candidates(connection, article.id, signature)
    remember(connection, article.id, likely.fresh)
    earlier = original_of(connection, article.id)
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
    found = copy_of(signature, _signed(connection, allowed)) or _forgotten(
        connection, signature, {id_: likely.shared.get(id_, 0) for id_ in allowed}
    )
    if found is None:
        return None
    original = original_of(connection, found.of) or found.of
    if original in apart or original == article_id:
        return None
    connection.execute(
        insert(LINK).values(
            article_id=article_id,
            level=Level.COPY,
            original_id=original,
            score=round(found.score, 4),
            reason=found.reason,
            made_at=now,
        )
    )
    return original


def _forgotten(
    connection: Connection, signature: Signature, shared: Mapping[int, int]
) -> CopyDecision | None:
    without_text = [known.id for known in read(connection, list(shared)) if not known.text]
    return copy_by_prints(signature, [(id_, shared[id_]) for id_ in shared if id_ in without_text])


def _signed(connection: Connection, article_ids: Sequence[int]) -> Iterator[tuple[int, Wording]]:
    for id_ in article_ids:
        for known in read(connection, [id_]):
            yield id_, wording(known.title, known.summary, known.text)
