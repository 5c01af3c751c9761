"""Articles: what a poll's entries become. Runs inside the poll's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy import insert as plain_insert

from storage.corpus.domain import registrable_domain
from storage.records import Decision, Entry, JudgedEntry, PollResult, TextSource
from storage.shards import shard_of
from storage.tables.core import ALIAS, ARTICLE, ARTICLE_TEXT, PAGE, SIGHTING, VERSION
from storage.upsert import insert_for
from topics.document import Match, Verdict

OLD = timedelta(days=7)  # an entry dated longer ago than this is old news when first seen
FLOOD = 20  # as many old entries at once are a feed that serves its archive again

# Statements of every poll with entries, made once: building and hashing one costs more than running it.
_FOUND = (ARTICLE.c.id, ARTICLE.c.title, ARTICLE.c.summary, ARTICLE.c.feed_id, ARTICLE.c.decision)
_NEW_PAGE, _NEW_TEXT = plain_insert(PAGE), plain_insert(ARTICLE_TEXT)
_BY_IDENTITY = select(ARTICLE.c.identity, *_FOUND).where(ARTICLE.c.identity.in_(bindparam("identities")))
_BY_ALIAS = (
    select(ALIAS.c.identity, *_FOUND)
    .join(ARTICLE, ARTICLE.c.id == ALIAS.c.article_id)
    .where(ALIAS.c.identity.in_(bindparam("identities")))
)
_BY_GUID = (
    select(SIGHTING.c.guid, *_FOUND)
    .join(ARTICLE, ARTICLE.c.id == SIGHTING.c.article_id)
    .where(SIGHTING.c.feed_id == bindparam("feed_id"), SIGHTING.c.guid.in_(bindparam("guids")))
)
_GUIDS = select(SIGHTING.c.article_id, SIGHTING.c.guid).where(
    SIGHTING.c.feed_id == bindparam("feed_id"),
    SIGHTING.c.article_id.in_(bindparam("ids")),
    SIGHTING.c.guid != "",
)


@dataclass(frozen=True, slots=True)
class SavedEntries:
    """What became of a poll's entries: `new` article ids in feed order, how many were known, how many
    of the new ones are old news, the ids that are matched now and were not before (`matched`) or were
    and read differently now (`edited`), and what the entries taught about the feed's GUIDs."""

    new: tuple[int, ...] = ()
    known: int = 0
    old: int = 0
    matched: tuple[int, ...] = ()
    edited: tuple[int, ...] = ()
    guid_trusted: bool | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """An article that was there before."""

    id: int
    title: str
    summary: str
    feed_id: int
    decision: str


def save_entries(
    connection: Connection, result: PollResult, identities: Sequence[str], *, guid_trusted: bool | None
) -> SavedEntries:
    """Store the entries of a poll as articles, versions, sightings and wanted pages."""
    entries = dict(zip(identities, result.entries, strict=True))  # one poll, one entry per article
    known = _find_known(connection, list(entries))
    if guid_trusted:
        missing = {identity: item for identity, item in entries.items() if identity not in known}
        known |= _find_by_guid(connection, result.feed_id, missing)
    fresh = {identity: item for identity, item in entries.items() if identity not in known}
    old = {identity for identity, item in fresh.items() if is_old(item.entry, result.polled_at)}
    flood = not result.baseline and len(old) > FLOOD
    new = _insert_articles(connection, result, fresh, old if flood else set())
    matched = [new[identity] for identity, item in fresh.items() if identity in new and item.match.matched]
    lesson = _what_guids_teach(connection, result.feed_id, known, entries)
    newly_matched, edited = _revise_known(connection, result, known, entries)
    _see(connection, result, {i: a.id for i, a in known.items()} | new, entries)
    return SavedEntries(
        new=tuple(new.values()),
        known=len(known),
        old=len(old) if flood else 0,
        matched=tuple(matched + newly_matched),
        edited=tuple(edited),
        guid_trusted=lesson,
    )


def is_old(entry: Entry, now: datetime) -> bool:
    """True for an entry dated more than a week ago."""
    return entry.published_at is not None and entry.published_at < now - OLD


def decide(match: Match, *, page_wanted: bool) -> Decision:
    """What a match means for the article; undecided without a page to come is a rejection."""
    if match.verdict is Verdict.YES:
        return Decision.MATCHED
    if match.verdict is Verdict.UNDECIDED and page_wanted:
        return Decision.UNDECIDED
    return Decision.REJECTED


def match_columns(match: Match, *, topic: str) -> dict[str, Any]:
    """A match as the columns of an article."""
    return {
        "topic": topic,
        "score": match.score,
        "subtopics": list(match.subtopics),
        "hits": [asdict(hit) for hit in match.hits],
        "reason": match.reason,
    }


def _find_known(connection: Connection, identities: Sequence[str]) -> dict[str, _Known]:
    return {
        row[0]: _Known(*row[1:])
        for statement in (_BY_ALIAS, _BY_IDENTITY)
        for row in connection.execute(statement, {"identities": identities})
    }


def _find_by_guid(connection: Connection, feed_id: int, entries: dict[str, JudgedEntry]) -> dict[str, _Known]:
    by_guid = {item.entry.guid: identity for identity, item in entries.items() if item.entry.guid}
    if not by_guid:
        return {}
    rows = connection.execute(_BY_GUID, {"feed_id": feed_id, "guids": list(by_guid)})
    return {by_guid[row[0]]: _Known(*row[1:]) for row in rows}


@lru_cache
def _new_article(dialect: str) -> Any:
    statement = insert_for(dialect, ARTICLE).on_conflict_do_nothing(index_elements=["identity"])
    return statement.returning(ARTICLE.c.identity, ARTICLE.c.id)


@lru_cache
def _new_sighting(dialect: str) -> Any:
    return insert_for(dialect, SIGHTING).on_conflict_do_nothing()


def _insert_articles(
    connection: Connection, result: PollResult, fresh: dict[str, JudgedEntry], old: set[str]
) -> dict[str, int]:
    if not fresh:
        return {}
    news = set(list(fresh)[: result.backfill]) if result.baseline else set(fresh)
    rows = [
        _article_row(result, identity, item, baseline=identity not in news, backfill=identity in old)
        for identity, item in fresh.items()
    ]
    made = connection.execute(_new_article(connection.dialect.name), rows)
    ids = {row.identity: row.id for row in made}
    in_order = {identity: ids[identity] for identity in fresh if identity in ids}
    _insert_texts(connection, in_order, fresh)
    _want_pages(connection, in_order, fresh, result.polled_at)
    return in_order


def _article_row(
    result: PollResult, identity: str, item: JudgedEntry, *, baseline: bool, backfill: bool
) -> dict[str, Any]:
    entry, match = item.entry, item.match
    decision = decide(match, page_wanted=bool(item.page_reason))
    return {
        "identity": identity,
        "url": entry.url,
        "feed_id": result.feed_id,
        "title": entry.title,
        "summary": entry.summary,
        "author": entry.author,
        "language": match.lang or entry.language,
        "published_at": entry.published_at,
        "first_seen_at": result.polled_at,
        "text_source": TextSource.FEED if entry.text else TextSource.NONE,
        "baseline": baseline,
        "backfill": backfill,
        "decision": decision,
        "decided_at": None if decision is Decision.UNDECIDED else result.polled_at,
        **match_columns(match, topic=result.topic),
    }


def _insert_texts(connection: Connection, ids: dict[str, int], entries: dict[str, JudgedEntry]) -> None:
    texts = [
        {"article_id": article_id, "text": entries[identity].entry.text}
        for identity, article_id in ids.items()
        if entries[identity].entry.text
    ]
    if texts:
        connection.execute(_NEW_TEXT, texts)


def _want_pages(
    connection: Connection, ids: dict[str, int], entries: dict[str, JudgedEntry], now: datetime
) -> None:
    pages = [
        _page_row(article_id, entries[identity], now)
        for identity, article_id in ids.items()
        if entries[identity].page_reason
    ]
    if pages:
        connection.execute(_NEW_PAGE, pages)


def _page_row(article_id: int, item: JudgedEntry, now: datetime) -> dict[str, Any]:
    host = registrable_domain(item.entry.url)
    return {
        "article_id": article_id,
        "host": host,
        "shard": shard_of(host),
        "reason": item.page_reason,
        "wanted_at": now,
        "next_fetch_at": now,
    }


def _what_guids_teach(
    connection: Connection, feed_id: int, known: dict[str, _Known], entries: dict[str, JudgedEntry]
) -> bool | None:
    """A GUID proves stable when a known article comes again with the one it had, and lies when not."""
    ids = {article.id: identity for identity, article in known.items() if entries[identity].entry.guid}
    if not ids:
        return None
    rows = connection.execute(_GUIDS, {"feed_id": feed_id, "ids": list(ids)})
    same = [entries[ids[article_id]].entry.guid == guid for article_id, guid in rows]
    return all(same) if same else None


def _revise_known(
    connection: Connection, result: PollResult, known: dict[str, _Known], entries: dict[str, JudgedEntry]
) -> tuple[list[int], list[int]]:
    """Keep edited headlines as versions; return the ids that an edit made match, and those it changed."""
    matched, edited = [], []
    for identity, article in known.items():
        item = entries[identity]
        same = (article.title, article.summary) == (item.entry.title, item.entry.summary)
        forgotten = not article.title  # by storage.retention
        if same or forgotten or article.feed_id != result.feed_id:
            continue  # another feed's wording of the same article is no edit
        _replace(connection, article, item, result)
        if article.decision == Decision.MATCHED:
            edited.append(article.id)
        elif item.match.matched:
            matched.append(article.id)
    return matched, edited


def _replace(connection: Connection, article: _Known, item: JudgedEntry, result: PollResult) -> None:
    connection.execute(
        plain_insert(VERSION).values(
            article_id=article.id,
            replaced_at=result.polled_at,
            title=article.title,
            summary=article.summary,
        )
    )
    changed: dict[str, Any] = {"title": item.entry.title, "summary": item.entry.summary}
    if item.match.matched and article.decision != Decision.MATCHED:
        changed |= {"decision": Decision.MATCHED, "decided_at": result.polled_at}
    if item.match.matched:
        changed |= match_columns(item.match, topic=result.topic)
    connection.execute(update(ARTICLE).where(ARTICLE.c.id == article.id).values(**changed))


def _see(
    connection: Connection, result: PollResult, ids: dict[str, int], entries: dict[str, JudgedEntry]
) -> None:
    rows = [
        {
            "article_id": ids[identity],
            "feed_id": result.feed_id,
            "guid": item.entry.guid,
            "url": item.entry.url,
            "seen_at": result.polled_at,
        }
        for identity, item in entries.items()
        if identity in ids
    ]
    if rows:
        connection.execute(_new_sighting(connection.dialect.name), rows)
