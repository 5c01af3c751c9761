"""The command line: options become typed arguments, nothing more.

Every command is a function of hotline.commands, imported only when it is called, so that
`hotline --help` stays fast.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hotline import __version__
from hotline.feeds_cli import feeds_app
from hotline.options import ConfigOption, JsonOption, finish
from hotline.outbox_cli import outbox_app
from hotline.story_cli import story_app
from hotline.topic_cli import topic_app

app = typer.Typer(
    name="hotline",
    help="Watches news feeds for relations between the United States and Russia and tells its readers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(feeds_app)
app.add_typer(topic_app)
app.add_typer(outbox_app)
app.add_typer(story_app)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer's way of calling
    if wanted:
        typer.echo(f"hotline {__version__}")
        raise typer.Exit


@app.callback()
def hotline(
    *,
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Watches news feeds for relations between the United States and Russia and tells its readers."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it.")] = Path(),
    *,
    as_json: JsonOption = False,
) -> None:
    """Write a commented starter configuration with real feeds."""
    from hotline.commands.init import init

    finish(init(folder), as_json=as_json)


@app.command()
def check(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Validate the configuration, the database and the mail login; all errors at once, with lines."""
    from hotline.commands.check import check

    finish(check(config, os.environ), as_json=as_json)


@app.command()
def crawl(
    feeds: Annotated[
        list[str] | None,
        typer.Argument(metavar="FEED", help="Names or addresses; else those that are due."),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Poll all feeds, due or not.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Fetch and judge, but store nothing.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Crawl once by hand: poll feeds, read the pages they need, store what is new."""
    from hotline.commands.crawl import crawl

    result = crawl(
        config, os.environ, feeds=feeds or (), everything=everything, dry_run=dry_run, quiet=as_json
    )
    finish(result, as_json=as_json)


@app.command()
def status(
    *,
    running: Annotated[
        bool, typer.Option("--running", help="Exit 1 unless a service runs: for health checks.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the feeds' health, the last crawl, the next digest, the outbox and the database."""
    from hotline.commands.status import status

    finish(status(config, os.environ, demand_service=running), as_json=as_json)


@app.command()
def articles(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help="For example: sanctions AND title:(oil OR gas)")
    ] = "",
    *,
    since: Annotated[str, typer.Option("--since", help="A span such as 2 d, or a date.")] = "",
    topic: Annotated[str, typer.Option("--topic", help="Only this subtopic.")] = "",
    feed: Annotated[str, typer.Option("--feed", help="Only what was first seen in this feed.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 20,
    everything: Annotated[bool, typer.Option("--all", help="Also articles that did not match.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search the archive, newest first."""
    from hotline.commands.articles import Search, articles

    search = Search(query, since, topic, feed, limit, everything)
    finish(articles(config, os.environ, search), as_json=as_json)


@app.command()
def demo(
    *,
    output: Annotated[
        Path, typer.Option("--output", help="Where configuration, database and mails go.")
    ] = Path("demo-output"),
    open_html: Annotated[bool, typer.Option("--open", help="Open the digest in the browser.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show everything on a made-up newsroom, offline: crawl twice, digest, mail."""
    from hotline.commands.demo import demo

    say = _silent if as_json else partial(typer.echo, err=True)
    finish(demo(output, say=say, open_html=open_html), as_json=as_json)


def _silent(_line: str) -> None:
    """For scripts, which read the result only."""


@app.command()
def export(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A name that ends in .csv or .jsonl.")],
    *,
    since: Annotated[str, typer.Option("--since", help="A span such as 30 d, or a date.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also articles that did not match.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the archive to a file, for a spreadsheet or for a program."""
    from hotline.commands.export import export

    finish(export(config, os.environ, target, since=since, everything=everything), as_json=as_json)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes.")],
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a consistent copy of the database, also while the service runs."""
    from hotline.commands.backup import backup

    finish(backup(config, os.environ, target), as_json=as_json)


@app.command()
def digest(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One digest; else all of them.")] = "",
    *,
    preview: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write .html, .txt and .eml there; nothing is sent.")
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Send an extra issue to all readers now.")] = False,
    test: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Send one copy there; no reader's ledger knows of it.")
    ] = "",
    since: Annotated[str, typer.Option(help="Reach back to a time, for example 3 d or 2026-11-18.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compose digests now: print them, write them to files, or send them."""
    from hotline.commands.digest import DigestOptions, digest

    options = DigestOptions(preview=preview, send=send, test=test, since=since)
    finish(digest(config, os.environ, name=name, options=options), as_json=as_json)


@app.command()
def run(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Run the service: crawl, issue digests, send mail, until it is stopped."""
    from hotline.commands.run import run

    finish(run(config, os.environ), as_json=as_json)


@app.command()
def work(*, config: ConfigOption = None) -> None:
    """Crawl for a service that runs elsewhere on the same PostgreSQL (`service.engine: procrastinate`)."""
    from hotline.commands.work import work

    finish(work(config, os.environ), as_json=False)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="URL|FILE", help="An address, a number, or a file.")],
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why an article matched or not, what it duplicates, and to whom it was sent."""
    from hotline.commands.explain import explain

    finish(explain(config, os.environ, name=name), as_json=as_json)


@app.command()
def mark(
    article: Annotated[str, typer.Argument(metavar="ID", help="The number or address of an article.")],
    word: Annotated[str, typer.Argument(metavar="right|wrong", help="Was the decision right?")],
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a match; `hotline topic report` learns from it."""
    from hotline.commands.mark import Word, mark

    try:
        said = Word(word)
    except ValueError as error:
        raise typer.BadParameter("say right or wrong") from error
    finish(mark(config, os.environ, article=article, word=said), as_json=as_json)
