"""`hotline story …`: options become typed arguments, as in hotline.cli."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from hotline.options import ConfigOption, JsonOption, finish

story_app = typer.Typer(name="story", help="Look at stories and correct them.", no_args_is_help=True)
Article = Annotated[str, typer.Argument(metavar="ID|URL", help="The number or address of an article.")]


@story_app.command()
def show(article: Article, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the story of an article: what belongs to it, and why."""
    from hotline.commands.story import show_story

    finish(show_story(config, os.environ, article=article), as_json=as_json)


@story_app.command()
def split(article: Article, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Take an article out of its story; no later crawl puts it back."""
    from hotline.commands.story import split_story

    finish(split_story(config, os.environ, article=article), as_json=as_json)


@story_app.command()
def merge(
    article: Article,
    other: Annotated[str, typer.Argument(metavar="ID|URL", help="An article of the story to put into it.")],
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the story of another article into the story of this one."""
    from hotline.commands.story import merge_stories

    finish(merge_stories(config, os.environ, article=article, other=other), as_json=as_json)
