from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from crawler.config import FeedConfig
from hotline.commands.init import CannotWriteError, init, starter_text
from hotline.config_file import load_config
from hotline.config_schema import config_schema

_COMMENTED_OUT = r"(?:^# (?:alerts|channels|operator|topics|storage):.*\n)(?:^#  .*\n)*"


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[FeedConfig, ...]:
    folder = tmp_path_factory.mktemp("starter")
    init(folder)
    return load_config(folder / "hotline.yaml", {}).config.feeds


def test_the_starter_has_more_than_sixty_feeds_of_every_side(feeds: tuple[FeedConfig, ...]) -> None:
    countries = Counter(feed.country for feed in feeds)
    kinds = Counter(feed.kind for feed in feeds)

    assert len(feeds) >= 60
    assert min(countries["US"], countries["RU"], countries["UA"], countries["GB"]) >= 10
    assert min(kinds["independent"], kinds["official"], kinds["think-tank"]) >= 5
    assert kinds["state-newswire"] + kinds["state-broadcaster"] >= 5


def test_every_feed_says_name_language_country_and_kind(feeds: tuple[FeedConfig, ...]) -> None:
    incomplete = [feed.url for feed in feeds if not (feed.name and feed.kind)]
    odd = [feed.url for feed in feeds if len(feed.language) != 2 or len(feed.country) != 2]

    assert incomplete == []
    assert odd == []


def test_no_name_and_no_address_comes_twice(feeds: tuple[FeedConfig, ...]) -> None:
    assert [name for name, count in Counter(feed.name for feed in feeds).items() if count > 1] == []
    assert len({urlsplit(feed.url)._replace(scheme="") for feed in feeds}) == len(feeds)


def test_the_schema_accepts_the_starter() -> None:
    Draft202012Validator.check_schema(config_schema())

    problems = Draft202012Validator(config_schema()).iter_errors(YAML(typ="safe").load(starter_text()))

    assert [f"{problem.json_path}: {problem.message}" for problem in problems] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"feeds": [{"urll": "https://a.example"}]},
        {"feeds": [{"url": "https://a.example", "password": "x"}]},
        {"digests": [{"name": "a", "readers": []}]},
        {"smpt": {}},
        {"digests": [{"name": "a", "readers": ["a@b.example"], "schedule": {"at": "25:00"}}]},
    ],
)
def test_the_schema_refuses_what_the_models_refuse(wrong: dict[str, object]) -> None:
    assert list(Draft202012Validator(config_schema()).iter_errors(wrong))


def test_the_schema_writes_times_and_spans_as_people_do() -> None:
    text = json.dumps(config_schema())

    assert '"06:30"' in text
    assert '"20 s"' in text
    assert "PT" not in text


def test_init_writes_into_a_new_folder_with_the_schema_that_its_first_line_names(tmp_path: Path) -> None:
    folder = tmp_path / "desk" / "news"

    result = init(folder)

    first = (folder / "hotline.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=hotline.schema.json"
    assert json.loads((folder / "hotline.schema.json").read_text(encoding="utf-8")) == config_schema()
    assert result.data["config"] == folder / "hotline.yaml"


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "hotline.yaml").write_text("feeds: []\n", encoding="utf-8")

    with pytest.raises(CannotWriteError, match="stays as it is"):
        init(tmp_path)

    assert (tmp_path / "hotline.yaml").read_text(encoding="utf-8") == "feeds: []\n"
    assert not (tmp_path / "hotline.schema.json").exists()


def test_init_where_nothing_can_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(CannotWriteError):
        init(tmp_path / "file" / "folder")


def test_every_part_that_is_commented_out_works_when_it_is_not(tmp_path: Path) -> None:
    text = starter_text()
    switched_on = "".join(
        re.sub(r"^# ?", "", part, flags=re.MULTILINE)
        for part in re.findall(_COMMENTED_OUT, text, re.MULTILINE)
    )
    (tmp_path / "hotline.yaml").write_text(text + switched_on, encoding="utf-8")

    config = load_config(tmp_path / "hotline.yaml", {}).config

    assert re.findall(r"^\w+", switched_on, re.MULTILINE) == [
        "alerts",
        "channels",
        "operator",
        "topics",
        "storage",
    ]
    assert config.topics["us-russia"].threshold == 60
