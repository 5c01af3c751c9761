"""The commands that ask the topic: test, backtest, words, report, articles, explain, mark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.__main__ import main
from hotline.bootstrap import open_application
from hotline.commands.articles import Search, articles
from hotline.commands.explain import UnreadableFile, explain
from hotline.commands.mark import NoSuchArticle, Word, mark
from hotline.commands.topic.backtest import topic_backtest
from hotline.commands.topic.report import topic_report
from hotline.commands.topic.score import score_lines
from hotline.commands.topic.words import topic_words
from hotline.config import Config
from hotline.config_file import load_config
from storage.crawl_database import CrawlDatabase
from storage.writer import Writer
from tests.storage.crawls import entry, first_poll
from topics.document import Document
from topics.matcher import compile_topic

CONFIG = "feeds: [{url: 'https://one.example/feed', name: one}]\n"
TALKS = "Kremlin and White House hold talks with envoy Rolf Knudsen on arms"
CAKE = "A cake for the fair"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "hotline.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@contextmanager
def opened(config: Path) -> Iterator[Engine]:
    loaded = load_config(config, {}).config
    with open_application(loaded, now=datetime.now(UTC)) as application:
        yield application.engine


async def fill(config: Path, *titles: str) -> None:
    """Poll the one feed once, with these headlines, judged by the shipped topic."""
    now = datetime.now(UTC) - timedelta(hours=1)
    matcher = compile_topic(Config().topics["us-russia"])
    items = [entry(n, title, match=matcher.match(Document(title=title))) for n, title in enumerate(titles)]
    with opened(config) as engine:
        writer = Writer(engine)
        writer.start()
        try:
            await first_poll(CrawlDatabase(writer), engine, now, *items)
        finally:
            writer.close()


def test_each_line_gives_a_line(tmp_path: Path) -> None:
    file = tmp_path / "documents.jsonl"
    lines = [
        json.dumps({"id": "a", "title": "Trump calls Putin", "summary": "", "text": None, "lang": "en"}),
        "no json",
        json.dumps({"id": 7, "title": CAKE, "label": 0}),
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    answers = [
        json.loads(line) for line in score_lines(None, {"HOTLINE_CONFIG": str(tmp_path / "none")}, file)
    ]
    assert [answer["id"] for answer in answers] == ["a", None, 7]
    assert (answers[0]["matched"], answers[2]["matched"]) == (True, False)
    assert answers[0]["hits"][0]["found"] == "Trump"
    assert "line 2" in answers[1]["error"]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        list(score_lines(None, {"HOTLINE_CONFIG": "none.yaml"}, tmp_path / "none.jsonl"))


def test_a_file_is_explained_with_its_evidence(tmp_path: Path) -> None:
    file = tmp_path / "article.json"
    file.write_text(json.dumps({"title": "Putin answers Trump", "text": "Moscow spoke."}), encoding="utf-8")
    data = explain(None, {"HOTLINE_CONFIG": str(tmp_path / "none")}, name=str(file)).data
    assert data["matched"] is True
    assert data["language"] == "en"


async def test_a_judgement_counts_in_the_report(config: Path) -> None:
    await fill(config, TALKS, CAKE)
    numbers = {one["title"]: one["id"] for one in articles(config, {}, Search()).data["articles"]}  # type: ignore[attr-defined]
    mark(config, {}, article=str(numbers[TALKS]), word=Word.WRONG)
    report = topic_report(config, {}).data
    assert (report["matches"], report["right"], report["precision"]) == (1, 0, 0.0)
    assert {row["term"] for row in report["terms"]} >= {"Kremlin", "White House"}  # type: ignore[attr-defined]
    mark(config, {}, article=str(numbers[TALKS]), word=Word.RIGHT)
    assert topic_report(config, {}).data["precision"] == 1.0


async def test_an_archived_article_is_explained(config: Path) -> None:
    await fill(config, TALKS)
    data = explain(config, {}, name="1").data
    assert data["article"]["decision"] == "matched"  # type: ignore[index]
    assert [seen.feed for seen in data["trace"].seen] == ["one"]  # type: ignore[attr-defined]


def test_an_unknown_article_is_an_error(config: Path) -> None:
    with pytest.raises(NoSuchArticle):
        mark(config, {}, article="99", word=Word.RIGHT)


async def test_a_backtest_tells_what_a_change_would_do(config: Path, tmp_path: Path) -> None:
    await fill(config, TALKS, CAKE)
    changed = tmp_path / "changed.yaml"
    changed.write_text(CONFIG + "topics: {cakes: {query: cake}}\n", encoding="utf-8")
    data = topic_backtest(config, {}, changed=changed, days=30).data
    assert [one["title"] for one in data["gained"]] == [CAKE]  # type: ignore[attr-defined]
    assert [one["title"] for one in data["lost"]] == [TALKS]  # type: ignore[attr-defined]


async def test_unlisted_names_are_candidates(config: Path) -> None:
    await fill(config, *(f"{TALKS}, round {number}" for number in range(3)))
    words = topic_words(config, {}, days=30, limit=5).data["words"]
    assert [(word.name, word.articles) for word in words] == [("Rolf Knudsen", 3)]  # type: ignore[attr-defined]


def test_a_wrong_word_is_a_usage_error(config: Path) -> None:
    assert main(["mark", "1", "perhaps", "--config", str(config)]) == 2


def test_a_mistaken_query_in_the_configuration_names_its_place(config: Path) -> None:
    config.write_text(CONFIG + "topics:\n  mine:\n    query: talks AND\n", encoding="utf-8")
    with pytest.raises(
        Exception, match=r"hotline.yaml:4:5: topics.mine.query: in the query, line 1, column 10"
    ):
        load_config(config, {})
