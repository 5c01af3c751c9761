"""What every command takes, and how every command ends."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotline.result import Result, show

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The configuration file; else $HOTLINE_CONFIG, else ./hotline.yaml."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def finish(result: Result, *, as_json: bool) -> None:
    """Print the result and leave with its exit code."""
    raise typer.Exit(show(result, as_json=as_json))
