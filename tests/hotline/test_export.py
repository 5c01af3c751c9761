"""The archive and the database as files: whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.commands.backup import backup
from hotline.commands.export import UnknownFormat, export, neutral
from language.errors import HotlineError
from storage.archive import Filter, read_articles
from storage.config import StorageConfig
from storage.crawl_database import CrawlDatabase
from storage.engine import make_engine, reading
from storage.writer import Writer
from tests.disks import fill, small_disk
from tests.storage.crawls import NO, entry, first_poll

TITLES = ["Talks in Geneva", "=HYPERLINK(1)", "Переговоры"]


@pytest.fixture
async def config(sqlite: Engine, tmp_path: Path, now: datetime) -> Path:
    """A configuration over a database with three matched articles and one that was rejected."""
    writer = Writer(sqlite)
    writer.start()
    items = [entry(number, title) for number, title in enumerate(TITLES)]
    await first_poll(CrawlDatabase(writer), sqlite, now, *items, entry(9, "A cake", NO))
    writer.close()
    path = tmp_path / "hotline.yaml"
    path.write_text(f"storage: {{url: '{sqlite.url}'}}\n", encoding="utf-8")
    return path


def _titles(rows: Sequence[dict[str, str]]) -> set[str]:
    return {row["title"] for row in rows}


def test_csv_holds_what_matched_and_no_formula(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "archive.csv"
    assert export(config, {}, target).data["articles"] == 3
    with target.open(encoding="utf-8-sig", newline="") as file:
        assert _titles(list(csv.DictReader(file))) == {"Talks in Geneva", "'=HYPERLINK(1)", "Переговоры"}


def test_json_lines_hold_everything_as_it_is(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "archive.jsonl"
    export(config, {}, target, everything=True)
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert _titles(rows) == {*TITLES, "A cake"}


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1"])
def test_a_cell_that_begins_like_a_formula_is_made_text(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


def test_a_name_without_a_format_is_refused(config: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="tells no format"):
        export(config, {}, tmp_path / "archive.xls")


def test_a_backup_is_a_database_with_everything_in_it(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    backup(config, {}, target)
    copy = make_engine(StorageConfig(url=f"sqlite:///{target}"))
    with reading(copy) as connection:
        assert len(list(read_articles(connection, Filter(decision=None)))) == 4
    copy.dispose()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
@pytest.mark.parametrize("name", ["archive.csv", "copy.db"])
def test_row_20_a_full_disk_leaves_no_partial_file(config: Path, tmp_path: Path, name: str) -> None:
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        fill(disk)
        before = sorted(path.name for path in disk.iterdir())
        with pytest.raises(HotlineError, match=r"cannot be written|could not be written"):
            _write(config, disk / name)
        assert sorted(path.name for path in disk.iterdir()) == before


def _write(config: Path, target: Path) -> None:
    if target.suffix == ".csv":
        export(config, {}, target)
    else:
        backup(config, {}, target)
