"""The ledger: what every reader got of every matched article, and what she has not been told yet.

A row says what became of one article for one reader of one digest. Without a row the article is still
to be told, however late it was decided; nothing is chosen by time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.exc import IntegrityError

from storage.corpus.records import Level
from storage.errors import StorageError
from storage.outbox import NewMessage, enqueue
from storage.records import Decision
from storage.tables.core import ALERT, ARTICLE, ARTICLE_TEXT, FEED, ISSUE, LEDGER, LINK, STORY
from storage.upsert import insert

DEFAULT_PRIORITY = 100  # crawler.config.FeedConfig.priority


class LedgerConflict(StorageError):
    """Another issue told a reader of an article while this one was composed: compose it again."""

    code = "ledger-conflict"


class LedgerState(StrEnum):
    """What became of an article for a reader. The first three were in the mail or counted in it."""

    PRINTED = "printed"
    FOLDED = "folded"  # under a printed story, in "also in" or its count
    NOT_FITTING = "not-fitting"
    NOTHING_NEW = "nothing-new"  # on a story she has, which it takes no further
    ELSEWHERE = "elsewhere"  # she has it from another digest
    BELOW = "below"  # its score is under the digest's minimum
    EXCLUDED = "excluded"  # another language, outlet or subtopic than the digest wants
    BACKLOG = "backlog"  # old when first seen: came with a feed's first poll or its whole archive


TOLD = (LedgerState.PRINTED, LedgerState.FOLDED)


@dataclass(frozen=True, slots=True)
class UntoldArticle:
    """A matched article without a row in a reader's ledger. `hits` are topics.document.Hit as objects;
    `copy_of` is the article whose text it repeats."""

    id: int
    url: str
    title: str
    summary: str
    text: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    score: int
    subtopics: Sequence[str]
    hits: Sequence[Mapping[str, Any]]
    baseline: bool
    backfill: bool
    outlet: str
    priority: int  # of the outlet: the smallest number speaks for a story
    country: str
    kind: str
    story_id: int | None
    story_first_seen_at: datetime | None
    copy_of: int | None


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story that the reader has: when she last got something of it, from which digest, and what it
    said (title, summary and text of each article, oldest first)."""

    told_at: datetime
    digest: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One article's end for one reader."""

    address: str
    article_id: int
    story_id: int | None
    state: LedgerState


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """One sending of a digest. (digest, local_date, scheduled_time) is unique."""

    digest: str
    local_date: date
    scheduled_time: str
    kind: str  # scheduled, catch-up, extra
    covers_from: datetime
    covers_to: datetime
    composed_at: datetime
    counts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WrittenIssue:
    """The ids of an issue and of its messages in the outbox, in the order they were given."""

    id: int
    message_ids: tuple[int, ...]


def untold_articles(
    connection: Connection, *, digest: str, address: str, topic: str, since: datetime
) -> list[UntoldArticle]:
    """Matched articles of `topic`, decided at `since` or later, that the reader's ledger of this digest
    lacks, in the order they were first seen."""
    told = select(LEDGER.c.article_id).where(
        LEDGER.c.address == address, LEDGER.c.digest == digest, LEDGER.c.article_id == ARTICLE.c.id
    )
    return _articles(connection, _matched(topic, since).where(~told.exists()))


def matched_articles(connection: Connection, *, topic: str, since: datetime) -> list[UntoldArticle]:
    """The same without regard to any ledger: for a preview of past days."""
    return _articles(connection, _matched(topic, since))


def told_stories(
    connection: Connection, *, address: str, story_ids: Collection[int], digest: str | None = None
) -> dict[int, ToldStory]:
    """Which of these stories the reader has, from any digest or only from `digest`."""
    query = (
        select(
            ARTICLE.c.story_id,
            ARTICLE.c.title,
            ARTICLE.c.summary,
            func.coalesce(ARTICLE_TEXT.c.text, "").label("text"),
            LEDGER.c.digest,
            ISSUE.c.composed_at,
        )
        .join(LEDGER, LEDGER.c.article_id == ARTICLE.c.id)
        .join(ISSUE, ISSUE.c.id == LEDGER.c.issue_id)
        .outerjoin(ARTICLE_TEXT, ARTICLE_TEXT.c.article_id == ARTICLE.c.id)
        .where(LEDGER.c.address == address, LEDGER.c.state.in_(TOLD), ARTICLE.c.story_id.in_(story_ids))
        .order_by(ISSUE.c.composed_at, ARTICLE.c.id)
    )
    if digest is not None:
        query = query.where(LEDGER.c.digest == digest)
    found: dict[int, ToldStory] = {}
    for row in connection.execute(query):
        earlier = found[row.story_id].texts if row.story_id in found else ()
        text = "\n".join(filter(None, (row.title, row.summary, row.text)))
        found[row.story_id] = ToldStory(row.composed_at, row.digest, (*earlier, text))
    return found


def told_elsewhere(
    connection: Connection, *, address: str, digest: str, article_ids: Collection[int]
) -> set[int]:
    """The articles that the reader has from another digest."""
    query = select(LEDGER.c.article_id).where(
        LEDGER.c.address == address,
        LEDGER.c.digest != digest,
        LEDGER.c.state.in_(TOLD),
        LEDGER.c.article_id.in_(article_ids),
    )
    return set(connection.execute(query).scalars())


def alert_times(connection: Connection, *, address: str, story_ids: Collection[int]) -> dict[int, datetime]:
    """When the reader was first alerted to these stories."""
    query = (
        select(ALERT.c.story_id, func.min(ALERT.c.raised_at).label("raised_at"))
        .where(ALERT.c.recipient == address, ALERT.c.story_id.in_(story_ids))
        .group_by(ALERT.c.story_id)
    )
    return {row.story_id: row.raised_at for row in connection.execute(query)}


def issued_slots(connection: Connection, *, digest: str, since: date) -> set[tuple[date, str]]:
    """The (local date, scheduled time) of the issues of a digest dated `since` or later."""
    query = select(ISSUE.c.local_date, ISSUE.c.scheduled_time).where(
        ISSUE.c.digest == digest, ISSUE.c.local_date >= since
    )
    return {(row.local_date, row.scheduled_time) for row in connection.execute(query)}


def last_covered(connection: Connection, *, digest: str, before: datetime) -> datetime | None:
    """Until when the issues of a digest before `before` covered the news; None before the first."""
    query = select(func.max(ISSUE.c.covers_to)).where(ISSUE.c.digest == digest, ISSUE.c.covers_to < before)
    return connection.execute(query).scalar_one_or_none()


def record_issue(
    connection: Connection, issue: IssueRecord, *, lines: Iterable[LedgerLine], messages: Iterable[NewMessage]
) -> WrittenIssue | None:
    """Write an issue, its ledger lines and its messages, all in the caller's transaction.

    Returns None when this slot was issued already: then nothing is written.
    Raises LedgerConflict when another issue wrote one of the lines meanwhile; the caller's transaction
    is void then.
    """
    row = asdict(issue) | {"counts": dict(issue.counts)}
    made = connection.execute(
        insert(connection, ISSUE)
        .values(row)
        .on_conflict_do_nothing(index_elements=["digest", "local_date", "scheduled_time"])
        .returning(ISSUE.c.id)
    ).scalar_one_or_none()
    if made is None:
        return None
    rows = [{**asdict(line), "digest": issue.digest, "issue_id": made} for line in lines]
    try:
        if rows:
            connection.execute(plain_insert(LEDGER), rows)
    except IntegrityError as error:
        raise LedgerConflict("Another issue of this digest was written at the same time.") from error
    queued = [enqueue(connection, _of_issue(message, made), now=issue.composed_at) for message in messages]
    return WrittenIssue(int(made), tuple(id_ for id_ in queued if id_ is not None))


def _of_issue(message: NewMessage, issue_id: int) -> NewMessage:
    return NewMessage(**asdict(message) | {"issue_id": issue_id})


def _matched(topic: str, since: datetime) -> Select[Any]:
    copy = and_(
        LINK.c.article_id == ARTICLE.c.id, LINK.c.level == literal(Level.COPY), LINK.c.ended_at.is_(None)
    )
    own = [
        ARTICLE.c[name]
        for name in (
            "id", "url", "title", "summary", "language", "published_at", "first_seen_at", "score",
            "subtopics", "hits", "baseline", "backfill", "story_id",
        )
    ]  # fmt: skip
    return (
        select(
            *own,
            func.coalesce(ARTICLE_TEXT.c.text, "").label("text"),
            FEED.c.name.label("outlet"),
            FEED.c.options,
            FEED.c.country,
            FEED.c.kind,
            STORY.c.first_seen_at.label("story_first_seen_at"),
            LINK.c.original_id.label("copy_of"),
        )
        .join(FEED, FEED.c.id == ARTICLE.c.feed_id)
        .outerjoin(ARTICLE_TEXT, ARTICLE_TEXT.c.article_id == ARTICLE.c.id)
        .outerjoin(STORY, STORY.c.id == ARTICLE.c.story_id)
        .outerjoin(LINK, copy)
        .where(
            ARTICLE.c.decision == Decision.MATCHED, ARTICLE.c.topic == topic, ARTICLE.c.decided_at >= since
        )
        .order_by(ARTICLE.c.first_seen_at, ARTICLE.c.id)
    )


def _articles(connection: Connection, query: Select[Any]) -> list[UntoldArticle]:
    rows = (dict(row._mapping) for row in connection.execute(query))
    return [
        UntoldArticle(priority=row.pop("options").get("priority", DEFAULT_PRIORITY), **row) for row in rows
    ]
