"""The sender of the outbox: one step that claims a message, hands it over and records what became of it.

Delivery is at least once. A message is sent a second time only when the first answer was lost; such a
message has the same bytes and the same Message-ID, and is flagged in the outbox.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine

from digest.channels.port import (
    Ambiguous,
    AuthFailed,
    Channel,
    Message,
    Outcome,
    Permanent,
    Retry,
    Sent,
)
from language.clean import clean_text
from language.errors import HotlineError
from storage import outbox
from storage.ballast import Ballast
from storage.channel_pauses import channel_pauses, note_delay, pause_channel, recover_channel
from storage.errors import StorageError
from storage.outbox import Claim

log = logging.getLogger(__name__)
T = TypeVar("T")

# RFC 5321 §4.5.4.1: retry for 4–5 days; a greylisting server wants the first one soon.
BACK_OFF = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1))
GIVE_UP_AFTER = timedelta(days=5)
LOGIN_PAUSE = timedelta(hours=1)  # a server that refuses the login counts, and locks accounts
LATE_AFTER = timedelta(hours=4)
LEASE_MARGIN = timedelta(minutes=5)
PATIENCE = (1.0, 5.0, 30.0)  # seconds between tries to record a yes: unrecorded it is a certain repeat


def next_try(attempts: int, *, now: datetime, jitter: float) -> datetime:
    """When to try again after `attempts` failures: 5, 15, 30 minutes, then hourly, up to a tenth later.

    `jitter` in [0, 1) spreads what failed together."""
    delay = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    return now + delay * (1 + 0.1 * jitter)


def next_try_after_silence(attempts: int, *, now: datetime, jitter: float) -> datetime:
    """When to try again after a lost answer: the reader may have it, so 1, 2, 4 … 24 hours later."""
    delay = timedelta(hours=min(2 ** (attempts - 1), 24))
    return now + delay * (1 + 0.1 * jitter)


@dataclass(slots=True)
class _Running:
    """The message in hand, so that a stop can say what becomes of it."""

    claim: Claim
    channel: Channel
    handed_over: bool = False


class OutboxSender:
    """Sends what is due, one message at a time, over `channels` (a fresh one is made per message).

    `stop` and `abandon` may be called from another thread; `send_one` runs in one thread at a time.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Callable[[], Channel]],
        *,
        ballast: Ballast | None = None,
        jitter: Callable[[], float] = random.random,
        patience: Iterable[float] = PATIENCE,
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._ballast = ballast
        self._jitter = jitter
        self._patience = patience
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._running: _Running | None = None
        self._stop = threading.Event()

    def send_one(self, now: datetime) -> bool:
        """Send the message that waits longest; False when none is due.

        Raises StorageError when the outbox cannot be read or written. The message in hand then stays
        as claimed, and is tried again after its lease.
        """
        if self._stop.is_set():
            return False
        started = time.monotonic()
        claimed = self._claim(now)
        if claimed is None:
            return False
        try:
            self._send(claimed, now, started)
        finally:
            self._running = None
        return True

    def stop(self) -> None:
        """Take no more, and break off a sending that the server could not have taken yet."""
        self._stop.set()
        if (running := self._running) is not None:
            running.channel.abort()

    def abandon(self, now: datetime) -> None:
        """Settle the message still in hand at the end: flagged when it may be taken, else given back."""
        if (running := self._running) is None:
            return
        if running.handed_over:
            outbox.flag_interrupted(self._engine, running.claim)
        else:
            outbox.release(self._engine, running.claim, next_try_at=now)

    def _claim(self, now: datetime) -> Claim | None:
        pauses = channel_pauses(self._engine)
        paused = frozenset(name for name, until in pauses.items() if now < until <= now + 2 * LOGIN_PAUSE)
        longest = max((make().longest for make in self._channels.values()), default=0.0)
        lease = timedelta(seconds=longest) + LEASE_MARGIN
        return self._write(
            lambda: outbox.claim(self._engine, now=now, lease=lease, owner=self._owner, paused=paused)
        )

    def _send(self, claimed: Claim, now: datetime, started: float) -> None:
        if outbox.is_suppressed(self._engine, claimed):
            self._drop(claimed, "the reader must not be written to")
            return
        make = self._channels.get(claimed.channel)
        outcome = (
            self._hand_over(claimed, make(), now)
            if make is not None
            else Retry(f"no channel named {claimed.channel} is configured")
        )
        self._record(claimed, outcome, now + timedelta(seconds=time.monotonic() - started))

    def _hand_over(self, claimed: Claim, channel: Channel, now: datetime) -> Outcome:
        running = self._running = _Running(claimed, channel)

        def commit() -> bool:
            held = self._write(lambda: outbox.hand_over(self._engine, claimed, now=now))
            running.handed_over = held
            return held

        message = Message(recipient=claimed.recipient, content=claimed.body, sender=claimed.sender)
        try:
            return channel.send(message, commit)
        except HotlineError:  # the outbox itself failed, before anything was handed over
            raise
        except Exception as error:  # the edge of the step: one message's bug must not stop the others
            log.exception("sending message %d failed", claimed.id)
            reason = clean_text(f"{type(error).__name__}: {error}", limit=300)
            return Ambiguous(reason) if running.handed_over else Retry(reason)

    def _record(self, claimed: Claim, outcome: Outcome, now: datetime) -> None:
        match outcome:
            case Sent(queue_id):
                self._insist(lambda: outbox.mark_sent(self._engine, claimed, now=now, queue_id=queue_id))
                recover_channel(self._engine, claimed.channel, now=now)
            case Retry(reason) if self._stop.is_set():
                self._write(lambda: outbox.release(self._engine, claimed, next_try_at=now, error=reason))
            case Retry(reason):
                self._try_later(claimed, reason, now)
            case Ambiguous(reason):
                self._try_later(claimed, reason, now, ambiguous=True)
            case AuthFailed(reason):
                self._pause(claimed, reason, now)
            case Permanent(reason, recipient):
                self._refuse(claimed, reason, now, about_recipient=recipient)

    def _try_later(self, claimed: Claim, reason: str, now: datetime, *, ambiguous: bool = False) -> None:
        kind = "ambiguous" if ambiguous else "retry"
        if now - claimed.created_at > GIVE_UP_AFTER:
            gave_up = f"given up after five days: {reason}"
            self._write(
                lambda: outbox.mark_failed(
                    self._engine, claimed, error_kind=kind, error=gave_up, ambiguous=ambiguous
                )
            )
            return
        if now - claimed.created_at > LATE_AFTER:
            told = f"Messages by {claimed.channel} wait for more than four hours ({reason})."
            self._write(lambda: note_delay(self._engine, claimed.channel, reason=told, now=now))
        schedule = next_try_after_silence if ambiguous else next_try
        due = schedule(claimed.attempts, now=now, jitter=self._jitter())
        self._write(
            lambda: outbox.mark_retry(
                self._engine, claimed, next_try_at=due, error_kind=kind, error=reason, ambiguous=ambiguous
            )
        )

    def _pause(self, claimed: Claim, reason: str, now: datetime) -> None:
        self._write(lambda: outbox.release(self._engine, claimed, next_try_at=now, error=reason))
        alarm = f"The server of {claimed.channel} refuses the login, and its messages wait ({reason})."
        news = self._write(
            lambda: pause_channel(
                self._engine, claimed.channel, until=now + LOGIN_PAUSE, reason=alarm, now=now
            )
        )
        if news:
            log.error("%s", alarm)

    def _refuse(self, claimed: Claim, reason: str, now: datetime, *, about_recipient: bool) -> None:
        bounced = claimed.recipient if about_recipient else ""
        self._write(
            lambda: outbox.mark_refused(self._engine, claimed, error=reason, bounced=bounced, now=now)
        )

    def _drop(self, claimed: Claim, reason: str) -> None:
        self._write(
            lambda: outbox.mark_failed(
                self._engine, claimed, error_kind="suppressed", error=reason, dropped=True
            )
        )

    def _insist(self, write: Callable[[], T]) -> T:
        """Write what must not be lost also when the database is away for a moment."""
        for pause in self._patience:
            try:
                return self._write(write)
            except StorageError as error:
                log.warning("the result of a sending could not be recorded, trying again: %s", error)
                self._stop.wait(pause)
        return self._write(write)

    def _write(self, write: Callable[[], T]) -> T:
        """Write a result even when the disk is full: an unrecorded sending is a certain duplicate."""
        return write() if self._ballast is None else self._ballast.or_drop(write)
