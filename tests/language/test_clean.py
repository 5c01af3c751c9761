from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.clean import clean_header, clean_lines, clean_text

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@given(ANY_TEXT)
def test_nothing_unprintable_is_left_but_joiners(text: str) -> None:
    left = {unicodedata.category(c) for c in clean_text(text) if c not in "\u200c\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(ANY_TEXT, st.integers(1, 50))
def test_a_limit_is_kept_and_still_clean(text: str, limit: int) -> None:
    cut = clean_text(text, limit=limit)
    assert len(cut) <= limit
    assert clean_text(cut) == cut


@pytest.mark.parametrize("hidden", ["\x00", "\u202e", "\u200b", "\ud800", "\ufeff", "\u2066"])
def test_hidden_characters_vanish(hidden: str) -> None:
    assert clean_text(f"Mos{hidden}cow").replace(" ", "") == "Moscow"


def test_family_emoji_and_persian_joiners_stay() -> None:
    assert clean_text("👨‍👩‍👧 می‌خواهم") == "👨‍👩‍👧 می‌خواهم"


def test_a_header_never_holds_an_encoded_word() -> None:
    assert "=?" not in clean_header("Hello =?utf-8?q?=0ABcc:_v=40e?= x")


def test_paragraphs_survive_as_lines() -> None:
    assert clean_lines("One\r\n\r\n two\x00 \n") == "One\ntwo"
