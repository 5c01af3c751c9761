from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.commands.mark import NoSuchArticle
from hotline.commands.story import NoStory, merge_stories, show_story, split_story
from storage.corpus.records import Placement
from storage.corpus.store import place
from storage.engine import writing
from tests.storage.corpus.newsroom import store_article, store_feed

WIRE = "Envoys of both sides agreed in Vienna to open the consulates that were closed in spring and to meet "
TITLES = ("Consulates reopen", "Consulates to reopen", "Harvest festival opens in Iowa")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "hotline.yaml"
    path.write_text("storage: {url: 'sqlite:///hotline.db'}\n", encoding="utf-8")
    return path


@pytest.fixture
def placed(sqlite: Engine) -> list[Placement]:
    """Two copies of one text, and an article of its own."""
    now = datetime.now(UTC)
    texts = (WIRE * 3, WIRE * 3, "")
    with writing(sqlite) as connection:
        feed = store_feed(connection, now)
        ids = [
            store_article(connection, feed, title=title, text=text, at=now)
            for title, text in zip(TITLES, texts, strict=True)
        ]
        aside = store_article(connection, feed, title="Aside", at=now, matched=False)
        return place(connection, [*ids, aside], now=now)


def placed_again(engine: Engine, article_id: int) -> Placement:
    """Where a later crawl puts the article."""
    with writing(engine) as connection:
        return place(connection, [article_id], now=datetime.now(UTC))[0]


def test_a_story_says_why_each_article_belongs_to_it(config: Path, placed: list[Placement]) -> None:
    result = show_story(config, {}, article="2")
    text = "\n".join(map(str, result.report))
    assert "Story 1: 2 articles" in text
    assert "the story began with it" in text
    assert "copy of 1" in text
    assert result.data["story"] == 1


def test_a_split_article_has_its_own_story_and_keeps_it(
    config: Path, placed: list[Placement], sqlite: Engine
) -> None:
    result = split_story(config, {}, article="2")
    assert "by you: split from story 1" in "\n".join(map(str, result.report))
    again = placed_again(sqlite, 2)
    assert (again.story_id, again.copy_of) == (result.data["story"], None)


def test_merged_stories_stay_one_until_they_are_split(
    config: Path, placed: list[Placement], sqlite: Engine
) -> None:
    merge_stories(config, {}, article="1", other="3")
    assert placed_again(sqlite, 3).story_id == 1
    split_story(config, {}, article="3")
    assert placed_again(sqlite, 3).story_id != 1


def test_the_last_word_on_a_pair_counts(config: Path, placed: list[Placement], sqlite: Engine) -> None:
    split_story(config, {}, article="2")
    merge_stories(config, {}, article="1", other="2")
    assert placed_again(sqlite, 2).copy_of == 1


def test_what_cannot_be_done_is_told(config: Path, placed: list[Placement]) -> None:
    with pytest.raises(NoSuchArticle):
        show_story(config, {}, article="99")
    with pytest.raises(NoStory):
        show_story(config, {}, article="4")
    with pytest.raises(NoStory):
        split_story(config, {}, article="3")
    with pytest.raises(NoStory):
        merge_stories(config, {}, article="1", other="2")
