"""What a command returns, and the one place that prints it.

A command takes typed arguments and returns a `Result`; only `show` writes to standard output, as text
or as the JSON envelope that scripts rely on:

    {"command", "status": "ok" | "partial" | "error", "data": {…}, "errors": [{"code", "message", …}]}
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING

from language.errors import HotlineError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class ExitCode(IntEnum):
    """The exit codes that scripts may rely on; 75 and 78 are EX_TEMPFAIL and EX_CONFIG of sysexits.h."""

    OK = 0
    ERROR = 1
    USAGE = 2
    PARTIAL = 3  # some feeds, mails or rows failed; the rest is done
    ALREADY_RUNNING = 75
    CONFIG = 78


class Status(StrEnum):
    """How a command ended, in one word."""

    OK = "ok"
    PARTIAL = "partial"
    ERROR = "error"


_CODES_WITH_AN_EXIT = {"config": ExitCode.CONFIG, "already-running": ExitCode.ALREADY_RUNNING}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong: a stable `code`, one sentence, what to do, and where (`details`)."""

    code: str
    message: str
    hint: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, error: HotlineError) -> Problem:
        """The same failure as data."""
        return cls(error.code, error.message, error.hint, error.details)

    def as_data(self) -> dict[str, object]:
        """The JSON form: `code` and `message` always, the rest when there is any."""
        hint = {"hint": self.hint} if self.hint else {}
        return {"code": self.code, "message": self.message, **hint, **self.details}


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did. `data` is for scripts, `report` (rich renderables, in order) for people."""

    command: str
    data: Mapping[str, object] = field(default_factory=dict)
    errors: tuple[Problem, ...] = ()
    report: tuple[RenderableType, ...] = ()
    exit_code: ExitCode = ExitCode.OK

    @property
    def status(self) -> Status:
        """Partial is a state of its own: eight of ten feeds were read."""
        if self.exit_code is ExitCode.OK:
            return Status.OK
        return Status.PARTIAL if self.exit_code is ExitCode.PARTIAL else Status.ERROR


def failure(command: str, error: HotlineError) -> Result:
    """The result of a command that raised `error`; a group of errors (`error.problems`) is told whole."""
    problems = getattr(error, "problems", ()) or (Problem.of(error),)
    return Result(command, errors=tuple(problems), exit_code=exit_code_of(error))


def exit_code_of(error: HotlineError) -> ExitCode:
    """78 for configuration, 75 for a service that already runs, else 1."""
    return _CODES_WITH_AN_EXIT.get(error.code, ExitCode.ERROR)


def show(
    result: Result, *, as_json: bool, out: Console | None = None, err: Console | None = None
) -> ExitCode:
    """Print `result`: the report to standard output and the problems to standard error, or all of it
    as one JSON object on standard output. Returns the exit code."""
    from rich.console import Console

    out = out or Console()
    if as_json:
        out.print(envelope(result), markup=False, highlight=False, soft_wrap=True)
        return result.exit_code
    for part in result.report:
        _show_part(part, out)
    _show_problems(result.errors, err or Console(stderr=True))
    return result.exit_code


def envelope(result: Result) -> str:
    """The JSON object of `result`; times in UTC with offset, durations in seconds."""
    return json.dumps(
        {
            "command": result.command,
            "status": result.status,
            "data": result.data,
            "errors": [problem.as_data() for problem in result.errors],
        },
        default=_plain,
        ensure_ascii=False,
        indent=2,
    )


def _show_part(part: RenderableType, out: Console) -> None:
    """Text is printed as it is: headlines may hold brackets, and a path must stay on one line."""
    from rich.text import Text

    out.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str | Text))


def _show_problems(problems: tuple[Problem, ...], err: Console) -> None:
    from rich.text import Text

    for problem in problems:
        err.print(Text("error: ", style="bold red").append(problem.message, style="default"), soft_wrap=True)
        if problem.hint:
            err.print(Text(f"       {problem.hint}"), soft_wrap=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date | time):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"a result holds {type(value).__name__}, which has no JSON form")
