"""The shipped topic, put to made-up articles."""

from __future__ import annotations

import pytest

from topics.config import shipped_topics
from topics.document import Document, Verdict
from topics.matcher import Matcher, compile_topic


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return compile_topic(shipped_topics()["us-russia"])


@pytest.mark.parametrize(
    "title",
    [
        "Trump and Putin agree to meet again in the spring",
        "Kremlin rejects new US sanctions on Russian oil",
        "Рубио и Лавров обсудили продление СНВ-3",
        "В Кремле ответили на слова Трампа о санкциях",
        "Трамп зателефонував Путіну перед самітом",
        "Trump droht Putin mit neuen Sanktionen",
    ],
)
def test_a_headline_with_both_sides_matches(matcher: Matcher, title: str) -> None:
    assert matcher.match(Document(title=title)).verdict is Verdict.YES


@pytest.mark.parametrize(
    "title",
    [
        "Hurricane nears the coast of Florida",
        "Moscow, Idaho, mourns its students",
        "В Москве открылась выставка кошек",
        "Biden signs infrastructure bill",
    ],
)
def test_a_headline_with_one_side_or_none_does_not(matcher: Matcher, title: str) -> None:
    assert matcher.match(Document(title=title)).verdict is Verdict.NO


def test_an_article_whose_summary_names_one_side_waits_for_its_page(matcher: Matcher) -> None:
    teaser = Document(
        title="Senators hear from the top general", summary="He spoke of Moscow's plans for an hour."
    )
    assert matcher.triage(teaser).verdict in {Verdict.UNDECIDED, Verdict.YES}


def test_an_article_with_nothing_of_the_topic_is_settled_by_its_summary(matcher: Matcher) -> None:
    assert (
        matcher.triage(Document(title="Local cats win prize", summary="All of them.")).verdict is Verdict.NO
    )


def test_hits_say_what_was_found_and_where(matcher: Matcher) -> None:
    title = "Kremlin answers Washington"
    match = matcher.match(Document(title=title))
    assert [(hit.found, title[hit.start : hit.end]) for hit in match.hits] == [
        ("Kremlin", "Kremlin"),
        ("Washington", "Washington"),
    ]


def test_a_rejection_says_what_was_found_and_what_was_not(matcher: Matcher) -> None:
    reason = matcher.match(Document(title="Biden signs a bill")).reason
    assert "found only @us, not @russia" in reason


@pytest.mark.parametrize(
    "title",
    [
        "Moscou expulse deux diplomates américains en représailles",
        "USA verhängen neue Sanktionen gegen russische Banken",
        "Rusia expulsa a diez diplomáticos estadounidenses",
        "Держдеп прокоментував заяви Лаврова про переговори",
        "Court in Moscow extends the arrest of reporter Gershkovich",
        "Казначейство США внесло в санкционный список российский танкер",
    ],
)
def test_the_subject_is_recognised_in_six_languages(matcher: Matcher, title: str) -> None:
    assert matcher.match(Document(title=title)).matched


@pytest.mark.parametrize(
    "title",
    [
        "Hockey: the Russian winger scores twice for the American side",
        "Bolshoi ballet opens its American tour with the Russian classics",
        "Російські теністи виграли турнір",
        "Kazakhstan signs gas deal with Russia",
    ],
)
def test_what_only_names_both_is_not_the_subject(matcher: Matcher, title: str) -> None:
    assert not matcher.match(Document(title=title)).matched
