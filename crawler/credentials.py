"""Logins for feeds behind HTTP Basic authentication (RFC 7617). Passwords live outside the database."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from aiohttp import encode_basic_auth

from crawler.config import FeedConfig
from language.errors import HotlineError


class MissingPassword(HotlineError):
    """The configuration names an environment variable or a file that is not there."""

    code: ClassVar[str] = "missing-password"


def authorizations_of(
    feeds: Iterable[FeedConfig], *, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The Authorization header of each feed with a user name, by feed URL. Raises MissingPassword."""
    return {
        feed.url: authorization(feed.username, _password(feed, environment))
        for feed in feeds
        if feed.username
    }


def authorization(username: str, password: str) -> str:
    """The value of the header."""
    return encode_basic_auth(username, password, encoding="utf-8")


def _password(feed: FeedConfig, environment: Mapping[str, str]) -> str:
    if feed.password_env:
        if feed.password_env not in environment:
            raise MissingPassword(
                f"{feed.title} needs the environment variable {feed.password_env}.",
                hint="Set it, or remove password_env.",
            )
        return environment[feed.password_env]
    if feed.password_file:
        try:
            return Path(feed.password_file).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise MissingPassword(
                f"{feed.title} needs the password in {feed.password_file}, which cannot be read.",
                hint="Check the path and permissions.",
            ) from error
    return feed.password.get_secret_value()
