"""The topic section of the configuration."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from topics.check import query_mistakes
from topics.config import TopicConfig, shipped_topics
from topics.document import Document
from topics.lists import WordList, shipped_lists
from topics.matcher import compile_topic


def test_the_shipped_topic_has_no_mistake_and_all_subtopics() -> None:
    topic = shipped_topics()["us-russia"]
    assert list(query_mistakes(topic)) == []
    assert len(topic.subtopics) == 12


def test_a_topic_without_a_query_builds_on_the_shipped_one() -> None:
    topic = TopicConfig.model_validate(
        {
            "threshold": 60,
            "lists": {"us.mine": {"any": ["Wallaby Institute"]}},
            "subtopics": {"fish": {"title": "Fish", "query": "fish"}},
            "signals": [{"name": "fish", "query": "fish", "weight": 1}],
        }
    )
    shipped = shipped_topics()["us-russia"]
    assert topic.threshold == 60
    assert topic.query == shipped.query
    assert {*shipped.subtopics, "fish"} == {*topic.subtopics}
    assert len(topic.signals) == len(shipped.signals) + 1


def test_an_own_list_joins_its_family() -> None:
    topic = TopicConfig.model_validate(
        {"query": "@us AND @russia", "lists": {"us.mine": {"any": ["Wallaby"]}}}
    )
    assert compile_topic(topic).match(Document(title="Wallaby meets Putin")).matched


def test_every_mistake_is_told_with_its_place() -> None:
    topic = TopicConfig.model_validate(
        {"query": "@us AND", "signals": [{"name": "x", "query": "@rusia", "weight": 1}]}
    )
    told = [(path, error.column) for path, error in query_mistakes(topic)]
    assert told == [(("query",), 8), (("signals", 0, "query"), 1)]


@pytest.mark.parametrize(
    "data",
    [
        {"base": "mars-venus"},
        {"query": "a", "unknown": 1},
        {"query": "a", "threshold": 0},
        {
            "query": "a",
            "lists": {"x": {"people": [{"any": "A", "office": "B", "since": 2001, "until": 1999}]}},
        },
    ],
)
def test_what_makes_no_sense_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TopicConfig.model_validate(data)


def test_without_signals_the_query_decides_alone() -> None:
    matcher = compile_topic(TopicConfig(query="fish NOT chips"), {})
    assert matcher.match(Document(title="Fish")).score == 100
    assert not matcher.match(Document(title="Fish and chips")).matched


@pytest.mark.parametrize("name", list(shipped_lists()))
def test_every_shipped_list_says_something(name: str) -> None:
    assert shipped_lists()[name].terms()


def test_offices_are_dated() -> None:
    people = [person for words in shipped_lists().values() for person in words.people]
    assert len(people) > 100
    assert all(person.since <= (person.until or 2026) for person in people)


def test_a_list_is_the_same_whatever_its_order() -> None:
    there = WordList.model_validate({"any": ["fish", "sole"]})
    back = WordList.model_validate({"any": ["sole", "fish"]})
    assert set(there.terms()) == set(back.terms())
