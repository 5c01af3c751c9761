"""The shipped topic on labelled articles, and its cost. Needs the shared material."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.relevance import by_language, cross_validated, document_of, read_rows
from topics.config import shipped_topics
from topics.document import Document, Verdict
from topics.lists import shipped_lists
from topics.matcher import Matcher, compile_topic


@cache
def _matcher() -> Matcher:
    return compile_topic(shipped_topics()["us-russia"])


@pytest.fixture
def matcher() -> Matcher:
    return _matcher()


def test_the_right_articles_match_by_weights_that_never_saw_them(shared: Path, matcher: Matcher) -> None:
    rows = read_rows(shared / "gold" / "relevance.jsonl")
    truth = np.array([row["label"] == 2 for row in rows])
    figures = by_language("", rows, truth, cross_validated(matcher, rows, truth, rounds=1))
    assert figures["f1"] >= 0.95
    assert figures["en_f1"] >= 0.96
    assert figures["ru_f1"] >= 0.93


def test_no_article_of_the_topic_is_dropped_before_its_page_is_read(shared: Path, matcher: Matcher) -> None:
    rows = [row for row in read_rows(shared / "gold" / "relevance.jsonl") if row["label"] == 2]
    triaged = [matcher.triage(document_of(row)).verdict for row in rows]
    assert Verdict.NO not in triaged


@pytest.mark.parametrize(
    ("seed", "subtopics"),
    [
        ("000_88fc81b66ee30826.txt", {"diplomacy", "sanctions", "middle-east"}),
        ("003_cfd702d63c8d1454.txt", {"diplomacy", "middle-east", "cyber"}),
    ],
)
def test_the_seed_articles_match_with_their_subtopics(
    shared: Path, matcher: Matcher, seed: str, subtopics: set[str]
) -> None:
    text = (shared / "seeds" / seed).read_text(encoding="utf-8")
    match = matcher.match(Document(text=text))
    assert match.score >= 80
    assert subtopics <= set(match.subtopics)


def test_the_furniture_of_a_page_changes_nothing(matcher: Matcher) -> None:
    article = (
        "Putin and Trump met in Helsinki to discuss the arms treaty.\nThe Kremlin was content afterwards."
    )
    plain = matcher.match(Document(text=article))
    framed = matcher.match(Document(text=f"clock menu more-arrow no yes mobile\nFiled under:\n{article}"))
    assert plain.matched
    assert abs(plain.score - framed.score) <= 5


WORDS = st.sampled_from(
    [
        "US",
        "Russia",
        "Kremlin",
        "Moscow",
        ",",
        "Idaho",
        "talks",
        "sanctions",
        "Путин",
        "США",
        "hockey",
        "the",
        ".\n",
    ]
)


@settings(max_examples=8, deadline=None)
@given(st.lists(WORDS, max_size=40), st.randoms())
def test_the_order_of_the_lists_changes_no_answer(words: list[str], random: Random) -> None:
    article = Document(title=" ".join(words[:8]), text=" ".join(words[8:]))
    topic = shipped_topics()["us-russia"]
    names = list(shipped_lists())
    random.shuffle(names)
    shuffled = compile_topic(topic, {name: shipped_lists()[name] for name in names})
    one, other = compile_topic(topic).match(article), shuffled.match(article)
    assert (one.score, one.subtopics) == (other.score, other.subtopics)
    assert [(hit.field, hit.start, hit.end) for hit in one.hits] == [
        (hit.field, hit.start, hit.end) for hit in other.hits
    ]


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_has_an_answer_whose_hits_lead_back_to_it(title: str, text: str) -> None:
    match = _matcher().match(Document(title=title, text=text))
    assert 0 <= match.score <= 100
    fields = {"title": title, "lead": text, "text": text}
    assert all(fields[hit.field][hit.start : hit.end] == hit.found for hit in match.hits)


@pytest.mark.parametrize(
    "part",
    [
        "US Russia ",
        "Moscow, Idaho ",
        "Россия и США ",
        "the United States and the United ",
        "\n",
        "Trump-Putin-",
    ],
)
def test_time_grows_with_the_text_and_no_faster(matcher: Matcher, part: str) -> None:
    small, large = part * (8_000 // len(part)), part * (64_000 // len(part))
    matcher.match(Document(text=small))
    assert _seconds(matcher, large) < 8 * 3 * max(_seconds(matcher, small), 0.002)


def _seconds(matcher: Matcher, text: str) -> float:
    def once() -> float:
        started = time.process_time()
        matcher.match(Document(text=text))
        return time.process_time() - started

    return min(once() for _ in range(3))
