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
    names = list_names({**shipped_lists(), **topic.lists})
    for path, text in _queries(topic):
        try:
            parse_query(text, lists=names)
        except QueryError as error:
            yield path, error


def _queries(topic: TopicConfig) -> Iterator[tuple[Path, str]]:
    yield ("query",), topic.query
    if topic.hint:
        yield ("hint",), topic.hint
    for number, signal in enumerate(topic.signals):
        yield ("signals", number, "query"), signal.query
    for key, subtopic in topic.subtopics.items():
        yield ("subtopics", key, "query"), subtopic.query
