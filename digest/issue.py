"""One issue of a digest: choose, compose and render for each reader, then write it all at once.

Choosing and rendering read a snapshot; issue row, ledgers and outbox rows with the rendered bytes
become true in one transaction. An issue that fails half-way was never issued, and a second clock that
issues the same slot writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine

from digest.addresses import Mailbox
from digest.announcement import nothing_collected
from digest.choose import Choice, Novelty, ReaderState, accounted, choose, story_key
from digest.config import DigestConfig, EmptyDay, MailConfig
from digest.fitting import fit
from digest.links import SignedLinks
from digest.message import Envelope, build_message, to_bytes
from digest.newsday import NewsDay, read_day
from digest.novelty import new_material
from digest.render import RenderedDigest
from digest.schedule import DueIssue
from digest.setting import IssueFrame
from digest.stories import IssueMaterial, Subtopic
from digest.view import DigestView
from storage import ledger
from storage.engine import reading, writing
from storage.ledger import IssueRecord, LedgerConflict, LedgerLine, LedgerState
from storage.outbox import NewMessage, enqueue
from storage.readers import is_unsubscribed, reader_since

FIRST_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Edition:
    """A digest as it is issued: its configuration, its topic's sections in order, the sender, and
    what makes its links (None: no listener, no links)."""

    digest: DigestConfig
    sections: tuple[Subtopic, ...]
    mail: MailConfig
    links: SignedLinks | None = None

    @property
    def shown_sections(self) -> tuple[Subtopic, ...]:
        """The sections that this digest can have."""
        chosen = self.digest.subtopics
        return tuple(each for each in self.sections if not chosen or each.key in chosen)


@dataclass(frozen=True, slots=True)
class IssueSlot:
    """What makes this issue one: with the digest's name it is unique in the database."""

    local_date: date
    scheduled_time: str
    kind: str = "scheduled"  # scheduled, catch-up, extra
    missed: int = 0

    @classmethod
    def due(cls, due: DueIssue) -> IssueSlot:
        """The slot of an issue that the schedule wants."""
        kind = "catch-up" if due.catch_up else "scheduled"
        return cls(due.slot.local_date, due.slot.scheduled_time, kind, len(due.missed))

    @classmethod
    def by_hand(cls, now: datetime, digest: DigestConfig) -> IssueSlot:
        """An issue asked for by hand: it stands for no scheduled one."""
        local = now.astimezone(digest.schedule.zone)
        return cls(local.date(), local.isoformat(timespec="milliseconds"), "extra")

    @property
    def key(self) -> str:
        """How messages are keyed: "2026-11-19T06:30"."""
        return self.scheduled_time if self.kind == "extra" else f"{self.local_date}T{self.scheduled_time}"


@dataclass(frozen=True, slots=True)
class Copy:
    """One reader's copy of an issue. `states` says what became of every article she was not told."""

    reader: Mailbox
    view: DigestView
    rendered: RenderedDigest
    message_id: str
    raw: bytes  # the mail as it goes on the wire
    states: Mapping[int, LedgerState]
    stories: Mapping[int, int]  # article id → story id
    wanted: bool  # False: an empty day, and the digest skips those


@dataclass(frozen=True, slots=True)
class IssueReport:
    """What was issued: the copies, the outbox ids of those to be sent by address, and the readers who
    had unsubscribed."""

    issue_id: int
    copies: tuple[Copy, ...]
    message_ids: Mapping[str, int]
    unsubscribed: tuple[str, ...] = ()


def send_issue(
    engine: Engine,
    edition: Edition,
    slot: IssueSlot,
    *,
    now: datetime,
    since: datetime | None = None,
    novelty: Novelty = new_material,
) -> IssueReport | None:
    """Issue a digest to all its readers; None when this slot was issued already.

    `since` widens an extra issue to what was decided before a reader began. When another issue of the
    digest is written meanwhile, this one is composed once more. Raises StorageError; then nothing was
    written and the same call may be made again.
    """
    try:
        return _send(engine, edition, slot, now=now, since=since, novelty=novelty)
    except LedgerConflict:
        return _send(engine, edition, slot, now=now, since=since, novelty=novelty)


def _send(
    engine: Engine,
    edition: Edition,
    slot: IssueSlot,
    *,
    now: datetime,
    since: datetime | None,
    novelty: Novelty,
) -> IssueReport | None:
    digest = edition.digest
    with reading(engine) as connection:
        day = _day(connection, digest, now=now)
        gone = [
            reader.address
            for reader in digest.readers
            if is_unsubscribed(connection, digest=digest.name, address=reader.address)
        ]
        copies = [
            _copy(edition, reader, slot, day, _read(connection, digest, reader.address, now, since), novelty)
            for reader in digest.readers
            if reader.address not in gone
        ]
    record = IssueRecord(
        digest=digest.name,
        local_date=slot.local_date,
        scheduled_time=slot.scheduled_time,
        kind=slot.kind,
        covers_from=day.since,
        covers_to=day.until,
        composed_at=now,
        counts=_counts(copies),
    )
    lines = [line for copy in copies for line in _lines(copy)]
    messages = [_message(edition, slot, copy) for copy in copies if copy.wanted]
    with writing(engine, durable=True) as connection:
        written = ledger.record_issue(connection, record, lines=lines, messages=messages)
    if written is None:
        return None
    queued = [copy.reader.address for copy in copies if copy.wanted]
    ids = dict(zip(queued, written.message_ids, strict=True))
    return IssueReport(written.id, tuple(copies), ids, tuple(gone))


def preview_issue(
    engine: Engine,
    edition: Edition,
    reader: Mailbox,
    *,
    now: datetime,
    since: datetime | None = None,
    novelty: Novelty = new_material,
) -> Copy:
    """Compose what `reader` would get now; nothing is written.

    With `since` it is everything matched from then on, whatever her ledger says. Raises StorageError.
    """
    slot = IssueSlot.by_hand(now, edition.digest)
    with reading(engine) as connection:
        day = _day(connection, edition.digest, now=now, since=since)
        if since is None:
            state = _read(connection, edition.digest, reader.address, now, None)
        else:
            state = ReaderState(ledger.matched_articles(connection, topic=edition.digest.topic, since=since))
    return _copy(edition, reader, slot, day, state, novelty)


def send_test(engine: Engine, edition: Edition, copy: Copy, *, now: datetime) -> int | None:
    """Queue a previewed copy for its reader's address; no ledger knows of it. Returns the outbox id."""
    message = _message(edition, IssueSlot.by_hand(now, edition.digest), copy, kind="test")
    with writing(engine, durable=True) as connection:
        return enqueue(connection, message, now=now)


def _day(
    connection: Connection, digest: DigestConfig, *, now: datetime, since: datetime | None = None
) -> NewsDay:
    covered = since or ledger.last_covered(connection, digest=digest.name, before=now)
    return read_day(connection, digest, since=covered or now - FIRST_WINDOW, until=now)


def _read(
    connection: Connection, digest: DigestConfig, address: str, now: datetime, since: datetime | None
) -> ReaderState:
    began = since or reader_since(connection, digest=digest.name, address=address) or now - FIRST_WINDOW
    untold = ledger.untold_articles(
        connection, digest=digest.name, address=address, topic=digest.topic, since=began
    )
    stories = {story_key(article) for article in untold}
    only = digest.name if digest.repeat else None
    return ReaderState(
        untold=untold,
        told=ledger.told_stories(connection, address=address, story_ids=stories, digest=only),
        elsewhere=frozenset()
        if digest.repeat
        else ledger.told_elsewhere(
            connection,
            address=address,
            digest=digest.name,
            article_ids=[article.id for article in untold],
        ),
        alerted=ledger.alert_times(connection, address=address, story_ids=stories),
    )


def _copy(
    edition: Edition, reader: Mailbox, slot: IssueSlot, day: NewsDay, state: ReaderState, novelty: Novelty
) -> Copy:
    digest = edition.digest
    choice = choose(state, digest, novelty)
    material = _material(choice, day, missed=slot.missed)
    frame = IssueFrame(digest, edition.shown_sections, edition.mail, reader.address, edition.links)
    view, rendered = fit(material, frame)
    envelope = Envelope(view.subject, reader, slot.key, view.at, unsubscribe_url=view.unsubscribe_url)
    message = build_message(rendered, envelope, digest=digest, mail=edition.mail)
    return Copy(
        reader=reader,
        view=view,
        rendered=rendered,
        message_id=str(message["Message-ID"]),
        raw=to_bytes(message, edition.mail),
        states=accounted(choice, view, digest),
        stories={article.id: article.story_id for article in state.untold if article.story_id},
        wanted=bool(choice.stories) or digest.empty_day is EmptyDay.SEND or nothing_collected(material),
    )


def _material(choice: Choice, day: NewsDay, *, missed: int) -> IssueMaterial:
    return IssueMaterial(
        stories=choice.stories,
        since=day.since,
        until=day.until,
        read=day.read,
        below=choice.count(LedgerState.BELOW),
        volume=day.volume,
        health=day.health,
        missed=missed,
        nothing_new=choice.count(LedgerState.NOTHING_NEW),
    )


def _message(edition: Edition, slot: IssueSlot, copy: Copy, *, kind: str = "digest") -> NewMessage:
    address = copy.reader.address
    return NewMessage(
        key=f"{kind}/{edition.digest.name}/{slot.key}/{address}",
        recipient=address,
        body=copy.raw,
        kind=kind,
        sender=edition.mail.sender.address,
        subject=copy.view.subject,
        message_id=copy.message_id,
    )


def _lines(copy: Copy) -> list[LedgerLine]:
    return [
        LedgerLine(copy.reader.address, article_id, copy.stories.get(article_id), state)
        for article_id, state in copy.states.items()
    ]


def _counts(copies: list[Copy]) -> dict[str, dict[str, int]]:
    """Per reader: stories printed and left out, articles by state."""
    counts = {}
    for copy in copies:
        states = [str(state) for state in copy.states.values()]
        counts[copy.reader.address] = {
            "stories": len(copy.view.printed),
            "stories_left_out": len(copy.view.left_out),
            **{state: states.count(state) for state in sorted(set(states))},
        }
    return counts
