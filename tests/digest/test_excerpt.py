from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.excerpt import cut_at_word, excerpt, mark_terms, other_words

STORY = (
    "The envoy arrived in Oslo on Monday. Rain fell all day, and the harbour stayed closed to visitors. "
    "The Kremlin and the State Department both called the talks useful. A second round will follow."
)


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("One. Two.", terms=(), limit=100) == "One. Two."


def test_sentences_stay_whole_and_the_opening_is_preferred() -> None:
    assert excerpt(STORY, terms=("Oslo",), limit=110).endswith("closed to visitors.")


def test_a_later_run_that_shows_more_terms_wins_and_says_that_it_is_later() -> None:
    found = excerpt(STORY, terms=("Kremlin", "State Department", "talks", "useful"), limit=80)
    assert found == "… The Kremlin and the State Department both called the talks useful."


def test_bylines_captions_and_the_headline_are_passed_over() -> None:
    page = "Envoy in Oslo\nBy Ann Writer\nThe envoy arrived in Oslo on Monday.\nPhoto: a harbour\nRain fell."
    assert excerpt(page, terms=(), limit=200, headline="Envoy in Oslo") == (
        "The envoy arrived in Oslo on Monday. Rain fell."
    )


HEADLINE = "Kremlin: “We will see.” Talks with Washington go on"


@pytest.mark.parametrize(
    "summary",
    [
        HEADLINE,
        HEADLINE.upper(),
        "Kremlin: We will see. Talks with Wash…",
        "Kremlin: “We will see.” Talks with…",
        "Talks with Washington go on.",
        f"{HEADLINE} - The Oslo Paper",
        f"{HEADLINE}\xa0\xa0Reuters",
    ],
)
def test_a_summary_that_is_no_more_than_the_headline_gives_no_excerpt(summary: str) -> None:
    assert excerpt(summary, terms=(), limit=200, headline=HEADLINE) == ""


def test_what_goes_beyond_the_headline_is_kept() -> None:
    longer = "Talks with Washington go on in Oslo, the Kremlin said on Monday."
    assert excerpt(longer, terms=(), limit=200, headline=HEADLINE) == longer
    assert excerpt("Oslo talks resume.", terms=(), limit=200, headline="Oslo talks") == "Oslo talks resume."


@pytest.mark.parametrize(
    "dateline",
    [
        "WASHINGTON — ",
        "OSLO (Wire) - ",
        "FORT BRAGG, N.C. — ",
        "VANDENBERG, Calif. — ",
        "МОСКВА. ",
        "КИЕВ, 10 авг — ",
        "",
    ],
)
def test_datelines_are_passed_over(dateline: str) -> None:
    told = "The envoy landed. NATO said nothing."
    page = f"By Ann Writer\n{dateline}{told} Reporting by Union Wire."
    assert excerpt(page, terms=(), limit=200) == told


def test_only_a_sentence_that_is_too_long_is_cut() -> None:
    found = excerpt("word " * 100, terms=(), limit=50)
    assert found.endswith("word…")
    assert len(found) <= 50


def test_abbreviations_do_not_cut_sentences() -> None:
    text = "Gen. Orr met U.S. officials near St. Olaf's for two days of talks. " * 3
    assert excerpt(text, terms=(), limit=80) == text[:66]


def test_terms_are_marked_as_whole_words_in_any_case_the_longest_first() -> None:
    pieces = mark_terms(
        "Sanctions and US sanctions on RUSSIA", ("sanctions", "US sanctions", "Russia", "and U")
    )
    assert [piece.text for piece in pieces if piece.strong] == ["Sanctions", "US sanctions", "RUSSIA"]


def test_other_forms_of_a_word_are_not_listed_again() -> None:
    terms = ("Russia", "Russian", "OFAC", "Москва", "Москвы", "США", "Russia")
    assert other_words(terms) == ("Russia", "OFAC", "Москва", "США")
    assert other_words(terms, beyond=["Russians", "США"]) == ("OFAC", "Москва")


@given(st.text(max_size=80), st.lists(st.text(max_size=5), max_size=4))
def test_marking_loses_no_character(text: str, terms: list[str]) -> None:
    assert "".join(piece.text for piece in mark_terms(text, terms)) == text


@given(st.text(alphabet="ab. \nЯ…!", max_size=300), st.integers(min_value=20, max_value=120))
def test_an_excerpt_never_passes_its_limit(text: str, limit: int) -> None:
    assert len(excerpt(text, terms=("a", "Я"), limit=limit)) <= limit


@given(st.text(max_size=100), st.integers(min_value=2, max_value=60))
def test_a_cut_never_passes_its_limit(text: str, limit: int) -> None:
    assert len(cut_at_word(text, limit=limit)) <= limit
