from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bcubed import bcubed
from benchmarks.stories import measure, read_records
from benchmarks.story_stream import Item, Stream
from storage.corpus.stories import Commonness, Profile, decide, profile_of, term_key
from storage.corpus.terms import Term

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
COMMON = Commonness(100, {})


def profile(
    number: int,
    headline: str,
    *,
    text: str = "",
    story: int = 0,
    hours: float = 0,
    common: Commonness = COMMON,
) -> Profile:
    terms = {term_key(word): Term(1.0, headline=False) for word in text.split()}
    terms |= {term_key(word): Term(1.0, headline=True) for word in headline.split()}
    return replace(profile_of(number, NOW + timedelta(hours=hours), terms, common), story_id=story)


def test_an_article_joins_the_story_that_shares_its_rare_terms() -> None:
    near = [profile(1, "putin visa ban", story=7), profile(2, "putin arctic drill", story=8)]
    decision = decide(profile(3, "visa ban embassy"), near, {7: 1, 8: 1})
    assert decision is not None
    assert (decision.story_id, decision.nearest) == (7, 1)
    assert set(decision.shared) == {term_key("visa"), term_key("ban")}


def test_what_all_have_in_common_makes_no_story() -> None:
    common = Commonness(100, {term_key(word): 95 for word in ("putin", "trump", "russia")})
    known = profile(1, "putin trump russia wheat harvest", story=7)
    new = profile(2, "putin trump russia jury verdict", common=common)
    assert decide(new, [known], {7: 1}) is None


def test_the_same_words_a_week_later_are_another_story() -> None:
    call = profile(1, "leaders phone call ceasefire", story=7)
    assert decide(profile(2, "leaders call ceasefire prisoners", hours=3), [call], {7: 1}) is not None
    assert decide(profile(2, "leaders call summit prisoners", hours=150), [call], {7: 1}) is None


def test_a_large_story_is_not_joined_for_one_likeness() -> None:
    near = [profile(1, "visa ban", story=7)]
    assert decide(profile(2, "visa fees rise"), near, {7: 1}) is not None
    assert decide(profile(2, "visa fees rise"), near, {7: 30}) is None


@given(st.permutations(range(4)))
def test_the_order_of_the_candidates_is_nothing(order: list[int]) -> None:
    near = [profile(n + 1, f"visa ban w{n}", story=n % 2 + 1, hours=n) for n in range(4)]
    sizes = {1: 2, 2: 2}
    new = profile(9, "visa ban envoy")
    assert decide(new, [near[n] for n in order], sizes) == decide(new, near, sizes)


def test_long_texts_on_both_sides_of_the_subject_need_more_in_common() -> None:
    text = "oil port price tanker cap embargo a b c d"

    def joined(parties: str) -> float:
        known = profile(1, "insurers blacklisted", text=f"{parties} {text}", story=7)
        decision = decide(profile(2, "insurers complain", text=f"{parties} {text}"), [known], {7: 1})
        return decision.score if decision else 0.0

    assert 0 < joined("=america =russia") < joined("=america =china")


def test_an_undated_article_needs_more_in_common() -> None:
    known = profile(1, "visa ban embassy staff", story=7)
    new = profile(2, "visa ban travel rules")
    assert decide(new, [known], {7: 1}) is not None
    assert decide(replace(new, at=None), [known], {7: 1}) is None


def test_long_texts_on_one_subject_are_told_apart_by_their_headlines() -> None:
    quarrel = " ".join(f"quarrel{n}" for n in range(6))
    known = profile(1, "visa ban envoy", text=f"{quarrel} clerk stamp passport lounge airport", story=7)
    again = profile(2, "envoy visa ban", text=f"{quarrel} consul suitcase noon driver gate")
    other = profile(2, "harvest feed ship", text=f"{quarrel} sailor sack evening crane pier")
    assert decide(again, [known], {7: 1}) is not None
    assert decide(other, [known], {7: 1}) is None


def test_headlines_of_both_languages_are_one_story() -> None:
    stream = Stream()
    english = stream.place(Item("Witkoff visits Minsk to free prisoners", at=NOW))
    assert stream.place(Item("Уиткофф посетил Минск: освобождены заключённые", at=NOW)) == english
    assert stream.place(Item("Senate votes on a tariff for Russian oil", at=NOW)) != english


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_a_perfect_grouping_scores_one(groups: list[int]) -> None:
    assert bcubed(groups, groups) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("stories_events", 0.945),
        ("stories_roundups", 0.89),
        ("story_pairs_ru", 0.85),
        ("stories_us_russia", 0.70),
    ],
)
def test_labelled_stories_are_found_as_well_as_promised(shared: Path, name: str, least: float) -> None:
    assert measure(read_records(shared / "gold" / f"{name}.jsonl"), baseline=False)["f1"] >= least
