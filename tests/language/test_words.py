"""Words, offsets, folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.words import WordIndex, fold, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop", ["Don't", "stop"]),
        ("Нью-Йорк и об’єднані", ["Нью-Йорк", "и", "об’єднані"]),
        ("the U.S. Senate", ["the", "U.S.", "Senate"]),
        ("1,000.5 tons", ["1,000.5", "tons"]),
        ("«Кремль» – Trump’s", ["Кремль", "Trump’s"]),
        ("", []),
    ],
)
def test_words_are_found_whole(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(text)] == expected


@given(st.text())
def test_offsets_lead_back_to_the_text(text: str) -> None:
    assert all(text[word.start : word.end] == word.text for word in words(text))


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_folding_makes_spellings_equal() -> None:
    assert fold("ЁЛКА") == "елка"
    assert fold("Trump’s") == "trump's"
    assert fold("İstanbul") == "İstanbul"


def test_an_index_numbers_words() -> None:
    index = WordIndex("US-Russia talks")
    assert [index.at(offset) for offset in (0, 3, 10, 14)] == [0, 1, 2, 2]
    assert len(index) == 3
