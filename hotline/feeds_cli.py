"""`hotline feeds …`: options become typed arguments, as in hotline.cli."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hotline.options import ConfigOption, JsonOption, finish

feeds_app = typer.Typer(name="feeds", help="The feeds: find, list, exchange, examine.", no_args_is_help=True)
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show it, write nothing.")]


@feeds_app.command()
def add(
    site: Annotated[str, typer.Argument(help="A site, a section of it, or the feed itself.")],
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Add every feed found, not only the best.")
    ] = False,
    name: Annotated[str, typer.Option(help="What digests call it; else its own title.")] = "",
    language: Annotated[str, typer.Option(help="Two letters; else what the feed says.")] = "",
    country: Annotated[str, typer.Option(help="Two letters, for example US, RU, UA.")] = "",
    kind: Annotated[str, typer.Option(help="For example newswire, think-tank.")] = "",
    backfill: Annotated[
        int, typer.Option(min=0, help="How many entries of the first poll count as news.")
    ] = 0,
    dry_run: DryRun = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the feed of a site, show its latest titles, and write it into the configuration."""
    from hotline.commands.feeds import add

    known: dict[str, str | int] = {
        "name": name,
        "language": language,
        "country": country,
        "kind": kind,
        "backfill": backfill,
    }
    finish(add(site, config, os.environ, everything=everything, dry_run=dry_run, **known), as_json=as_json)


@feeds_app.command("list")
def list_feeds(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Every feed with its state."""
    from hotline.commands.feeds import list_feeds

    finish(list_feeds(config, os.environ), as_json=as_json)


@feeds_app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="An OPML file; broken ones are read as far as possible.")],
    *,
    dry_run: DryRun = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add the feeds of an OPML file."""
    from hotline.commands.feeds import import_list

    finish(import_list(file, config, os.environ, dry_run=dry_run), as_json=as_json)


@feeds_app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; else standard output.")] = None,
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all feeds as OPML, for other readers and for `hotline feeds import`."""
    from hotline.commands.feeds import export_list

    finish(export_list(file, config, os.environ), as_json=as_json)


@feeds_app.command()
def remove(
    feed: Annotated[str, typer.Argument(help="Its name or address.")],
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a feed out of the configuration; its articles stay."""
    from hotline.commands.feeds import remove

    finish(remove(feed, config, os.environ), as_json=as_json)


@feeds_app.command()
def doctor(
    feeds: Annotated[
        list[str] | None, typer.Argument(metavar="FEED", help="Names or addresses; else all.")
    ] = None,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Write new addresses where they are certain.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What ails the feeds, since when, and what to change."""
    from hotline.commands.doctor import doctor

    finish(doctor(config, os.environ, feeds=feeds or (), fix=fix), as_json=as_json)
