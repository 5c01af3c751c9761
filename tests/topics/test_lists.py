"""The shipped lists, kept like code: no term twice, every term finds itself, offices are dated."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from topics.lexicon import Lexicon
from topics.lists import ListError, WordList, read_lists, shipped_lists
from topics.query.nodes import ListRef

NAMES = list(shipped_lists())


@pytest.mark.parametrize("name", NAMES)
def test_no_term_stands_twice_in_a_list(name: str) -> None:
    words = shipped_lists()[name]
    own = Counter((term.text, term.lang) for term in words.terms())
    assert [term for term, count in own.items() if count > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_term_finds_itself(name: str) -> None:
    leaf = ListRef(name)
    lexicon = Lexicon([leaf], shipped_lists())
    lost = [
        term.text
        for term in shipped_lists()[name].terms()
        if not lexicon.holds(leaf, lexicon.scan(term.text, term.lang))
    ]
    assert lost == []


def test_officials_are_named_in_both_scripts() -> None:
    people = [person for words in shipped_lists().values() for person in words.people]
    assert len(people) > 150
    assert [person.office for person in people if not (person.any and person.ru)] == []


def test_the_lists_reach_from_the_first_president_to_the_present_ones() -> None:
    officials = [person for words in shipped_lists().values() for person in words.people]
    assert min(person.since for person in officials) == 1990
    assert sum(person.until is None for person in officials) > 20


def test_a_list_file_that_is_wrong_says_where(tmp_path: Path) -> None:
    file = tmp_path / "fish.yaml"
    file.write_text("sea:\n  people:\n    - {any: Cod, office: Admiral}\n", encoding="utf-8")
    with pytest.raises(ListError, match=r"fish.yaml: sea.people.0.since"):
        read_lists(file)


@pytest.mark.parametrize(
    "text", ["- a\n- b\n", "sea: [a, b]\n", "sea: {any: a, any: b}\n", "sea: {fishes: [a]}\n"]
)
def test_a_file_that_holds_no_lists_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "fish.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ListError):
        read_lists(file)


def test_names_and_abbreviations_need_their_capitals() -> None:
    words = {"x": WordList.model_validate({"names": True, "any": ["Bush", "NATO", "ПРО"]})}
    lexicon = Lexicon([ListRef("x")], words)

    def found(text: str) -> list[str]:
        return [place.term for place in lexicon.places(ListRef("x"), lexicon.scan(text, ""))]

    assert found("Bush and NATO, системы ПРО") == ["Bush", "NATO", "ПРО"]
    assert found("a bush, nato, про это") == []
