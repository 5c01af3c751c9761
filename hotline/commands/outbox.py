"""`hotline outbox list | retry | drop`: mail and messages that wait, failed, or may be a repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine

from hotline.bootstrap import open_application
from hotline.config_file import find_config, load_config
from hotline.result import ExitCode, Problem, Result
from language.errors import HotlineError
from storage.outbox import (
    OutboxStatus,
    QueuedMessage,
    drop_messages,
    list_messages,
    read_messages,
    retry_messages,
)

_COLOURS = {OutboxStatus.FAILED: "red", OutboxStatus.SENT: "green", OutboxStatus.DROPPED: "dim"}


class NothingNamed(HotlineError):
    """The command needs numbers of messages, or --failed."""

    code: ClassVar[str] = "nothing-named"


def list_outbox(config: Path | None, environ: Mapping[str, str], *, everything: bool = False) -> Result:
    """What waits, failed, or may have been sent twice; with `everything` also what was simply sent."""
    loaded = load_config(find_config(config, environ), environ)
    with open_application(loaded.config, now=datetime.now(UTC)) as application:
        found = list_messages(application.engine, everything=everything)
    data = {"messages": [_data(message) for message in found]}
    return Result("outbox list", data, report=(_table(found) if found else "Nothing waits, nothing failed.",))


def retry(
    numbers: Sequence[int], config: Path | None, environ: Mapping[str, str], *, failed: bool = False
) -> Result:
    """Make messages due again, with five new days; also to an address that had bounced.

    Raises NothingNamed.
    """
    now = datetime.now(UTC)
    return _change(
        "outbox retry",
        numbers,
        config,
        environ,
        failed=failed,
        change=lambda engine, ids: retry_messages(engine, ids, now=now),
        said="{} due again; the service sends within seconds.",
    )


def drop(
    numbers: Sequence[int], config: Path | None, environ: Mapping[str, str], *, failed: bool = False
) -> Result:
    """Give messages up. They stay readable. Raises NothingNamed."""
    return _change(
        "outbox drop",
        numbers,
        config,
        environ,
        failed=failed,
        change=drop_messages,
        said="{} dropped.",
    )


def _change(
    command: str,
    numbers: Sequence[int],
    config: Path | None,
    environ: Mapping[str, str],
    *,
    failed: bool,
    change: Callable[[Engine, list[int]], int],
    said: str,
) -> Result:
    if not numbers and not failed:
        raise NothingNamed(
            "No message is named.", hint="Give the numbers that `hotline outbox list` shows, or --failed."
        )
    loaded = load_config(find_config(config, environ), environ)
    with open_application(loaded.config, now=datetime.now(UTC)) as application:
        ids = _chosen(application.engine, numbers, failed=failed)
        known = {message.id for message in read_messages(application.engine, ids)}
        changed = change(application.engine, ids)
    problems = tuple(_unknown(number) for number in numbers if number not in known)
    count = "1 message" if changed == 1 else f"{changed} messages"
    return Result(
        command,
        {"changed": changed, "unknown": [number for number in numbers if number not in known]},
        problems,
        report=(said.format(count),),
        exit_code=_exit_code(changed, problems),
    )


def _chosen(engine: Engine, numbers: Sequence[int], *, failed: bool) -> list[int]:
    if not failed:
        return list(numbers)
    return [message.id for message in list_messages(engine) if message.status is OutboxStatus.FAILED]


def _exit_code(changed: int, problems: Sequence[Problem]) -> ExitCode:
    if not problems:
        return ExitCode.OK
    return ExitCode.PARTIAL if changed else ExitCode.ERROR


def _unknown(number: int) -> Problem:
    return Problem("no-such-message", f"There is no message no. {number}.", details={"id": number})


def _data(message: QueuedMessage) -> dict[str, object]:
    return {name: getattr(message, name) for name in QueuedMessage.__slots__}


def _table(found: Sequence[QueuedMessage]) -> Table:
    table = Table(
        "no.", "to", "subject", "state", "tries", "next try", "what was said",
        box=None, pad_edge=False, header_style="bold",
    )  # fmt: skip
    for message in found:
        pending = message.status is OutboxStatus.PENDING
        table.add_row(
            str(message.id),
            Text(message.recipient),
            Text(message.subject),
            Text(_state(message), _COLOURS.get(message.status, "")),
            str(message.attempts),
            f"{message.next_try_at:%d %b %H:%M} UTC" if pending else "",
            Text(message.error),
        )
    return table


def _state(message: QueuedMessage) -> str:
    return f"{message.status}, perhaps sent twice" if message.maybe_duplicate else message.status
