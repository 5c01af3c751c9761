"""`hotline mark`: a judgement on a match."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from hotline.bootstrap import open_application
from hotline.config_file import find_config, load_config
from hotline.result import Result
from language.errors import HotlineError
from storage.archive import ArchivedArticle, find_article
from storage.engine import reading, writing
from storage.judgements import save_judgement


class Word(StrEnum):
    """What can be said of a decision."""

    RIGHT = "right"
    WRONG = "wrong"


class NoSuchArticle(HotlineError):
    """The archive has no article of this number or address."""

    code = "no-such-article"


def mark(config_path: Path | None, environ: Mapping[str, str], *, article: str, word: Word) -> Result:
    """Say that the topic's decision on an article (number or address) is right or wrong.

    Raises:
        NoSuchArticle: the archive does not have it.
    """
    config = load_config(find_config(config_path, environ), environ).config
    now = datetime.now(UTC)
    with open_application(config, now=now) as application:
        with reading(application.engine) as connection:
            found = find_article(connection, article)
        if found is None:
            raise no_such_article(article)
        with writing(application.engine) as connection:
            save_judgement(connection, found.id, right=word is Word.RIGHT, now=now)
    return Result("mark", {"id": found.id, "judgement": word}, report=(_said(found, word),))


def no_such_article(name: str) -> NoSuchArticle:
    """The error for a number or address that is not in the archive."""
    return NoSuchArticle(
        f"There is no article {name}.", hint="`hotline articles` lists them with their numbers."
    )


def _said(article: ArchivedArticle, word: Word) -> str:
    return f"{article.id} ({article.decision}, score {article.score}) is {word}: {article.title}"
