from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.yaml_tree import dotted, read_tree


def test_words_stay_words_and_numbers_are_decimal() -> None:
    tree = read_tree("language: no\nat: 12:30\non: yes\nport: 0587\nratio: 1.5\nnothing:\n", "h.yaml")

    assert tree.data == {
        "language": "no",
        "at": "12:30",
        "on": "yes",
        "port": 587,
        "ratio": 1.5,
        "nothing": None,
    }
    assert tree.problems == []


def test_every_key_and_item_has_its_place() -> None:
    tree = read_tree("feeds:\n  - url: a\n  - name: b\n    url: c\n", "h.yaml")

    assert str(tree.places["feeds",]) == "h.yaml:1:1"
    assert str(tree.places["feeds", 1]) == "h.yaml:3:5"
    assert str(tree.places["feeds", 1, "url"]) == "h.yaml:4:5"


def test_every_key_given_twice_is_told_with_both_lines() -> None:
    tree = read_tree("a: 1\nb:\n  - c: 1\n    c: 2\na: 2\n", "h.yaml")

    assert [str(problem) for problem in tree.problems] == [
        "h.yaml:4:5: b.1.c: this key is given twice, first in line 3",
        "h.yaml:5:1: a: this key is given twice, first in line 1",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1,\n", "h.yaml:2:1"),
        ("a:\n\tb: 1\n", "h.yaml:2:1"),
        ("a: b: c\n", "h.yaml:1:5"),
        ("a: '\n", "h.yaml:2:1"),
    ],
)
def test_a_syntax_error_names_the_line(text: str, place: str) -> None:
    tree = read_tree(text, "h.yaml")

    assert [str(problem.place) for problem in tree.problems] == [place]
    assert tree.data == {}


def test_an_unknown_tag_runs_no_code_and_is_told() -> None:
    tree = read_tree("a: !!python/object:os.system x\n", "h.yaml")

    assert [problem.key for problem in tree.problems] == ["a"]


def test_an_alias_within_itself_ends() -> None:
    tree = read_tree("a: &x [*x]\n", "h.yaml")

    assert [problem.message for problem in tree.problems] == ["this alias contains itself"]


def test_items_are_counted_from_one_in_messages() -> None:
    assert dotted(("feeds", 0, "url")) == "feeds.1.url"


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    tree = read_tree(text, "h.yaml")

    assert all(problem.message and problem.place.file == "h.yaml" for problem in tree.problems)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner)
    ),
    max_leaves=8,
)


@given(_JSON)
def test_json_is_yaml(value: object) -> None:
    tree = read_tree(json.dumps(value), "h.yaml")

    assert tree.problems == []
    assert tree.data == value
