"""Every mistake in the queries of a topic, at once."""

from __future__ import annotations

from collections.abc import Iterator

from topics.config import TopicConfig
from topics.lists import shipped_lists
from topics.query import QueryError, parse_query
from topics.search import list_names

Path = tuple[str | int, ...]


def query_mistakes(topic: TopicConfig) -> Iterator[tuple[Path, QueryError]]:
    """Yield each query that cannot be read: its path in the topic, and what is wrong where."""
    for path, text in _queries(topic):
        if (error := query_mistake(text, topic)) is not None:
            yield path, error


def query_mistake(text: str, topic: TopicConfig) -> QueryError | None:
    """What is wrong with a query that may name the lists of `topic`, or None."""
    try:
        parse_query(text, lists=list_names({**shipped_lists(), **topic.lists}))
    except QueryError as error:
        return error
    return None


def _queries(topic: TopicConfig) -> Iterator[tuple[Path, str]]:
    yield ("query",), topic.query
    if topic.hint:
        yield ("hint",), topic.hint
    for number, signal in enumerate(topic.signals):
        yield ("signals", number, "query"), signal.query
    for key, subtopic in topic.subtopics.items():
        yield ("subtopics", key, "query"), subtopic.query
