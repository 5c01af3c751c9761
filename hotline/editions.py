"""A digest of the configuration, made ready to be issued."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from digest.config import DigestConfig
from digest.issue import Edition
from digest.links import SignedLinks
from digest.stories import Subtopic
from hotline.config import Config
from hotline.config_error import ConfigError, ConfigProblem, Place

LINK_SECRET = "HOTLINE_LINK_SECRET"  # noqa: S105 - the name of a variable, not its value


def make_edition(config: Config, digest: DigestConfig, environ: Mapping[str, str]) -> Edition:
    """Put `digest` together with its topic's sections, the sender and the links.

    Raises:
        ConfigError: `mail.base_url` promises links, but there is no secret to sign them with.
    """
    name = digest.topic or next(iter(config.topics))
    subtopics = config.topics[name].subtopics
    return Edition(
        digest=digest.model_copy(update={"topic": name}),
        sections=tuple(Subtopic(key, subtopic.title) for key, subtopic in subtopics.items()),
        mail=config.mail,
        links=make_links(config, environ),
    )


def make_links(config: Config, environ: Mapping[str, str]) -> SignedLinks | None:
    """What signs links in mails; None unless the listener is on and has a public address.

    Raises:
        ConfigError: there is no secret to sign them with.
    """
    mail = config.mail
    if mail.base_url is None or config.service.listen_at is None:
        return None
    secret = _read(mail.link_secret_file) if mail.link_secret_file else environ.get(LINK_SECRET, "").encode()
    if not secret:
        hint = f"Name a file in mail.link_secret_file, or set {LINK_SECRET}."
        problem = ConfigProblem(Place("mail.base_url"), "there is no secret for its links", hint=hint)
        raise ConfigError([problem])
    return SignedLinks(mail.base_url, secret)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError as error:
        message = f"this file cannot be read: {error.strerror}"
        raise ConfigError([ConfigProblem(Place(str(path)), message)]) from error
