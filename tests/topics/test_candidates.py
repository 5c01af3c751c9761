"""Names beside known ones that no list holds."""

from __future__ import annotations

from topics.candidates import Candidate, candidates
from topics.config import TopicConfig
from topics.document import Document
from topics.matcher import compile_topic

MATCHER = compile_topic(TopicConfig.model_validate({"query": "Kremlin OR Hudson"}), {})


def test_a_frequent_name_beside_a_known_one_is_a_candidate() -> None:
    documents = [Document(title=f"The Kremlin met Rolf Knudsen on day {day}") for day in range(3)]
    assert candidates(documents, MATCHER) == [Candidate("Rolf Knudsen", 3, ("Kremlin",))]


def test_a_name_counts_once_in_an_article() -> None:
    document = Document(text="The Kremlin met Rolf Knudsen.\nThe Kremlin thanked Rolf Knudsen.")
    assert candidates([document], MATCHER, at_least=2) == []


def test_known_names_first_words_and_lonely_names_are_none() -> None:
    document = Document(
        title="The Kremlin met Hudson", text="Knudsen left the Kremlin.\nOn Monday nobody saw Rolf Knudsen."
    )
    assert candidates([document], MATCHER, at_least=1) == []


def test_the_most_frequent_comes_first() -> None:
    documents = [Document(title="The Kremlin met Ann Lee and Bo Ek"), Document(title="The Kremlin met Bo Ek")]
    assert [one.name for one in candidates(documents, MATCHER, at_least=1)] == ["Bo Ek", "Ann Lee"]
