from __future__ import annotations

from pathlib import Path

import pytest

from hotline.commands.check import check
from hotline.config_error import ConfigError
from hotline.demo.mailbox import open_mailbox
from hotline.result import ExitCode

_CONFIG = """\
smtp: {{host: 127.0.0.1, port: {port}, security: none}}
storage: {{url: "{url}"}}
feeds: [{{url: https://news.example/rss}}]
"""


def _write(folder: Path, *, port: int, url: str = "sqlite:///news.db") -> Path:
    path = folder / "hotline.yaml"
    path.write_text(_CONFIG.format(port=port, url=url), encoding="utf-8")
    return path


def _ok(name: str, found: str) -> dict[str, object]:
    return {"name": name, "ok": True, "found": found}


def test_when_all_is_in_order_it_says_what_it_found_and_makes_nothing(tmp_path: Path) -> None:
    with open_mailbox() as mailbox:
        result = check(_write(tmp_path, port=mailbox.port), {})

    assert (result.exit_code, result.errors) == (ExitCode.OK, ())
    assert result.data["checks"] == [
        {
            "name": "configuration",
            "ok": True,
            "found": f"{tmp_path}/hotline.yaml: 1 feed, 0 digests, 0 readers",
        },
        {
            "name": "database",
            "ok": True,
            "found": f"sqlite:///{tmp_path}/news.db: will be made by the first crawl",
        },
        {"name": "mail", "ok": True, "found": f"127.0.0.1:{mailbox.port}: reached (none)"},
        {"name": "links", "ok": True, "found": "unsubscribing by mail to hotline@localhost; no listener"},
    ]
    assert not (tmp_path / "news.db").exists()


def test_a_dead_mail_server_and_a_lost_database_are_told_at_once(tmp_path: Path) -> None:
    with open_mailbox() as mailbox:
        port = mailbox.port

    result = check(_write(tmp_path, port=port, url="sqlite:///gone/news.db"), {})

    assert result.exit_code is ExitCode.ERROR
    assert [problem.code for problem in result.errors] == ["database-unreachable", "mail-server"]
    assert f"127.0.0.1:{port}" in result.errors[1].message


def test_a_user_without_a_password_is_told(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text("smtp: {user: desk}\n", encoding="utf-8")

    result = check(path, {})

    assert [problem.code for problem in result.errors] == ["smtp-password-missing"]


def test_a_wrong_configuration_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text("smpt: {}\n", encoding="utf-8")

    with pytest.raises(ConfigError):
        check(path, {})
