"""`hotline outbox …`: options become typed arguments, as in hotline.cli."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from hotline.options import ConfigOption, JsonOption, finish

outbox_app = typer.Typer(
    name="outbox", help="Mail and messages: what waits, failed, or may be a repeat.", no_args_is_help=True
)
Numbers = Annotated[
    list[int] | None, typer.Argument(metavar="[NUMBER]…", help="As `hotline outbox list` shows them.")
]
Failed = Annotated[bool, typer.Option("--failed", help="All that failed.")]


@outbox_app.command("list")
def list_outbox(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what was simply sent.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What waits, failed, or may have been sent twice."""
    from hotline.commands.outbox import list_outbox

    finish(list_outbox(config, os.environ, everything=everything), as_json=as_json)


@outbox_app.command()
def retry(
    numbers: Numbers = None,
    *,
    failed: Failed = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make messages due again, also to an address that had refused them."""
    from hotline.commands.outbox import retry

    finish(retry(numbers or (), config, os.environ, failed=failed), as_json=as_json)


@outbox_app.command()
def drop(
    numbers: Numbers = None,
    *,
    failed: Failed = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give messages up; they stay readable in the database."""
    from hotline.commands.outbox import drop

    finish(drop(numbers or (), config, os.environ, failed=failed), as_json=as_json)
