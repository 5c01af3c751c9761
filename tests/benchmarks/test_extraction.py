from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.extraction import measure, ours, read_pages, theirs
from benchmarks.shingles import score

WORDS = st.lists(st.sampled_from("a b c d e f".split()), max_size=12).map(" ".join)  # noqa: SIM905


def test_the_whole_text_and_nothing_else_is_a_full_score() -> None:
    found = score([("one two three four five", "One two three four five".lower())])
    assert (found.precision, found.recall, found.f1) == (1, 1, 1)


def test_half_of_a_text_is_half_of_its_shingles() -> None:
    found = score([("a b c d e f g", "a b c d e")])  # 2 of 4 shingles
    assert (found.precision, found.recall) == (1, 0.5)


def test_pages_count_alike_whatever_their_length() -> None:
    found = score([("a b c d", "a b c d"), ("x " * 1000, "y " * 1000)])
    assert (found.precision, found.recall) == (0.5, 0.5)


def test_a_page_without_an_extraction_costs_recall_only() -> None:
    assert score([("a b c d", ""), ("a b c d", "a b c d")]).precision == 1


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4))
def test_scores_stay_between_nothing_and_all(pairs: list[tuple[str, str]]) -> None:
    found = score(pairs)
    assert 0 <= found.f1 <= 1
    assert min(found.precision, found.recall) - 1e-9 <= found.f1 <= max(found.precision, found.recall) + 1e-9


@pytest.mark.timeout(300)
def test_ours_is_no_worse_than_the_best_documented_setting(shared: Path) -> None:
    pages = read_pages(shared / "pages")
    best = measure("precision", pages, theirs(favor_precision=True)).score.f1
    assert measure("ours", pages, ours).score.f1 >= best
