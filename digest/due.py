"""The tick of one digest: issue it if its schedule says so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.config import DigestConfig
from digest.issue import Edition, IssueReport, IssueSlot, send_issue
from digest.schedule import LOOK_BACK, DueIssue, Slot, due_issue, next_slot
from storage.engine import reading
from storage.ledger import issued_slots
from storage.readers import reader_since


def issue_if_due(engine: Engine, edition: Edition, *, now: datetime) -> IssueReport | None:
    """Issue `edition` when a slot has come that no issue was sent for; None otherwise.

    The database decides: two services that call this at the same moment issue once. Raises
    StorageError; then nothing was written and the next tick tries again.
    """
    with reading(engine) as connection:
        due = find_due(connection, edition.digest, now=now)
    return None if due is None else send_issue(engine, edition, IssueSlot.due(due), now=now)


def find_due(connection: Connection, digest: DigestConfig, *, now: datetime) -> DueIssue | None:
    """The issue of `digest` that is due at `now`; none before its first reader is registered."""
    began = [
        since
        for reader in digest.readers
        if (since := reader_since(connection, digest=digest.name, address=reader.address)) is not None
    ]
    if not began:
        return None
    recent = now.astimezone(digest.schedule.zone).date() - LOOK_BACK
    issued = issued_slots(connection, digest=digest.name, since=recent)
    return due_issue(digest.schedule, issued=issued, since=min(began), now=now)


def find_next(digest: DigestConfig, *, now: datetime) -> Slot:
    """When `digest` is issued next, for `hotline status`."""
    return next_slot(digest.schedule, now=now)
