from __future__ import annotations

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from storage.corpus.signature import STORED_WINDOW, sign, wording

WORDS = st.lists(st.sampled_from(["мир", "peace", "和", "talks", "1987", "über", "встреча"]), max_size=200)


def running_text(seed: int, words: int) -> list[str]:
    """A text of `words` words that no other seed shares runs with."""
    chance = random.Random(seed)
    return [f"w{chance.randrange(3000)}" for _ in range(words)]


@given(st.text())
def test_any_text_can_be_signed_and_case_and_punctuation_are_nothing(text: str) -> None:
    shouted = sign(f" {text.casefold()} !?… ")
    assert shouted.probes == sign(text).probes


@given(st.text(st.characters(max_codepoint=0x0DFF, exclude_characters="_")))
def test_words_are_runs_of_letters_and_digits(text: str) -> None:
    found = re.findall(r"\w+", text.casefold())
    assert wording(text).words == len(found)
    assert sign(text).probes == sign(" ".join(found)).probes


def test_every_character_is_a_word_in_scripts_without_spaces() -> None:
    assert wording("中美两国 2026").words == 5


def test_a_word_is_the_same_wherever_it_stands() -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    behind = ["before"] * 50 + words
    assert set(wording(" ".join(words)).shingles) <= set(wording("—".join(behind)).shingles)


@given(WORDS)
def test_what_is_stored_is_looked_up(words: list[str]) -> None:
    signature = sign(" ".join(words))
    assert set(signature.prints) <= set(signature.probes)
    assert all(-(2**31) <= value < 2**31 for value in signature.probes)


def test_prints_are_the_same_in_every_process() -> None:
    assert sign("one two three four five six seven eight").prints == (-636389152,)


@given(st.integers(0, 10_000), st.integers(0, 700))
def test_a_long_enough_run_of_words_is_found_wherever_it_stands(seed: int, start: int) -> None:
    wire = running_text(seed, 900)
    run = wire[start : start + STORED_WINDOW + 7]
    cut = sign(" ".join([*running_text(seed + 1, 90), *run]))
    assert set(cut.probes) & set(sign(" ".join(wire)).prints)


def test_a_usual_article_is_stored_in_few_fingerprints() -> None:
    counts = [len(sign(" ".join(running_text(seed, 500))).prints) for seed in range(50)]
    assert 10 <= sum(counts) / len(counts) <= 14


def test_a_book_does_not_flood_the_index() -> None:
    assert len(sign(" ".join(running_text(1, 50_000))).prints) <= 48
