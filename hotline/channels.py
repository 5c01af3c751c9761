"""The channels of the configuration, ready to be handed messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from digest.channels.mail import MailChannel
from digest.channels.port import Channel
from hotline.config import Config


def make_channels(config: Config, environ: Mapping[str, str]) -> dict[str, Callable[[], Channel]]:
    """By name, what makes the channel for one message. Raises PasswordMissing."""
    password = config.smtp.password(environ)
    return {"mail": lambda: MailChannel(config.smtp, password=password)}
