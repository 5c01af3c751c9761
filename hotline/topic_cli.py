"""`hotline topic …`: options become typed arguments, as in hotline.cli."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hotline.options import ConfigOption, JsonOption, finish

topic_app = typer.Typer(name="topic", help="Try out and tune what counts as the topic.", no_args_is_help=True)
DaysOption = Annotated[int, typer.Option("--days", min=1, max=3650, help="How far back, in days.")]


@topic_app.command("test")
def score(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl", help="{id, title, summary, text, lang} a line.")
    ],
    *,
    config: ConfigOption = None,
) -> None:
    """Score documents: one JSON line {id, matched, score, subtopics, hits} for each line."""
    from hotline.commands.topic.score import score_lines

    for line in score_lines(config, os.environ, file):
        typer.echo(line)


@topic_app.command("backtest")
def backtest(
    *,
    changed: Annotated[Path, typer.Option("--with", metavar="FILE", help="The changed configuration.")],
    days: DaysOption = 30,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a changed topic would have gained and lost, with reasons, before it is saved."""
    from hotline.commands.topic.backtest import topic_backtest

    finish(topic_backtest(config, os.environ, changed=changed, days=days), as_json=as_json)


@topic_app.command("words")
def words(
    *,
    days: DaysOption = 30,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 40,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List frequent names beside matched ones that no list holds yet."""
    from hotline.commands.topic.words import topic_words

    finish(topic_words(config, os.environ, days=days, limit=limit), as_json=as_json)


@topic_app.command("report")
def report(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show precision by the judgements so far, and the terms behind most wrong matches."""
    from hotline.commands.topic.report import topic_report

    finish(topic_report(config, os.environ), as_json=as_json)
