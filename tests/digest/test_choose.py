from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from digest.choose import Choice, ReaderState, accounted, choose
from digest.compose import compose
from digest.config import DigestConfig
from digest.setting import Density, IssueFrame
from digest.stories import IssueMaterial
from storage.ledger import LedgerState, ToldStory, UntoldArticle
from tests.digest.samples import MAIL, NOW, SECTIONS

ARTICLE = UntoldArticle(
    id=1, url="https://example.org/1", title="Envoy in Oslo", summary="He came.", text="", language="en",
    published_at=NOW - timedelta(hours=2), first_seen_at=NOW - timedelta(hours=1), score=80,
    subtopics=["diplomacy"],
    hits=[{"found": "Envoy"}, {"found": "envoy"}, {"found": "Oslo"}],
    baseline=False, backfill=False, outlet="Potomac Post", priority=100, country="US", kind="newspaper",
    story_id=10, story_first_seen_at=NOW - timedelta(days=2), copy_of=None,
)  # fmt: skip
DAY = timedelta(days=1)
TOLD = {10: ToldStory(NOW - timedelta(days=1), "daily", ("Earlier text",))}


def digest(**changes: Any) -> DigestConfig:
    return DigestConfig.model_validate({"name": "daily", "readers": ["a@example.org"], **changes})


def nothing(_told: Sequence[str], _later: Sequence[str]) -> tuple[str, ...]:
    return ()


def oslo(_told: Sequence[str], _later: Sequence[str]) -> tuple[str, ...]:
    return ("Oslo",)


def chosen(*articles: UntoldArticle, config: DigestConfig | None = None, **state: Any) -> Choice:
    return choose(ReaderState(articles, **state), config or digest(), state.pop("novelty", nothing))


def test_articles_on_one_event_make_one_story() -> None:
    choice = chosen(
        ARTICLE, replace(ARTICLE, id=2, outlet="Fjord Daily"), replace(ARTICLE, id=3, story_id=11)
    )
    assert [len(story.articles) for story in choice.stories] == [2, 1]
    assert choice.stories[0].first_seen == NOW - timedelta(days=2)
    assert choice.states == {}


def test_articles_without_a_story_stand_alone() -> None:
    choice = chosen(replace(ARTICLE, story_id=None), replace(ARTICLE, id=2, story_id=None))
    assert len(choice.stories) == 2


def test_terms_are_named_once_as_first_found() -> None:
    assert chosen(ARTICLE).stories[0].articles[0].terms == ("Envoy", "Oslo")


def test_a_known_story_stays_away_without_new_material() -> None:
    assert chosen(ARTICLE, told=TOLD).states == {1: LedgerState.NOTHING_NEW}


def test_a_known_story_comes_back_with_what_is_new() -> None:
    choice = choose(ReaderState([ARTICLE], told=TOLD), digest(), oslo)
    update = choice.stories[0].update
    assert update is not None
    assert (update.sent_at, update.new) == (NOW - timedelta(days=1), ("Oslo",))


def test_what_another_digest_brought_is_not_brought_again() -> None:
    elsewhere = {10: replace(TOLD[10], digest="weekly")}
    assert chosen(ARTICLE, elsewhere={1}).states == {1: LedgerState.ELSEWHERE}
    assert chosen(ARTICLE, told=elsewhere).states == {1: LedgerState.ELSEWHERE}


def test_every_refusal_has_its_state() -> None:
    config = digest(languages=["en"], min_score=50, outlets={"countries": ["US"]}, subtopics=["diplomacy"])
    refused = [
        (replace(ARTICLE, id=2, language="ru"), LedgerState.EXCLUDED),
        (replace(ARTICLE, id=3, country="NO"), LedgerState.EXCLUDED),
        (replace(ARTICLE, id=4, subtopics=["nato"]), LedgerState.EXCLUDED),
        (replace(ARTICLE, id=5, score=49), LedgerState.BELOW),
        (replace(ARTICLE, id=6, backfill=True), LedgerState.BACKLOG),
        (replace(ARTICLE, id=7, baseline=True, published_at=None), LedgerState.BACKLOG),
        (replace(ARTICLE, id=8, baseline=True, published_at=NOW - 3 * DAY), LedgerState.BACKLOG),
    ]
    for article, state in refused:
        assert chosen(article, config=config).states == {article.id: state}


def test_the_first_poll_of_a_feed_may_bring_what_is_a_day_old() -> None:
    assert chosen(replace(ARTICLE, baseline=True)).stories


def test_a_copy_does_not_speak_before_its_original() -> None:
    copy = replace(ARTICLE, id=2, title="Copied", first_seen_at=NOW - timedelta(hours=9), copy_of=1)
    choice = chosen(copy, ARTICLE)
    frame = IssueFrame(digest(), SECTIONS, MAIL, "a@example.org")
    view = compose(IssueMaterial(choice.stories, since=NOW - timedelta(days=1), until=NOW), frame)
    assert view.stories[0].headline == "Envoy in Oslo"
    assert view.stories[0].same_text == 0  # the same outlet counts once


def test_every_article_is_accounted_for() -> None:
    articles = [replace(ARTICLE, id=at, story_id=at // 3, score=90 - at // 3) for at in range(1, 20)]
    low = replace(ARTICLE, id=99, score=10)
    config = digest(min_score=50)
    choice = chosen(*articles, low, config=config)
    frame = IssueFrame(config, SECTIONS, MAIL, "a@example.org")
    material = IssueMaterial(choice.stories, since=NOW - timedelta(days=1), until=NOW)
    states = accounted(choice, compose(material, frame, Density(stories=2)), config)
    assert set(states) == {article.id for article in articles} | {99}
    assert list(states.values()).count(LedgerState.PRINTED) == 2
    assert list(states.values()).count(LedgerState.FOLDED) == 3
    assert states[19] is LedgerState.NOT_FITTING
    assert states[99] is LedgerState.BELOW
