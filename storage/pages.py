"""Wanted pages: the second due-queue, and what a read page does to its article."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from storage.articles import decide, match_columns
from storage.claims import is_free, next_due
from storage.corpus.address import canonical_url
from storage.corpus.store import place
from storage.hosts import gives_pages
from storage.records import Decision, DuePage, PageResult, PageText, TextSource
from storage.search import index_articles
from storage.shards import Shard
from storage.tables.core import ALIAS, ARTICLE, ARTICLE_TEXT, FEED, PAGE
from storage.upsert import insert


def claim_pages(
    connection: Connection,
    *,
    owner: str,
    now: datetime,
    until: datetime,
    limit: int,
    per_host: int,
    shard: Shard | None = None,
) -> list[DuePage]:
    """Claim due pages and lease their hosts; the promises are those of crawler.ports.CrawlStore."""
    free = is_free(PAGE.c.claimed_until, now)
    ids = next_due(
        connection,
        free,
        PAGE.c.next_fetch_at <= now,
        gives_pages(now),
        *([shard.holds(PAGE.c.shard)] if shard else []),
        key=PAGE.c.article_id,
        host=PAGE.c.host,
        due=PAGE.c.next_fetch_at,
        owner=owner,
        now=now,
        until=until,
        limit=limit,
        per_host=per_host,
    )
    taken = connection.execute(
        update(PAGE)
        .where(PAGE.c.article_id.in_(ids), free)
        .values(claimed_by=owner, claimed_until=until, attempts=PAGE.c.attempts + 1)
        .returning(PAGE.c.article_id)
    ).scalars()
    return _read_due(connection, set(taken), ids)


def _read_due(connection: Connection, taken: set[int], order: Sequence[int]) -> list[DuePage]:
    rows = connection.execute(
        select(
            PAGE.c.article_id,
            ARTICLE.c.url,
            PAGE.c.host,
            PAGE.c.reason,
            PAGE.c.attempts,
            ARTICLE.c.title,
            ARTICLE.c.summary,
            func.coalesce(ARTICLE_TEXT.c.text, "").label("text"),
            ARTICLE.c.language,
            ARTICLE.c.author,
            FEED.c.name.label("feed"),
            FEED.c.country,
            FEED.c.kind,
        )
        .join(ARTICLE, ARTICLE.c.id == PAGE.c.article_id)
        .join(FEED, FEED.c.id == ARTICLE.c.feed_id)
        .outerjoin(ARTICLE_TEXT, ARTICLE_TEXT.c.article_id == ARTICLE.c.id)
        .where(PAGE.c.article_id.in_(taken))
    )
    found = {row.article_id: DuePage(**row._mapping) for row in rows}
    return [found[article_id] for article_id in order if article_id in found]


def release_pages(connection: Connection, *, owner: str, article_ids: Sequence[int]) -> None:
    """End claims as if they had never been taken."""
    connection.execute(
        update(PAGE)
        .where(PAGE.c.article_id.in_(article_ids), PAGE.c.claimed_by == owner)
        .values(claimed_by="", claimed_until=None, attempts=PAGE.c.attempts - 1)
    )


def save_page(connection: Connection, result: PageResult) -> bool:
    """Store a page and end the claim; False when the claim was lost meanwhile."""
    mine = (PAGE.c.article_id == result.article_id, PAGE.c.claimed_by == result.owner)
    if result.retry_at is not None:
        later = (
            update(PAGE)
            .where(*mine)
            .values(
                claimed_by="",
                claimed_until=None,
                next_fetch_at=result.retry_at,
                error_kind=result.error_kind,
                error=result.error,
            )
        )
        return connection.execute(later).rowcount == 1
    if connection.execute(delete(PAGE).where(*mine)).rowcount != 1:
        return False
    connection.execute(
        update(ARTICLE)
        .where(ARTICLE.c.id == result.article_id)
        .values(**_article_columns(connection, result))
    )
    if result.page is not None and result.page.text:
        _store_text(connection, result.article_id, result.page.text)
    if result.match is not None and result.match.matched:
        index_articles(connection, [result.article_id])
    place(connection, [result.article_id], now=result.fetched_at)
    for address in (result.final_url, result.page.canonical_url if result.page else ""):
        _add_alias(connection, result.article_id, address)
    return True


def _article_columns(connection: Connection, result: PageResult) -> dict[str, Any]:
    article = connection.execute(
        select(ARTICLE.c.decision, ARTICLE.c.author, ARTICLE.c.published_at).where(
            ARTICLE.c.id == result.article_id
        )
    ).one()
    columns = _decision_columns(result, article.decision)
    if result.publisher_url:
        columns["url"] = result.publisher_url
    columns["text_source"] = result.page.source if result.page else TextSource.FAILED
    if result.page is not None and result.page.source is TextSource.PAGE:
        columns |= _page_columns(result.page, article)
    return columns


def _decision_columns(result: PageResult, before: str) -> dict[str, Any]:
    """A page decides what was undecided; it adds reasons to a match but never takes one back, since
    the headline that matched was read by the topic too."""
    if result.match is None:
        return (
            {"decision": Decision.REJECTED, "decided_at": result.fetched_at}
            if before == Decision.UNDECIDED
            else {}
        )
    after = decide(result.match, page_wanted=False)
    if before == Decision.MATCHED:
        return match_columns(result.match, topic=result.topic) if after is Decision.MATCHED else {}
    return {"decision": after, "decided_at": result.fetched_at} | match_columns(
        result.match, topic=result.topic
    )


def _page_columns(page: PageText, article: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if page.author and not article.author:
        columns["author"] = page.author
    if page.published_at and not article.published_at:
        columns["published_at"] = page.published_at
    return columns


def _store_text(connection: Connection, article_id: int, text: str) -> None:
    connection.execute(
        insert(connection, ARTICLE_TEXT)
        .values(article_id=article_id, text=text)
        .on_conflict_do_update(index_elements=["article_id"], set_={"text": text})
    )


def _add_alias(connection: Connection, article_id: int, address: str) -> None:
    """Remember where the page really lives, so that another feed's link to it is the same article."""
    identity = canonical_url(address) if address else ""
    if not identity:
        return
    taken = connection.execute(select(ARTICLE.c.id).where(ARTICLE.c.identity == identity)).first()
    if taken is None:
        connection.execute(
            insert(connection, ALIAS)
            .values(identity=identity, article_id=article_id)
            .on_conflict_do_nothing()
        )
