"""The sender of the outbox, wired from the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Engine

from digest.channels.mail import MailChannel
from digest.outbox import OutboxSender
from hotline.config import Config


def make_sender(config: Config, engine: Engine, environ: Mapping[str, str]) -> OutboxSender:
    """The sender of the outbox. Raises PasswordMissing."""
    password = config.smtp.password(environ)
    return OutboxSender(engine, {"mail": lambda: MailChannel(config.smtp, password=password)})


def send_waiting(sender: OutboxSender) -> None:
    """Send what is due now, one after the other; what must wait stays queued."""
    while sender.send_one(datetime.now(UTC)):
        pass
