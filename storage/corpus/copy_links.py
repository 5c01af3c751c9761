"""Level 3 over the tables: find the text that an article repeats, and write down why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from storage.corpus.copies import CopyDecision, copies_among, copy_by_prints
from storage.corpus.credits import Agency, credit_of
from storage.corpus.domain import registrable_domain
from storage.corpus.fingerprints import Candidates, candidates, remember
from storage.corpus.links import end_copy_link, write_link
from storage.corpus.reading import Printed, originals_of, printed, texts_of
from storage.corpus.records import Filed, Level
from storage.corpus.signature import Signature, sign, wording


@dataclass(frozen=True, slots=True)
class Copied:
    """What a text repeats: the `original` that the article is a copy of, None when it is the original
    itself, and an article with the `same` text, whose story it shares."""

    original: int | None = None
    same: int | None = None


def link_copy(
    connection: Connection, article: Filed, *, earlier: int | None, apart: frozenset[int], now: datetime
) -> Copied:
    """The original that the article copies, by an `earlier` decision or a new one; articles `apart` are
    never it. The article's own fingerprints are stored."""
    signature = sign(article.title, article.summary, article.text)
    likely = candidates(connection, article.id, signature)
    remember(connection, article.id, likely.fresh)
    if earlier is not None:
        return Copied(earlier, earlier)
    return _new_link(connection, article.id, signature, likely, apart, now)


def _new_link(
    connection: Connection,
    article_id: int,
    signature: Signature,
    likely: Candidates,
    apart: frozenset[int],
    now: datetime,
) -> Copied:
    allowed = [id_ for id_ in likely.article_ids if id_ not in apart]
    texts = texts_of(connection, allowed)
    found = copies_among(signature, ((id_, wording(*parts)) for id_, parts in texts.items()))
    found = found or _forgotten(signature, texts, likely.shared)
    roots = {copy.of: copy.of for copy in found} | originals_of(connection, [copy.of for copy in found])
    found = [copy for copy in found if roots[copy.of] not in apart and roots[copy.of] != article_id]
    if not found:
        return Copied()
    prints = printed(connection, {article_id, *roots, *roots.values()})
    agency = _credit(prints, [article_id, roots[found[0].of], found[0].of])
    if agency and _is_own(agency, prints[article_id]) and not _is_own(agency, prints[roots[found[0].of]]):
        _take_over(connection, article_id, found, agency, now)
        return Copied(None, found[0].of)
    best = next((copy for copy in found if agency and _is_own(agency, prints[roots[copy.of]])), found[0])
    original = roots[best.of]
    _write(connection, article_id, original, _credited(best, agency, prints[original]), now)
    return Copied(original, original)


def _credit(prints: Mapping[int, Printed], article_ids: Iterable[int]) -> Agency | None:
    """The agency that the first of the articles to name one names."""
    told = (credit_of(prints[id_].author, prints[id_].summary, prints[id_].text) for id_ in article_ids)
    return next((agency for agency in told if agency), None)


def _is_own(agency: Agency, article: Printed) -> bool:
    return registrable_domain(article.url) in agency.domains


def _credited(copy: CopyDecision, agency: Agency | None, original: Printed) -> CopyDecision:
    if agency is None:
        return copy
    told = f"{agency.name} wrote it" if _is_own(agency, original) else f"credited to {agency.name}"
    return replace(copy, reason=f"{copy.reason}; {told}")


def _take_over(
    connection: Connection, article_id: int, copies: Iterable[CopyDecision], agency: Agency, now: datetime
) -> None:
    """The agency's own report came after its copies: it is their original from now on."""
    for copy in copies:
        end_copy_link(connection, copy.of, now=now)
        told = replace(copy, reason=f"{copy.reason}; {agency.name} wrote it and came later")
        _write(connection, copy.of, article_id, told, now)


def _write(connection: Connection, article_id: int, original: int, copy: CopyDecision, now: datetime) -> None:
    write_link(
        connection, article_id, Level.COPY, original=original, score=copy.score, reason=copy.reason, now=now
    )


def _forgotten(
    signature: Signature, texts: Mapping[int, tuple[str, str, str]], shared: Mapping[int, int]
) -> list[CopyDecision]:
    without_text = [id_ for id_, (_, _, text) in texts.items() if not text]
    found = copy_by_prints(signature, [(id_, shared.get(id_, 0)) for id_ in without_text])
    return [found] if found else []
