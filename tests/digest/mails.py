"""What the tests of sending share: a mail in the outbox, a sender on loopback, the row afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from digest.channels.mail import MailChannel
from digest.channels.port import Channel
from digest.outbox import OutboxSender
from digest.smtp_config import Security, SmtpConfig, SmtpTimeouts
from storage.ballast import Ballast
from storage.engine import writing
from storage.outbox import NewMessage, QueuedMessage, enqueue, list_messages

BODY = b"Message-ID: <1@hotline.example>\r\nSubject: Morning\r\n\r\nNothing happened.\r\n.\r\n..and so on\r\n"


def queue(engine: Engine, *keys: str, now: datetime, **values: Any) -> list[int]:
    """Queue one mail per key, each to `key@reader.example` unless a recipient is given."""
    made = []
    with writing(engine) as connection:
        for key in keys:
            fields = {"recipient": f"{key}@reader.example", "sender": "news@hotline.example", "body": BODY}
            found = enqueue(connection, NewMessage(key=key, **{**fields, **values}), now=now)
            assert found is not None
            made.append(found)
    return made


def smtp_config(port: int, **values: Any) -> SmtpConfig:
    """A server on loopback, unencrypted, with short time limits unless told otherwise."""
    fields = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.NONE,
        "timeouts": SmtpTimeouts(connect=5, command=5, envelope=20, final=20),
    }
    return SmtpConfig(**{**fields, **values})


def mail_sender(
    engine: Engine, port: int, *, password: str | None = None, ballast: Ballast | None = None, **values: Any
) -> OutboxSender:
    """A sender of mail to the server on `port`, without jitter."""
    config = smtp_config(port, **values)

    def channel() -> Channel:
        return MailChannel(config, password=password)

    return sender(engine, channel, ballast=ballast)


def sender(engine: Engine, channel: Callable[[], Channel], *, ballast: Ballast | None = None) -> OutboxSender:
    """A sender over `channel`, without jitter."""
    return OutboxSender(engine, {"mail": channel}, ballast=ballast, jitter=lambda: 0.0)


def drain(outbox: OutboxSender, now: datetime) -> int:
    """Send until nothing is due; how many were tried."""
    tried = 0
    while outbox.send_one(now):
        tried += 1
    return tried


def rows(engine: Engine) -> list[QueuedMessage]:
    """All messages, oldest first."""
    return list_messages(engine, everything=True)


def row(engine: Engine) -> QueuedMessage:
    """The only message."""
    [only] = rows(engine)
    return only
