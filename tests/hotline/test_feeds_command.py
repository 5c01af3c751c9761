"""`hotline feeds …` against sites on loopback and files in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from crawler.reading.opml import parse_opml
from hotline.cli import app
from hotline.commands.crawl import crawl
from hotline.commands.doctor import doctor
from hotline.commands.feeds import add, export_list, import_list, list_feeds, remove
from hotline.commands.status import status
from hotline.config_error import ConfigError
from hotline.config_file import load_config
from hotline.named_feeds import UnknownFeed
from hotline.result import ExitCode, Result
from hotline.rewrite import rewrite
from storage.config import StorageConfig
from storage.engine import make_engine, writing
from storage.tables.core import FEED
from tests.crawler.site import Site, answer, redirect, rss

CONFIG = """\
# mine, all mine
feeds:
  - name: Old Paper     # since 1900
    url: https://old.example/rss
    country: US

crawl:
  spacing: 1 ms         # loopback
  allow_private: ["{address}"]
"""
PAGE = (
    '<html><head><link rel="alternate" type="application/rss+xml" href="{0}"></head><body>News</body></html>'
)

Answer = TypeVar("Answer")


async def elsewhere(call: Callable[[], Answer]) -> Answer:
    """Commands run their own event loop: give them a thread, while the site answers from this one."""
    return await asyncio.to_thread(call)


def config(folder: Path, address: str = "127.0.0.1:1", text: str = CONFIG) -> Path:
    path = folder / "hotline.yaml"
    path.write_text(text.format(address=address), "utf-8")
    return path


def addresses(path: Path) -> list[str]:
    return [feed.url for feed in load_config(path, {}).config.feeds]


def told(result: Result) -> list[dict[str, object]]:
    feeds = result.data["feeds"]
    assert isinstance(feeds, list)
    return feeds


async def test_add_finds_the_feed_of_a_site_and_writes_it_below_the_others(tmp_path: Path) -> None:
    async with Site() as site:
        site.pages["/"] = answer(PAGE.format("/world.xml"), content_type="text/html")
        site.pages["/world.xml"] = answer(rss("First headline", "Second headline"))
        path = config(tmp_path, site.address)
        result = await elsewhere(lambda: add(site.url("/"), path, {}, country="RU", backfill=5))
    assert addresses(path) == ["https://old.example/rss", site.url("/world.xml")]
    added = load_config(path, {}).config.feeds[1]
    assert (added.country, added.backfill) == ("RU", 5)
    assert result.data["added"] == [site.url("/world.xml")]
    assert "First headline" in str(result.report[0])
    kept = path.read_text("utf-8")
    assert "# mine, all mine" in kept
    assert "# since 1900" in kept
    assert "# loopback" in kept


async def test_add_writes_nothing_in_a_rehearsal_or_twice(tmp_path: Path) -> None:
    async with Site() as site:
        site.pages["/rss"] = answer(rss("Headline"))
        path = config(tmp_path, site.address)
        rehearsed = await elsewhere(lambda: add(site.url("/rss"), path, {}, dry_run=True))
        assert (rehearsed.data["added"], len(addresses(path))) == ([], 1)
        await elsewhere(lambda: add(site.url("/rss"), path, {}))
        again = await elsewhere(lambda: add(site.url("/rss"), path, {}))
    assert (again.data["added"], len(addresses(path))) == ([], 2)


def test_a_change_that_would_break_the_configuration_is_taken_back(tmp_path: Path) -> None:
    path = config(tmp_path)
    before = path.read_bytes()
    with pytest.raises(ConfigError):
        rewrite(path, "feeds:\n  - nonsense: 1\n", main=path, environ={})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["hotline.yaml"]


def test_an_exported_list_is_imported_into_another_configuration(tmp_path: Path) -> None:
    path = config(tmp_path)
    export_list(tmp_path / "feeds.opml", path, {})
    assert [feed.extra for feed in parse_opml((tmp_path / "feeds.opml").read_bytes())] == [{"country": "US"}]
    (tmp_path / "other").mkdir()
    other = config(tmp_path / "other", text="# empty\n")
    result = import_list(tmp_path / "feeds.opml", other, {})
    assert result.data["added"] == ["https://old.example/rss"]
    assert load_config(other, {}).config.feeds == load_config(path, {}).config.feeds
    assert import_list(tmp_path / "feeds.opml", other, {}).data["known"] == 1


def test_every_recorded_list_can_be_imported(tmp_path: Path, shared: Path) -> None:
    path = config(tmp_path, text="feeds:\n")
    for file in sorted((shared / "feeds" / "opml").glob("*.opml")):
        import_list(file, path, {})
    assert len(addresses(path)) > 60
    export_list(tmp_path / "all.opml", path, {})
    (tmp_path / "other").mkdir()
    other = config(tmp_path / "other", text="feeds:\n")
    import_list(tmp_path / "all.opml", other, {})
    assert load_config(other, {}).config.feeds == load_config(path, {}).config.feeds


def test_all_that_can_be_set_of_a_feed_comes_back_from_a_list_as_people_write_it(tmp_path: Path) -> None:
    text = """\
feeds:
  - name: A & B “C”
    url: https://a.example/f?x=1&y=2
    language: ru
    country: RU
    kind: news/wire
    priority: 5
    pages: always
    every: 30 min
    min_every: 15 min
    max_every: 2 h
    backfill: 3
    allow_private: true
"""
    path = config(tmp_path, text=text)
    export_list(tmp_path / "feeds.opml", path, {})
    (tmp_path / "other").mkdir()
    other = config(tmp_path / "other", text="feeds:\n")
    import_list(tmp_path / "feeds.opml", other, {})
    assert load_config(other, {}).config.feeds == load_config(path, {}).config.feeds
    assert other.read_text("utf-8") == text


def test_remove_takes_one_feed_out_of_the_file_that_holds_it(tmp_path: Path) -> None:
    path = config(tmp_path, text="include: [more.yaml]\nfeeds:\n  - url: https://a.example/rss\n")
    (tmp_path / "more.yaml").write_text("feeds:\n  - name: B\n    url: https://b.example/rss\n", "utf-8")
    remove("b", path, {})
    assert addresses(path) == ["https://a.example/rss"]
    with pytest.raises(UnknownFeed, match="no feed named 'nobody'"):
        remove("nobody", path, {})


async def test_list_tells_the_state_of_every_feed(tmp_path: Path) -> None:
    async with Site() as site:
        site.pages["/rss"] = answer(rss("Headline"))
        text = CONFIG + "include: [more.yaml]\n"
        path = config(tmp_path, site.address, text)
        good, lost = site.url("/rss"), site.url("/no")
        more = f"feeds:\n  - {{name: Good, url: '{good}'}}\n  - {{name: Lost, url: '{lost}'}}\n"
        (tmp_path / "more.yaml").write_text(more, "utf-8")
        await elsewhere(lambda: crawl(path, {}, feeds=["Good", "Lost"], quiet=True))
        result = await elsewhere(lambda: list_feeds(path, {}))
    states = {feed["name"]: feed["state"] for feed in told(result)}
    assert states == {"Old Paper": "new", "Good": "ok", "Lost": "failing"}


async def test_doctor_finds_the_new_address_of_a_lost_feed_and_writes_it(tmp_path: Path) -> None:
    async with Site() as site:
        site.pages["/"] = answer(PAGE.format("/new.xml"), content_type="text/html")
        site.pages["/new.xml"] = answer(rss("Headline"))
        path = config(tmp_path, site.address, CONFIG.replace("https://old.example/rss", site.url("/old.xml")))
        await elsewhere(lambda: crawl(path, {}, everything=True, quiet=True))
        seen = await elsewhere(lambda: doctor(path, {}))
        assert addresses(path) == [site.url("/old.xml")]
        fixed = await elsewhere(lambda: doctor(path, {}, fix=True))
    (feed,) = told(seen)
    assert feed["proposals"] == (site.url("/new.xml"),)
    assert "404" in str(feed["message"])
    assert (seen.exit_code, fixed.exit_code) == (ExitCode.PARTIAL, ExitCode.OK)
    assert addresses(path) == [site.url("/new.xml")]
    assert "# since 1900" in path.read_text("utf-8")


async def test_doctor_writes_where_a_feed_has_moved_for_good(tmp_path: Path) -> None:
    async with Site() as site:
        site.pages["/old"] = redirect("/new", status=301)
        site.pages["/new"] = answer(rss("Headline"))
        path = config(tmp_path, site.address, CONFIG.replace("https://old.example/rss", site.url("/old")))
        for _ in range(3):
            await elsewhere(lambda: crawl(path, {}, everything=True, quiet=True))
        seen = await elsewhere(lambda: status(path, {}))
        (moved,) = told(await elsewhere(lambda: doctor(path, {})))
        result = await elsewhere(lambda: doctor(path, {}, fix=True))
        assert result.exit_code is ExitCode.OK
        assert addresses(path) == [site.url("/new")]
        assert f"moved for good to {site.url('/new')}" in str(seen.data["signs"])
        assert f"configuration: {path}:4" in str(seen.data["signs"])
        assert (moved["place"], moved["proposals"]) == (f"{path}:4", (site.url("/new"),))
        (known,) = told(await elsewhere(lambda: list_feeds(path, {})))
        assert known["state"] == "ok"  # the same feed, with its past
        assert (await elsewhere(lambda: crawl(path, {}, everything=True, quiet=True))).data["new"] == 0


def test_doctor_says_that_two_feeds_are_one(tmp_path: Path) -> None:
    twin = "  - name: Twin\n    url: http://old.example/rss?utm_source=x\n"
    path = config(tmp_path, text=CONFIG.replace("    country: US\n", f"    country: US\n{twin}"))
    (feed,) = told(doctor(path, {}))
    assert (feed["name"], feed["message"]) == ("Twin", "the same feed as Old Paper")


def test_doctor_advises_on_what_it_cannot_mend(tmp_path: Path) -> None:
    path = config(tmp_path)
    list_feeds(path, {})
    engine = make_engine(StorageConfig(url=f"sqlite:///{tmp_path / 'hotline.db'}"))
    with writing(engine) as connection:
        connection.execute(update(FEED).values(failures=2, error_kind="tls", error="certificate expired."))
    engine.dispose()
    result = doctor(path, {}, feeds=["old paper"])
    assert "certificate expired" in result.errors[0].message
    assert "certificate is not valid" in result.errors[0].hint


def test_the_command_line_lists_its_feeds_as_json(tmp_path: Path) -> None:
    path = config(tmp_path)
    answered = CliRunner().invoke(app, ["feeds", "list", "--config", str(path), "--json"])
    assert answered.exit_code == 0
    assert '"Old Paper"' in answered.output
