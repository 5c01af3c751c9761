"""What a changed topic gains and loses."""

from __future__ import annotations

from topics.backtest import backtest
from topics.config import TopicConfig
from topics.document import Document
from topics.matcher import compile_topic

FISH = compile_topic(TopicConfig(query="fish"), {})
CAKE = compile_topic(TopicConfig(query="cake OR both"), {})


def test_gained_and_lost_are_told_apart_and_the_rest_is_counted() -> None:
    titles = ["A fish", "A cake", "A fish and a cake", "A hat"]
    found = backtest(((number, Document(title=title)) for number, title in enumerate(titles)), FISH, CAKE)
    assert (found.documents, found.matched_before, found.matched_after) == (4, 2, 2)
    assert [(change.title, change.gained) for change in found.changes] == [
        ("A fish", False),
        ("A cake", True),
    ]
    assert "not cake" in found.changes[0].after.reason


def test_the_same_topic_changes_nothing() -> None:
    assert backtest([(1, Document(title="A fish"))], FISH, FISH).changes == ()
