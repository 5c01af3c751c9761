"""`hotline articles`: search the archive in the language of the topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from rich.text import Text
from sqlalchemy import Connection

from hotline.archived import document_of
from hotline.bootstrap import open_application
from hotline.config import Config
from hotline.config_explain import suggest
from hotline.config_file import find_config, load_config
from hotline.moment import parse_since
from hotline.result import Result
from language.errors import HotlineError
from storage.archive import ArchivedArticle, Filter, read_articles
from storage.engine import reading
from storage.records import Decision
from topics.lists import WordList, shipped_lists
from topics.search import Query, compile_query


class NoSuchTopic(HotlineError):
    """The word is neither the topic nor one of its subtopics."""

    code = "no-such-topic"


class NoSuchFeed(HotlineError):
    """No feed of the configuration has this name."""

    code = "no-such-feed"


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; an empty field looks for everything. `since` is a span ("2 d") or a date, by
    first sight; `topic` the topic or a subtopic; `everything` also what did not match."""

    query: str = ""
    since: str = ""
    topic: str = ""
    feed: str = ""
    limit: int = 20
    everything: bool = False


def articles(config_path: Path | None, environ: Mapping[str, str], search: Search) -> Result:
    """List what `search` asks for, newest first, at most `limit`. Raises HotlineError."""
    now = datetime.now(UTC)
    config = load_config(find_config(config_path, environ), environ).config
    query = compile_query(search.query, _lists(config)) if search.query else None
    wanted = _filter(search, config, query, now=now)
    with open_application(config, now=now) as application, reading(application.engine) as connection:
        found = list(islice(_find(connection, wanted, query), search.limit + 1))
    shown = found[: search.limit]
    return Result(
        "articles",
        {"articles": [_data(article) for article in shown], "more": len(found) > len(shown)},
        report=tuple(_report(shown, more=len(found) > len(shown))),
    )


def _lists(config: Config) -> Mapping[str, WordList]:
    (topic,) = config.topics.values()
    return {**shipped_lists(), **topic.lists}


def _filter(search: Search, config: Config, query: Query | None, *, now: datetime) -> Filter:
    return Filter(
        # Full text knows matched articles only; what did not match is read one by one.
        groups=() if query is None or search.everything else [sorted(group) for group in query.needs],
        since=parse_since(search.since, now=now) if search.since else None,
        feed=_feed(search.feed, config) if search.feed else "",
        subtopic=_subtopic(search.topic, config) if search.topic else "",
        decision=None if search.everything else Decision.MATCHED,
    )


def _feed(name: str, config: Config) -> str:
    titles = {feed.title.casefold(): feed.title for feed in config.feeds}
    if name.casefold() not in titles:
        hint = suggest(name, sorted(titles.values())) if titles else "No feed is configured."
        raise NoSuchFeed(f"There is no feed named {name}.", hint=hint)
    return titles[name.casefold()]


def _subtopic(name: str, config: Config) -> str:
    ((topic, found),) = config.topics.items()
    if name == topic:
        return ""
    if name not in found.subtopics:
        hint = suggest(name, [topic, *found.subtopics])
        raise NoSuchTopic(f"There is no topic or subtopic {name}.", hint=hint)
    return name


def _find(connection: Connection, wanted: Filter, query: Query | None) -> Iterator[ArchivedArticle]:
    for article in read_articles(connection, wanted):
        if query is None or query.matches(document_of(article)):
            yield article


_DATA = (
    "id",
    "url",
    "title",
    "summary",
    "feed",
    "country",
    "kind",
    "language",
    "published_at",
    "first_seen_at",
    "decision",
    "score",
    "subtopics",
    "reason",
)


def _data(article: ArchivedArticle) -> dict[str, object]:
    return {name: getattr(article, name) for name in _DATA}


def _report(shown: list[ArchivedArticle], *, more: bool) -> Iterator[Text]:
    if not shown:
        yield Text("Nothing was found. Without --all only articles that matched the topic are searched.")
    for article in shown:
        yield Text(f"{article.id:>6}  {article.title}").append(f"\n{_details(article)}", "dim")
    if more:
        yield Text("There are more; --limit shows them.", "dim")


def _details(article: ArchivedArticle) -> str:
    at = article.published_at or article.first_seen_at
    subtopics = f" [{', '.join(article.subtopics)}]" if article.subtopics else ""
    judged = f"{article.decision}, score {article.score}{subtopics}"
    return f"        {article.feed}, {at:%d %b %Y %H:%M} UTC; {judged}\n        {article.url}"
