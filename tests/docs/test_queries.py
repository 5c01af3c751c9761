"""The page on the query language says what the parser reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from topics.check import query_mistakes
from topics.config import TopicConfig
from topics.lists import shipped_lists
from topics.query import parse_query
from topics.search import list_names

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`.*?`(?:, `.*?`)*) \|", PAGE, re.MULTILINE)
QUERIES = [query for row in ROWS for query in re.findall(r"`([^`]+)`", row)]


def test_the_page_has_examples() -> None:
    assert len(QUERIES) > 20


@pytest.mark.parametrize("query", QUERIES)
def test_every_example_can_be_read(query: str) -> None:
    parse_query(query, lists=list_names(shipped_lists()))


def test_the_example_of_own_lists_is_a_topic() -> None:
    block = re.search(r"\n((?:    .*\n)+)", PAGE[PAGE.index("## Word lists") :])
    assert block is not None
    data = YAML(typ="safe", pure=True).load(block[1])
    topic = TopicConfig.model_validate(data["topics"]["us-russia"])
    assert {"us.mine", "russia.new"} <= set(topic.lists)
    assert list(query_mistakes(topic)) == []
