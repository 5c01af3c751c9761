from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.near_duplicates import read_pairs, recognised, scores, signed
from storage.corpus.copies import copy_of, overlap
from storage.corpus.signature import sign
from tests.storage.corpus.test_signature import running_text

SEEDS = st.integers(0, 10_000)


def lightly_edited(words: list[str], *, share: float, seed: int) -> list[str]:
    """The same text with some words replaced, as an editor does."""
    chance = random.Random(seed)
    return [f"edited{chance.randrange(9999)}" if chance.random() < share else word for word in words]


def test_a_cut_of_200_words_is_a_copy_of_the_wire_of_900() -> None:
    wire = running_text(1, 900)
    decision = copy_of(sign(" ".join(wire[350:550])), [(7, sign(" ".join(wire)))])
    assert decision is not None
    assert decision.of == 7
    assert decision.score == 1.0
    assert decision.reason == "100% of it stands in that text, in sequences of 8 words"


@given(SEEDS)
@settings(max_examples=30)
def test_a_light_edit_with_a_local_paragraph_is_a_copy(seed: int) -> None:
    wire = running_text(seed, 400)
    edited = [*lightly_edited(wire, share=0.03, seed=seed), *running_text(seed + 1, 60)]
    new, known = sign("Another headline", " ".join(edited)), sign("A headline", " ".join(wire))
    assert set(new.probes) & set(known.prints)
    assert copy_of(new, [(1, known)]) is not None


@given(SEEDS)
@settings(max_examples=30)
def test_one_quotation_in_common_makes_no_copy(seed: int) -> None:
    quotation = running_text(seed, 20)
    one = sign(" ".join([*running_text(seed + 1, 40), *quotation]))
    other = sign(" ".join([*quotation, *running_text(seed + 2, 40)]))
    assert copy_of(one, [(1, other)]) is None


def test_a_report_of_the_same_form_with_other_figures_is_no_copy() -> None:
    form = (
        "Stocks at the exchange stood at {} lots against {} a week before and {} a year ago the bourse said. "
    )
    one = "".join(form.format(n, n + 1, n + 2) for n in range(10, 22))
    other = "".join(form.format(n, n + 1, n + 2) for n in range(60, 72))
    assert copy_of(sign(one), [(1, sign(other))]) is None


def test_the_closest_candidate_wins_and_the_first_among_equals() -> None:
    wire = running_text(1, 300)
    loose = sign(" ".join(wire[:150] + running_text(2, 150)))
    close = sign(" ".join(wire))
    decision = copy_of(close, [(1, loose), (2, close), (3, close)])
    assert decision is not None
    assert (decision.of, decision.reason) == (2, "the same text, word for word")


@pytest.mark.parametrize("text", ["", "…", "Breaking"])
def test_nothing_and_next_to_nothing_are_compared_without_harm(text: str) -> None:
    found = overlap(sign(text), sign("Another text"))
    assert (found.shared, found.containment, found.resemblance) == (0, 0.0, 0.0)
    assert copy_of(sign(""), [(1, sign(""))]) is None


def test_copies_work_in_any_script() -> None:
    chinese = "中美两国领导人在会晤中就双边关系和国际问题交换了意见并同意继续保持沟通"
    russian = "Президенты двух стран провели переговоры и договорились продолжить контакты делегаций"
    for text in (chinese, russian):
        assert copy_of(sign(text), [(1, sign(text.upper()))]) is not None


def test_labelled_pairs_are_told_apart_as_well_as_promised(shared: Path) -> None:
    pairs = read_pairs(shared / "gold" / "near_duplicates.jsonl")
    figures = scores(pairs, recognised([(signed(pair["a"]), signed(pair["b"])) for pair in pairs]))
    assert figures["clear"] >= 0.97
    assert figures["different_titles"] >= 0.93
