"""`hotline check`: is everything that a run needs in order?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from sqlalchemy import make_url, text

from digest.channels.mail import MailChannel
from digest.channels.port import Sent
from digest.message import check_signing
from digest.smtp_config import SmtpConfig
from hotline.config import Config
from hotline.config_file import Loaded, find_config, load_config
from hotline.editions import make_links
from hotline.job_engine import make_job_engine
from hotline.result import ExitCode, Problem, Result
from language.errors import HotlineError
from storage.config import StorageConfig
from storage.engine import make_engine, reading
from storage.errors import DatabaseUnreachable


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and what was found; `problem` is None when it is in order."""

    name: str
    found: str
    problem: Problem | None = None


def check(config: Path | None, environ: Mapping[str, str]) -> Result:
    """Validate the configuration, reach the database, log in to the mail server; send and change nothing.

    Raises:
        ConfigError: with every mistake in the configuration; the rest is not looked at then.
    """
    loaded = load_config(find_config(config, environ), environ)
    checks = (
        _configuration(loaded),
        _caught("database", lambda: _database(loaded.config.storage)),
        _caught("mail", lambda: _mail(loaded.config.smtp, environ)),
        _caught("links", lambda: _links(loaded.config, environ)),
        *([_caught("queue", lambda: _queue(loaded.config))] if not loaded.config.service.is_alone else []),
    )
    problems = tuple(found.problem for found in checks if found.problem is not None)
    return Result(
        "check",
        _data(loaded, checks),
        problems,
        report=tuple(_line(found) for found in checks),
        exit_code=ExitCode.ERROR if problems else ExitCode.OK,
    )


def _configuration(loaded: Loaded) -> Check:
    feeds, digests = len(loaded.config.feeds), loaded.config.digests
    readers = {reader.address for digest in digests for reader in digest.readers}
    counted = f"{_count(feeds, 'feed')}, {_count(len(digests), 'digest')}, {_count(len(readers), 'reader')}"
    return Check("configuration", f"{loaded.path}: {counted}")


def _database(config: StorageConfig) -> str:
    url = make_url(config.url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        _demand_writable(Path(url.database).parent)
        return f"{shown}: will be made by the first crawl"
    engine = make_engine(config)
    try:
        with reading(engine) as connection:
            connection.execute(text("SELECT 1"))
    finally:
        engine.dispose()
    return f"{shown}: reached"


def _queue(config: Config) -> str:
    make_job_engine(config)
    return f"crawls by {config.service.engine}, in the same database"


def _demand_writable(folder: Path) -> None:
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise DatabaseUnreachable(
            f"The database cannot be made: {folder} is no folder that can be written to.",
            hint="Change storage.url, or make the folder.",
        )


def _mail(config: SmtpConfig, environ: Mapping[str, str]) -> str:
    server = f"{config.host}:{config.server_port}"
    outcome = MailChannel(config, password=config.password(environ)).check()
    if isinstance(outcome, Sent):
        return f"{server}: {'logged in' if config.user else 'reached'} ({config.security})"
    raise MailServerError(
        f"The mail server {server} does not work: {outcome.reason}.".replace("..", "."),
        hint="Check `smtp:` in the configuration, and whether the server is running.",
    )


def _links(config: Config, environ: Mapping[str, str]) -> str:
    if config.mail.dkim is not None:
        check_signing(config.mail.dkim)
    if make_links(config, environ) is None:
        return f"unsubscribing by mail to {config.mail.unsubscribe_mailbox}; no listener"
    return f"{config.mail.base_url}, answered at {config.service.listen}"


class MailServerError(HotlineError):
    """The mail server cannot be reached, or refuses the login."""

    code = "mail-server"


def _caught(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, look())
    except HotlineError as error:
        return Check(name, error.message, Problem.of(error))


def _data(loaded: Loaded, checks: tuple[Check, ...]) -> dict[str, object]:
    return {
        "config": loaded.path,
        "files": loaded.files,
        "feeds": len(loaded.config.feeds),
        "digests": [digest.name for digest in loaded.config.digests],
        "checks": [{"name": c.name, "ok": c.problem is None, "found": c.found} for c in checks],
    }


def _line(found: Check) -> Text:
    mark = Text("ok     ", "green") if found.problem is None else Text("failed ", "bold red")
    return mark.append(f"{found.name:<14}", "bold").append(
        found.found if found.problem is None else "see below", "not bold default"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
