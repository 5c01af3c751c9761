from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.commands.outbox import NothingNamed, drop, list_outbox, retry
from hotline.result import ExitCode
from storage.outbox import OutboxStatus
from tests.digest.mails import drain, mail_sender, queue, rows
from tests.digest.smtp_server import HostileSmtp


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "hotline.yaml"
    path.write_text("storage: {url: 'sqlite:///hotline.db'}\n", encoding="utf-8")
    return path


@pytest.fixture
def failed(sqlite: Engine) -> int:
    """The number of a mail that was refused for good."""
    now = datetime.now(UTC)
    [number] = queue(sqlite, "ann", now=now, subject="Morning [draft]")
    with HostileSmtp({"DOT": "554 5.6.0 Refused"}) as server:
        drain(mail_sender(sqlite, server.port), now)
    return number


def test_an_empty_outbox_says_so(config: Path) -> None:
    assert list_outbox(config, {}).report == ("Nothing waits, nothing failed.",)


def test_a_failed_mail_is_listed_with_what_the_server_said(config: Path, failed: int) -> None:
    found = list_outbox(config, {}).data["messages"]
    assert isinstance(found, list)
    assert (found[0]["id"], found[0]["status"]) == (failed, "failed")
    assert "554" in found[0]["error"]


def test_a_failed_mail_can_be_made_due_again(config: Path, failed: int, sqlite: Engine) -> None:
    result = retry([failed], config, {})
    assert (result.exit_code, result.data["changed"]) == (ExitCode.OK, 1)
    assert rows(sqlite)[0].status is OutboxStatus.PENDING


def test_all_that_failed_can_be_dropped(config: Path, failed: int, sqlite: Engine) -> None:
    assert drop((), config, {}, failed=True).data["changed"] == 1
    assert rows(sqlite)[0].status is OutboxStatus.DROPPED


def test_a_number_that_is_no_message_is_told(config: Path, failed: int) -> None:
    assert retry([failed, 99], config, {}).exit_code is ExitCode.PARTIAL
    result = drop([99], config, {})
    assert (result.exit_code, result.errors[0].code) == (ExitCode.ERROR, "no-such-message")


def test_nothing_named_is_a_mistake(config: Path) -> None:
    with pytest.raises(NothingNamed):
        retry((), config, {})
