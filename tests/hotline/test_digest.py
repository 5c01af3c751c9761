"""`hotline digest`: looked at, tried out, sent."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.bootstrap import configured_readers
from hotline.commands.digest import DigestOptions, NoSuchDigest, NotAnAddress, digest
from hotline.commands.explain import explain
from hotline.config_file import load_config
from hotline.demo.mailbox import Mailbox, open_mailbox
from hotline.moment import NotAMoment, parse_since
from hotline.result import Result, Status
from storage.engine import writing
from storage.readers import sync_readers
from tests.databases import sqlite_engine
from tests.digest.test_issue import Newsroom

CONFIG = """\
storage: {{url: "sqlite:///{folder}/hotline.db"}}
smtp: {{host: 127.0.0.1, port: {port}, security: none}}
mail: {{from: "Hotline <hotline@example.org>"}}
feeds: [{{url: "https://feed.example/", name: Potomac Post}}]
digests:
  - name: daily
    title: Morning brief
    readers: [ann@example.net, Bob <bob@example.net>]
  - name: quiet
    readers: [ann@example.net]
    subtopics: [space]
    empty_day: skip
"""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlite_engine(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def config(tmp_path: Path, mailbox: Mailbox, database: Engine) -> Path:
    """A configuration whose readers began yesterday, and one matched article of an hour ago."""
    path = tmp_path / "hotline.yaml"
    path.write_text(CONFIG.format(folder=tmp_path, port=mailbox.port), encoding="utf-8")
    now = datetime.now(UTC)
    with writing(database) as connection:
        readers = configured_readers(load_config(path, {}).config)
        sync_readers(connection, readers, now=now - timedelta(days=1))
    Newsroom(database, now - timedelta(hours=1)).add()
    return path


def run(config: Path, name: str = "", **options: object) -> Result:
    return digest(config, {}, name=name, options=DigestOptions(**options))  # type: ignore[arg-type]


def recipients(mailbox: Mailbox) -> list[str]:
    return sorted(recipient for mail in mailbox.mails for recipient in mail.recipients)


def test_without_options_the_text_is_printed(config: Path) -> None:
    (text,) = run(config, "daily").report
    assert "Morning brief" in str(text)
    assert "1. Envoy travels to town number 1" in str(text)


def test_a_preview_is_three_files(config: Path, tmp_path: Path, mailbox: Mailbox) -> None:
    result = run(config, "daily", preview=tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"daily.html", "daily.txt", "daily.eml"}
    message = email.message_from_bytes(
        (tmp_path / "out" / "daily.eml").read_bytes(), policy=email.policy.SMTP
    )
    assert message["To"] == "ann@example.net"
    assert result.status is Status.OK
    assert len(mailbox.mails) == 0


def test_sending_reaches_every_reader_once(config: Path, mailbox: Mailbox) -> None:
    result = run(config, send=True)
    assert recipients(mailbox) == ["ann@example.net", "bob@example.net"]
    assert [item["mail"] for item in result.data["digests"]] == ["sent", "sent", "skipped, an empty day"]  # type: ignore[attr-defined]
    assert "No new story matched" in str(run(config, "daily", send=True).report[0])


def test_explain_says_when_it_was_mailed_to_whom(config: Path) -> None:
    before = explain(config, {}, name="1").report
    run(config, "daily", send=True)
    after = [str(line) for line in explain(config, {}, name="1").report]
    assert "No reader was told yet: it waits for the next digest." in before
    (ann,) = [line for line in after if line.startswith("ann@example.net, daily of ")]
    assert ": printed; mail sent " in ann


def test_a_test_mail_leaves_the_readers_copy_alone(config: Path, mailbox: Mailbox) -> None:
    run(config, "daily", test="me@example.net")
    assert recipients(mailbox) == ["me@example.net"]
    assert "1. Envoy" in str(run(config, "daily").report[0])


def test_a_mail_server_that_is_away_makes_a_partial_result(config: Path, mailbox: Mailbox) -> None:
    text = config.read_text(encoding="utf-8").replace(f"port: {mailbox.port}", "port: 1")
    config.write_text(text, encoding="utf-8")
    result = run(config, "daily", send=True)
    assert result.status is Status.PARTIAL
    assert {problem.code for problem in result.errors} == {"mail-not-sent"}


def test_mistakes_are_one_sentence(config: Path) -> None:
    with pytest.raises(NoSuchDigest, match="daily"):
        run(config, "daly")
    with pytest.raises(NotAnAddress):
        run(config, "daily", test="nobody")
    with pytest.raises(NotAMoment):
        run(config, "daily", since="yesterdayish")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 d", "2026-11-17T12:00:00+00:00"),
        ("90 min", "2026-11-19T10:30:00+00:00"),
        ("2026-11-18", "2026-11-18T00:00:00+00:00"),
        ("2026-11-18T06:30+03:00", "2026-11-18T06:30:00+03:00"),
    ],
)
def test_since_is_a_span_or_a_date(text: str, expected: str, now: datetime) -> None:
    assert parse_since(text, now=now).isoformat() == expected
