"""docs/commands.md from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from hotline.cli import app
from hotline.result import ExitCode

_INTRODUCTION = """\
# Commands

<!-- Written by `python -m docs.regenerate` from the command line; do not edit. -->

Every command takes `--json` and then prints one object: `{"command", "status", "data", "errors"}`, where
`status` is `ok`, `partial` or `error` and each error has at least `code` and `message`. Exit codes:
"""
_MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.ERROR: "not done; the message says why",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.PARTIAL: "done in part: some feeds or mails failed",
    ExitCode.ALREADY_RUNNING: "another service holds this database",
    ExitCode.CONFIG: "the configuration is wrong",
}


def commands_page() -> str:
    """The whole page."""
    codes = "".join(f"\n| {int(code)} | {meaning} |" for code, meaning in _MEANINGS.items())
    sections = "\n".join(_section(name, command) for name, command in all_commands())
    return f"{_INTRODUCTION}\n| code | meaning |\n|---|---|{codes}\n\n{sections}"


def all_commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, `feeds add` for one in a group; in the order of `--help`."""
    yield from _inside("", get_command(app))


def _inside(prefix: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _inside(f"{prefix}{name} ", command)
        else:
            yield f"{prefix}{name}", command


def _section(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join(["hotline", name, *map(_metavar, arguments)])
    rows = [_row(_metavar(argument), argument) for argument in arguments]
    rows += [_row(", ".join(option.opts), option) for option in options]
    table = "| | |\n|---|---|\n" + "\n".join(rows) + "\n"
    return f"## hotline {name}\n\n{command.help}\n\n    {usage} [OPTIONS]\n\n{table}"


def _metavar(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).rstrip("…") + ("…" if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _row(name: str, parameter: Any) -> str:
    return f"| `{name}` | {(parameter.help or '').replace('|', chr(92) + '|')} |"
