"""A password in an address: used, moved to a file of its own, and written nowhere else."""

from __future__ import annotations

import asyncio
import base64
import stat
from pathlib import Path

import pytest
from aiohttp import web

from hotline.__main__ import main
from hotline.commands.feeds import add, import_list
from hotline.config_file import load_config
from hotline.result import ExitCode
from tests.crawler.site import Responder, Site, answer, redirect, rss

CANARY = "hunter-2"
LOGIN = f"bob:{CANARY}@"


def guarded(responder: Responder) -> Responder:
    """A resource for bob alone."""
    right = f"Basic {base64.b64encode(f'bob:{CANARY}'.encode()).decode()}"

    async def respond(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != right:
            return web.Response(status=401)
        return await responder(request)

    return respond


def config(folder: Path, site: Site, feeds: str = "") -> Path:
    path = folder / "hotline.yaml"
    allowed = f'crawl:\n  spacing: 1 ms\n  allow_private: ["{site.address}"]\n'
    path.write_text(f"{allowed}feeds:\n{feeds}", "utf-8")
    return path


def with_login(url: str) -> str:
    return url.replace("://", f"://{LOGIN}")


async def test_add_uses_the_password_and_keeps_it_in_a_file_of_its_own(tmp_path: Path) -> None:
    async with Site() as site:
        site.pages["/rss"] = guarded(answer(rss("Headline")))
        path = config(tmp_path, site)
        result = await asyncio.to_thread(add, with_login(site.url("/rss")), path, {})
    assert result.data["added"] == [site.url("/rss")]
    assert CANARY not in path.read_text("utf-8")
    (feed,) = load_config(path, {}).config.feeds
    assert feed.username == "bob"
    assert_kept(Path(feed.password_file), tmp_path / "passwords")


def assert_kept(file: Path, folder: Path) -> None:
    assert file.parent == folder
    assert file.read_text("utf-8").strip() == CANARY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_password_of_a_list_is_kept_in_a_file_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Site() as site:
        site.pages["/rss"] = guarded(answer(rss("Headline")))
        path = config(tmp_path, site)
        outline = f'<outline type="rss" text="Mine" xmlUrl="{with_login(site.url("/rss"))}"/>'
        (tmp_path / "list.opml").write_text(f"<opml version='2.0'><body>{outline}</body></opml>", "utf-8")
        result = import_list(tmp_path / "list.opml", path, {})
        assert CANARY not in str(result)
        assert CANARY not in path.read_text("utf-8")
        await asyncio.to_thread(main, ["crawl", "--all", "--config", str(path), "--json"])
    assert '"new": 1' in capsys.readouterr().out


@pytest.mark.timeout(120)
async def test_no_command_writes_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    async with Site() as site:
        site.pages["/good"] = guarded(answer(rss("Russia and the US")))
        site.pages["/moved"] = redirect(with_login(site.url("/good")), status=301)
        site.pages["/wrong"] = answer(status=401)
        paths = {"Good": "/good", "Moved": "/moved", "Wrong": "/wrong", "Lost": "/lost"}
        items = [f"  - {{name: {name}, url: '{with_login(site.url(at))}'}}\n" for name, at in paths.items()]
        closed = f"  - {{name: Closed, url: 'http://{LOGIN}127.0.0.1:1/rss', allow_private: true}}\n"
        path = config(tmp_path, site, "".join(items) + closed)
        address = with_login(site.url("/good"))
        for command in (
            ["crawl", "--all"], ["crawl", "--all", "--json"], ["status"], ["status", "--json"],
            ["feeds", "list"], ["feeds", "list", "--json"], ["feeds", "doctor"],
            ["feeds", "doctor", "--json"], ["feeds", "export"], ["check"], ["articles"],
            ["articles", "--json"], ["crawl", address],
            ["crawl", with_login(site.url("/unknown"))], ["feeds", "add", with_login(site.url("/lost"))],
            ["feeds", "remove", address],
        ):  # fmt: skip
            code = await asyncio.to_thread(main, [*command, "--config", str(path)])
            written = capsys.readouterr()
            assert code in {0, 1, 3}, (command, written)
            assert CANARY not in written.out + written.err, command
        asked = [each for each in site.asked if each.path == "/good"]
        assert any("Authorization" in each.headers for each in asked)
    assert CANARY not in caplog.text
    assert files_with(CANARY, tmp_path) == ["hotline.yaml"]  # where it was given
    assert "Good" not in {feed.title for feed in load_config(path, {}).config.feeds}


def files_with(text: str, folder: Path) -> list[str]:
    return [f.name for f in folder.rglob("*") if f.is_file() and text.encode() in f.read_bytes()]


def test_an_address_that_makes_no_sense_is_refused_without_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text(f"feeds:\n  - url: htp://{LOGIN}paper.example/rss\n", "utf-8")
    assert main(["check", "--config", str(path)]) == ExitCode.CONFIG
    written = capsys.readouterr().err
    assert "is not an address" in written
    assert CANARY not in written
