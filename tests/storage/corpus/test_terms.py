from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.corpus.frequencies import usual_shares
from storage.corpus.stories import term_key
from storage.corpus.terms import spelled, terms_of


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("Putin and Trump met in Alaska", "Путин и Трамп встретились на Аляске"),
        ("White House sanctions Russian oil", "Белый дом ввёл санкции против российской нефти"),
        ("Zelenskyy rejects a cease-fire", "Зеленский отверг прекращение огня"),
        ("U.S. and NATO missiles", "Ракеты США и НАТО"),
    ],
)
def test_a_headline_says_the_same_in_both_languages(english: str, russian: str) -> None:
    ideas = [{term for term in terms_of(title) if term.startswith("=")} for title in (english, russian)]
    assert ideas[0] == ideas[1]
    assert len(ideas[0]) >= 3


def test_forms_of_a_word_are_one_term() -> None:
    assert set(terms_of("Кремлёвские переговорщики")) == set(terms_of("кремлевский переговорщик"))
    assert set(terms_of("submarines collided")) == set(terms_of("submarine collides"))


def test_a_term_is_told_as_the_text_writes_it() -> None:
    text = "The warden's list names Новосибирском and nine plumbers"
    terms = terms_of(text)
    told = {spelled(term, text) for term in terms}
    assert {"warden", "plumbers", "Новосибирском"} <= told
    assert spelled("=summit", "Встреча") == "summit"


def test_words_that_say_nothing_are_no_terms() -> None:
    assert terms_of("What you need to know about it today", "Что об этом уже известно") == {}


def test_the_title_counts_more_than_the_text() -> None:
    terms = terms_of("Lavrov", text="Peskov")
    assert terms["=lavrov"] > terms["=peskov"]


def test_numbers_are_terms_and_the_end_of_a_long_text_is_not_read() -> None:
    terms = terms_of("A deal of 1,200 tons", text="word " * 200 + "Witkoff")
    assert "1,200" in terms
    assert "=witkoff" not in terms


@given(st.text(), st.text())
def test_any_text_has_terms_of_some_weight(title: str, text: str) -> None:
    assert all(term.weight > 0 for term in terms_of(title, text=text).values())


def test_the_usual_words_of_the_subject_are_known_as_usual() -> None:
    shares = usual_shares()
    assert shares[term_key("=russia")] > 0.1
    assert all(0 < share < 1 for share in shares.values())
