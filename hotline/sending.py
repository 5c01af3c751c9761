"""The sender of the outbox, wired from the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Engine

from digest.channels.apprise import AppriseChannel
from digest.channels.mail import MailChannel
from digest.channels.port import Channel
from digest.outbox import OutboxSender
from hotline.config import Config
from storage.ballast import Ballast


def make_sender(config: Config, engine: Engine, environ: Mapping[str, str]) -> OutboxSender:
    """The sender of the outbox. Raises PasswordMissing and ChannelUrlMissing."""
    return OutboxSender(engine, make_channels(config, environ), ballast=Ballast.beside(engine.url))


def make_channels(config: Config, environ: Mapping[str, str]) -> dict[str, Callable[[], Channel]]:
    """By name, what makes the channel for one message. Raises PasswordMissing and ChannelUrlMissing."""
    password = config.smtp.password(environ)
    found: dict[str, Callable[[], Channel]] = {
        "mail": lambda: MailChannel(config.smtp, password=password),
    }
    for channel in config.channels:
        found[channel.name] = _apprise(channel.url(environ), channel.name)
    return found


def _apprise(url: str, name: str) -> Callable[[], Channel]:
    return lambda: AppriseChannel(url, name=name)


def send_waiting(sender: OutboxSender) -> None:
    """Send what is due now, one after the other; what must wait stays queued."""
    while sender.send_one(datetime.now(UTC)):
        pass
