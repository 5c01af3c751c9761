"""`hotline story …`: look at a story and correct it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text
from sqlalchemy import Connection

from hotline.bootstrap import open_application
from hotline.commands.mark import no_such_article
from hotline.config_file import find_config, load_config
from hotline.result import Result
from language.errors import HotlineError
from storage.archive import find_article
from storage.corpus.corrections import ToldArticle, merge, split, story_of, told_in
from storage.engine import reading, writing


class NoStory(HotlineError):
    """The article did not match, or there is nothing to correct."""

    code = "no-story"


def show_story(config_path: Path | None, environ: Mapping[str, str], *, article: str) -> Result:
    """Show the story of an article (number or address): its articles, and why each belongs to it.

    Raises:
        NoSuchArticle: the archive does not have it.
        NoStory: it did not match, so that no story holds it.
    """
    config = load_config(find_config(config_path, environ), environ).config
    with (
        open_application(config, now=datetime.now(UTC)) as application,
        reading(application.engine) as connection,
    ):
        return _shown("story show", connection, _story(connection, _number(connection, article)))


def split_story(config_path: Path | None, environ: Mapping[str, str], *, article: str) -> Result:
    """Take an article out of its story, for good: no later crawl puts it back. Raises as `show_story`."""
    config = load_config(find_config(config_path, environ), environ).config
    now = datetime.now(UTC)
    with open_application(config, now=now) as application, writing(application.engine) as connection:
        number = _number(connection, article)
        _story(connection, number)
        new = split(connection, number, now=now)
        if new is None:
            raise NoStory(f"Article {number} is alone in its story.", hint="There is nothing to split.")
        return _shown("story split", connection, new)


def merge_stories(
    config_path: Path | None, environ: Mapping[str, str], *, article: str, other: str
) -> Result:
    """Put the story of `other` into that of `article`, for good. Raises as `show_story`."""
    config = load_config(find_config(config_path, environ), environ).config
    now = datetime.now(UTC)
    with open_application(config, now=now) as application, writing(application.engine) as connection:
        numbers = [_number(connection, name) for name in (article, other)]
        for number in numbers:
            _story(connection, number)
        story = merge(connection, *numbers, now=now)
        if story is None:
            raise NoStory("Both articles are in one story already.", hint="There is nothing to merge.")
        return _shown("story merge", connection, story)


def _number(connection: Connection, name: str) -> int:
    found = find_article(connection, name)
    if found is None:
        raise no_such_article(name)
    return found.id


def _story(connection: Connection, article_id: int) -> int:
    story = story_of(connection, article_id)
    if story is None:
        raise NoStory(
            f"Article {article_id} is in no story.", hint="Only articles that match the topic are grouped."
        )
    return story


def _shown(command: str, connection: Connection, story_id: int) -> Result:
    articles = told_in(connection, story_id)
    head = Text(f"Story {story_id}: {len(articles)} article{'s' if len(articles) != 1 else ''}")
    data = {"story": story_id, "articles": articles}
    return Result(command, data, report=(head, *_lines(articles)))


def _lines(articles: list[ToldArticle]) -> Iterator[Text]:
    for article in articles:
        by = " by you" if article.by == "user" else ""
        likeness = f", {article.score:.2f}" if article.level and not by else ""
        of = f" of {article.original_id}" if article.level == "copy" else ""
        why = f"{article.level}{of}{likeness}{by}: {article.reason}" if article.level else article.reason
        yield Text(f"{article.id:>6}  {article.title}").append(
            f"\n        {article.feed}, {article.at:%d %b %Y %H:%M} UTC; {why}\n        {article.url}", "dim"
        )
