"""Feeds: kept in step with the configuration, claimed when due, settled after a poll."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from functools import lru_cache
from struct import iter_unpack
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy import insert as plain_insert

from storage.claims import is_free, next_due
from storage.records import ConfiguredFeed, DueFeed, FeedMemory, FeedState, PollRecord, PollResult, Settlement
from storage.shards import Shard, shard_of
from storage.subscriptions import pushing_feeds
from storage.tables import Feed
from storage.tables.core import FEED, FEED_MEMORY, POLL
from storage.upsert import insert_for

POLLS_KEPT = 100
_HASH = 8  # bytes of one block's hash
_STATE = tuple(field.name for field in fields(FeedState))
_UNTROUBLED: Mapping[str, Any] = {  # columns of a feed that nothing bad is known of
    "failures": 0,
    "failing_since": None,
    "error_kind": "",
    "error": "",
    "moved_to": "",
    "moved_count": 0,
    "moved_since": None,
    "gone_count": 0,
    "gone_since": None,
    "paused_at": None,
    "pause_reason": "",
}
_POLL = tuple(field.name for field in fields(PollRecord))

_STATE_COLUMNS = tuple(FEED.c[name] for name in _STATE)

# Statements of every single poll, made once: building and hashing one costs more than running it.
_CLAIMED = select(FEED.c.fence, FEED.c.url, FEED.c.name, FEED.c.guid_trusted, FEED.c.links_shared).where(
    FEED.c.id == bindparam("of")
)
_DUE = select(
    *_STATE_COLUMNS,
    *(FEED.c[name] for name in ("id", "fence", "name", "url", "host", "language", "country", "kind")),
    *(FEED.c[name] for name in ("options", "crashes")),
    *(FEED_MEMORY.c[name] for name in ("body_hash", "envelope", "blocks")),
).outerjoin(FEED_MEMORY, FEED_MEMORY.c.feed_id == FEED.c.id)
_SETTLE = update(FEED).where(FEED.c.id == bindparam("of"))
_RECORD = plain_insert(POLL)
_FORGET = delete(POLL).where(
    POLL.c.feed_id == bindparam("of"),
    POLL.c.polled_at
    <= select(POLL.c.polled_at)
    .where(POLL.c.feed_id == bindparam("of"))
    .order_by(POLL.c.polled_at.desc())
    .offset(POLLS_KEPT)
    .limit(1)
    .scalar_subquery(),
)


def sync_feeds(connection: Connection, wanted: Sequence[ConfiguredFeed], *, now: datetime) -> None:
    """Make the table say what the configuration says.

    New feeds are due at once, known ones keep their state, also under a new address; those no longer
    configured become inactive and are never deleted: adding one again brings no old news.
    """
    urls = [feed.url for feed in wanted]
    _follow_moves(connection, wanted, now=now)
    connection.execute(update(FEED).where(FEED.c.url.not_in(urls)).values(active=False))
    known = {
        row.url: row
        for row in connection.execute(
            select(
                FEED.c.url,
                FEED.c.name,
                FEED.c.language,
                FEED.c.country,
                FEED.c.kind,
                FEED.c.options,
                FEED.c.host,
                FEED.c.shard,
                FEED.c.active,
            )
        )
    }
    new = [_new_feed(feed, now) for feed in wanted if feed.url not in known]
    if new:
        connection.execute(plain_insert(FEED), new)
    for feed in wanted:
        row = known.get(feed.url)
        values = _row_of(feed) | {"active": True}
        if row is not None and any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(update(FEED).where(FEED.c.url == feed.url).values(**values))


def _follow_moves(connection: Connection, wanted: Sequence[ConfiguredFeed], *, now: datetime) -> None:
    """Let a feed keep its past when its address changes: to where it moved, or under its name and host."""
    unwanted = select(FEED.c.id, FEED.c.name, FEED.c.host, FEED.c.moved_to).where(
        FEED.c.active, FEED.c.url.not_in([feed.url for feed in wanted])
    )
    left = connection.execute(unwanted).all()
    if not left:
        return
    past = {key: row.id for row in left for key in (row.moved_to, (row.name, row.host)) if key}
    known = set(connection.execute(select(FEED.c.url)).scalars())
    followed: set[int] = set()
    for feed in wanted:
        found = past.get(feed.url) or past.get((feed.name, feed.host))
        if feed.url not in known and found and found not in followed:
            followed.add(found)
            connection.execute(
                update(FEED).where(FEED.c.id == found).values(url=feed.url, next_check_at=now, **_UNTROUBLED)
            )


def _row_of(feed: ConfiguredFeed) -> dict[str, Any]:
    return asdict(feed) | {"options": dict(feed.options), "shard": shard_of(feed.host)}


def _new_feed(feed: ConfiguredFeed, now: datetime) -> dict[str, Any]:
    row = Feed(**_row_of(feed), next_check_at=now)
    return row.model_dump(exclude={"id"})


def claim_feeds(
    connection: Connection,
    *,
    owner: str,
    now: datetime,
    until: datetime,
    limit: int,
    per_host: int,
    names: Sequence[str] | None,
    due_only: bool,
    shard: Shard | None = None,
) -> list[DueFeed]:
    """Claim feeds and lease their hosts; the promises are those of crawler.ports.CrawlStore."""
    free = is_free(FEED.c.claimed_until, now)
    wanted = [free, FEED.c.active]
    wanted += [FEED.c.paused_at.is_(None)] if names is None else [FEED.c.name.in_(names)]
    if due_only:
        wanted.append(FEED.c.next_check_at <= now)
    if shard is not None:
        wanted.append(shard.holds(FEED.c.shard))
    ids = next_due(
        connection,
        *wanted,
        key=FEED.c.id,
        host=FEED.c.host,
        due=FEED.c.next_check_at,
        owner=owner,
        now=now,
        until=until,
        limit=limit,
        per_host=per_host,
    )
    taken = connection.execute(
        update(FEED)
        .where(FEED.c.id.in_(ids), free)
        .values(claimed_by=owner, claimed_until=until, fence=FEED.c.fence + 1, crashes=FEED.c.crashes + 1)
        .returning(FEED.c.id)
    ).scalars()
    return _read_due(connection, set(taken), ids, pushing=pushing_feeds(connection, ids, now=now))


def _read_due(
    connection: Connection, taken: set[int | None], order: Sequence[int], *, pushing: set[int]
) -> list[DueFeed]:
    rows = connection.execute(_DUE.where(FEED.c.id.in_(taken)))
    found = {row.id: _due_feed(row, pushed=row.id in pushing) for row in rows}
    return [found[feed_id] for feed_id in order if feed_id in found]


def _due_feed(row: Any, *, pushed: bool) -> DueFeed:
    return DueFeed(
        id=row.id,
        fence=row.fence,
        name=row.name,
        url=row.url,
        host=row.host,
        state=_state_of(row),
        memory=FeedMemory(row.body_hash or b"", row.envelope or b"", _unpacked(row.blocks or b"")),
        language=row.language,
        country=row.country,
        kind=row.kind,
        options=row.options,
        crashes=row.crashes - 1,
        pushed=pushed,
    )


def read_states(connection: Connection) -> dict[str, FeedState]:
    """What is known of every active feed, by its address."""
    rows = connection.execute(select(*_STATE_COLUMNS, FEED.c.url).where(FEED.c.active))
    return {row.url: _state_of(row) for row in rows}


def _state_of(row: Any) -> FeedState:
    """The state in a row that begins with its columns."""
    return FeedState(*row[: len(_STATE)])


def release_feeds(connection: Connection, *, owner: str, feed_ids: Sequence[int]) -> None:
    """End claims as if they had never been taken."""
    connection.execute(
        update(FEED)
        .where(FEED.c.id.in_(feed_ids), FEED.c.claimed_by == owner)
        .values(claimed_by="", claimed_until=None, crashes=FEED.c.crashes - 1)
    )


def claimed_feed(connection: Connection, feed_id: int) -> Any:
    """What storing a poll must know of its feed: fence, url, name, what was learnt; None if unknown."""
    return connection.execute(_CLAIMED, {"of": feed_id}).first()


def settle_quietly(connection: Connection, results: Sequence[PollResult]) -> dict[int, Settlement]:
    """Store polls that brought no entries, those alone whose fence is right; return how they ended."""
    ids = [result.feed_id for result in results]
    rows = connection.execute(select(FEED.c.id, FEED.c.fence).where(FEED.c.id.in_(ids)))
    fences = {row.id: row.fence for row in rows}
    valid = [result for result in results if fences.get(result.feed_id) == result.fence]
    settled = {result.feed_id: result.settle(0, 0) for result in valid}
    memories = [_memory_row(result.feed_id, result.memory) for result in valid if result.memory is not None]
    if memories:
        connection.execute(_remembering(connection.dialect.name), memories)
    if settled:
        _settle_all(connection, [_settled_row(result, settled[result.feed_id].state) for result in valid])
        connection.execute(_RECORD, [_poll_row(feed_id, end.poll) for feed_id, end in settled.items()])
        connection.execute(_FORGET, [{"of": feed_id} for feed_id in settled])
    return settled


def _settle_all(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Most polls change the same few columns: one statement for each set of them."""
    alike: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        alike[tuple(row)].append(row)
    for same in alike.values():
        connection.execute(_SETTLE, same)


def settle(connection: Connection, result: PollResult, state: FeedState, **found: Any) -> None:
    """Write a feed's state after a poll and end its claim; `found` are columns learnt from entries."""
    connection.execute(_SETTLE, _settled_row(result, state) | found)


def _settled_row(result: PollResult, state: FeedState) -> dict[str, Any]:
    """The columns that the poll changed."""
    row: dict[str, Any] = {"of": result.feed_id, "claimed_by": "", "claimed_until": None, "crashes": 0}
    for name in _STATE:
        value = getattr(state, name)
        if result.before is None or value != getattr(result.before, name):
            row[name] = value
    return row


def remember(connection: Connection, feed_id: int, memory: FeedMemory) -> None:
    """Replace what the last full poll left behind."""
    connection.execute(_remembering(connection.dialect.name), _memory_row(feed_id, memory))


@lru_cache
def _remembering(dialect: str) -> Any:
    new = insert_for(dialect, FEED_MEMORY)
    values = {name: new.excluded[name] for name in ("body_hash", "envelope", "blocks")}
    return new.on_conflict_do_update(index_elements=["feed_id"], set_=values)


def _memory_row(feed_id: int, memory: FeedMemory) -> dict[str, Any]:
    return {
        "feed_id": feed_id,
        "body_hash": memory.body_hash,
        "envelope": memory.envelope,
        "blocks": b"".join(sorted(memory.blocks)),
    }


def record_poll(connection: Connection, feed_id: int, poll: PollRecord) -> None:
    """Add a poll to the feed's history, of which the last hundred are kept."""
    connection.execute(_RECORD, _poll_row(feed_id, poll))
    connection.execute(_FORGET, {"of": feed_id})


def _poll_row(feed_id: int, poll: PollRecord) -> dict[str, Any]:
    return {name: getattr(poll, name) for name in _POLL} | {"feed_id": feed_id}


def _unpacked(blocks: bytes) -> frozenset[bytes]:
    return frozenset(block for (block,) in iter_unpack(f"{_HASH}s", blocks))
