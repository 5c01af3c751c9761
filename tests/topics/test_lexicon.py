"""Finding terms in one pass."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from topics.lexicon import Found, Lexicon
from topics.lists import WordList
from topics.query.nodes import ListRef, Term

LISTS = {
    "x": WordList.model_validate(
        {"any": ["white house", "house", "=US"], "de": ["Haus"], "except": ["house of cards"]}
    )
}
X = ListRef("x")
LEXICON = Lexicon([X, Term("house")], LISTS)


def _found(text: str, lang: str = "en") -> list[Found]:
    return LEXICON.places(X, LEXICON.scan(text, lang))


def test_the_longest_of_nested_places_counts() -> None:
    assert [place.term for place in _found("The White House and a house")] == ["white house", "house"]


def test_the_same_words_can_mean_several_leaves() -> None:
    scan = LEXICON.scan("The White House", "en")
    assert [place.start for place in LEXICON.places(Term("house"), scan)] == [10]


def test_an_exception_hides_what_it_covers_and_nothing_else() -> None:
    assert [place.start for place in _found("House of Cards, my house")] == [19]
    assert not LEXICON.holds(X, LEXICON.scan("House of Cards", "en"))


def test_only_whole_words_count() -> None:
    assert _found("housekeeping, greenhouse, the-house, house's")[0].start == 30


def test_a_form_meant_for_one_language_counts_there_or_where_none_is_known() -> None:
    assert [bool(_found("Haus", lang)) for lang in ("de", "", "en")] == [True, True, False]


def test_what_begins_before_the_start_is_left_out() -> None:
    assert LEXICON.scan("house house", "en", start=1).found[0] == [Found(6, 11, "house")]


@given(
    st.lists(st.sampled_from(["white", "house", "US", "us", "of", "cards", "Haus", ".", "ab"]), max_size=12)
)
def test_places_are_in_reading_order_and_apart(words: list[str]) -> None:
    text = " ".join(words)
    places = _found(text, "")
    assert all(one.end <= other.start for one, other in pairwise(places))
    assert all(0 <= place.start < place.end <= len(text) for place in places)
