"""Whatever a user gets wrong: one clear sentence, what to do, the right exit code, and no traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hotline.__main__ import main

_CONFIG = """\
feeds: [{url: https://one.example/rss, name: Morning News}]
digests: [{name: daily, readers: [a@example.org]}]
smtp: {host: 127.0.0.1, port: 1, security: none}
"""

_MISTAKES = [
    (["crawl", "Mornig News"], 1, "There is no feed named", "Did you mean `Morning News`?"),
    (["digest", "dayly"], 1, "There is no digest named dayly.", "Did you mean `daily`?"),
    (["digest", "--since", "soon", "--preview", "."], 1, "'soon' is no time.", "Write for example"),
    (["digest", "--test", "nobody"], 1, "'nobody' is not a mail address.", "reader@example.org"),
    (["articles", "a AND ("], 1, "line 1, column 8: The query ends too early.", "Expected"),
    (["articles", "title:"], 1, "line 1, column 6: ':' cannot stand here.", "Expected"),
    (["articles", "@rusia"], 1, "rusia", "russia"),
    (["articles", "--feed", "Evening"], 1, "There is no feed named Evening.", "Morning News"),
    (["articles", "--topic", "sanction"], 1, "There is no topic or subtopic sanction.", "`sanctions`"),
    (["articles", "--limit", "0"], 2, "Invalid value for '--limit'", "greater than or equal to 1"),
    (["check"], 1, "The mail server 127.0.0.1:1 does not work", "Check `smtp:`"),
    (["status", "--running"], 1, "No hotline service runs on this database.", "hotline run"),
    (["init", "."], 1, "hotline.yaml is there already", "Name another folder."),
    (["crawl", "--config", "gone.yaml"], 78, "gone.yaml: there is no configuration file", "hotline init"),
    (["run", "--config", "gone.yaml"], 78, "gone.yaml: there is no configuration file", "hotline init"),
    (["demo", "--output", "hotline.yaml"], 1, "hotline.yaml cannot be used", "--output"),
    (["feeds", "remove", "Evening"], 1, "There is no feed named 'Evening'", "feeds list"),
    (["feeds", "import", "gone.opml"], 1, "gone.opml", ""),
    (["explain", "https://unknown.example/a"], 1, "unknown.example", ""),
    (["crwal"], 2, "No such command 'crwal'", "crawl"),
    (["crawl", "--dryrun"], 2, "No such option: --dryrun", "--dry-run"),
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small configuration, in which one stands."""
    (tmp_path / "hotline.yaml").write_text(_CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)
    monkeypatch.setenv("COLUMNS", "300")
    return tmp_path


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("arguments", "code", "sentence", "hint"), _MISTAKES, ids=[" ".join(row[0]) for row in _MISTAKES]
)
def test_a_mistake_is_told_in_a_sentence(
    arguments: list[str], code: int, sentence: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = main(arguments)

    told = capsys.readouterr().err
    assert (found, sentence in told, hint in told) == (code, True, True), told
    assert "Traceback" not in told


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("arguments", [row[0] for row in _MISTAKES if row[1] != 2], ids=" ".join)
def test_with_json_the_same_mistake_is_an_envelope(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*arguments, "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code != 0
    assert list(told) == ["command", "status", "data", "errors"]
    assert told["status"] == "error"
    assert told["command"].split()[0] == arguments[0]
    assert all(error["code"] and error["message"] for error in told["errors"])


def test_a_database_that_is_none_is_told(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "hotline.db").write_text("this is no database, but a text of some length" * 100, encoding="utf-8")

    assert main(["status"]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_database_server_that_is_away_is_told(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql+psycopg://hotline@127.0.0.1:1/hotline"
    (desk / "hotline.yaml").write_text(f"storage: {{url: '{url}'}}\n", encoding="utf-8")

    assert main(["status"]) == 1
    assert "error: " in capsys.readouterr().err
