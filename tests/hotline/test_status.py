from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import update

from hotline.commands.status import status
from hotline.result import ExitCode, Result, show
from storage.config import StorageConfig
from storage.engine import make_engine, writing
from storage.instance_lock import instance_lock
from storage.outbox import NewMessage, claim, enqueue, mark_failed
from storage.tables.core import FEED

_CONFIG = """\
feeds: [{url: https://one.example/rss, name: One}, {url: https://two.example/rss, name: Two}]
digests: [{name: daily, readers: [a@example.org], schedule: {at: "06:30", timezone: Europe/Berlin}}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "hotline.yaml"
    path.write_text(_CONFIG, encoding="utf-8")
    return path


def _text(result: Result) -> str:
    out = StringIO()
    show(result, as_json=False, out=Console(file=out, width=200), err=Console(file=StringIO()))
    return out.getvalue()


def test_the_keys_of_the_data_are_a_contract(config: Path) -> None:
    data = status(config, {}).data

    assert list(data) == [
        "now",
        "service",
        "config_rejected",
        "notices",
        "database",
        "last_crawl",
        "slow_hosts",
        "feeds",
        "signs",
        "digests",
        "outbox",
        "troubled_mail",
    ]
    assert data["outbox"] == {"pending": 0, "sending": 0, "sent": 0, "failed": 0, "dropped": 0}
    assert data["last_crawl"] is None


def test_before_the_first_crawl_it_says_so(config: Path) -> None:
    text = _text(status(config, {}))

    assert "not running" in text
    assert "last crawl     never" in text
    assert "2: 2 not polled yet; 2 due now" in text
    assert "daily: next" in text
    assert "06:30 Europe/Berlin, never issued yet" in text


def test_failing_feeds_are_named_with_their_error(config: Path) -> None:
    status(config, {})
    engine = make_engine(StorageConfig(url=f"sqlite:///{config.parent}/hotline.db"))
    now = datetime.now(UTC)
    with writing(engine) as connection:
        values = {"failures": 2, "error": "The server does not answer.", "last_polled_at": now}
        connection.execute(update(FEED).where(FEED.c.name == "Two").values(**values))

    text = _text(status(config, {}))

    assert "Two: The server does not answer." in text
    assert "last crawl     just now" in text


def test_mail_that_failed_is_listed(config: Path) -> None:
    status(config, {})
    engine = make_engine(StorageConfig(url=f"sqlite:///{config.parent}/hotline.db"))
    now = datetime.now(UTC)
    with writing(engine) as connection:
        enqueue(connection, NewMessage("k", "a@example.org", b"x"), now=now)
    claimed = claim(engine, now=now, lease=timedelta(minutes=1), owner="me")
    assert claimed is not None
    mark_failed(engine, claimed, error_kind="permanent", error="550 no such user")

    result = status(config, {})

    assert "1 failed" in _text(result)
    assert "to a@example.org, failed: 550 no such user" in _text(result)


def test_a_health_check_wants_the_service(config: Path) -> None:
    assert status(config, {}, demand_service=True).exit_code is ExitCode.ERROR

    with instance_lock(make_engine(StorageConfig(url=f"sqlite:///{config.parent}/hotline.db"))):
        result = status(config, {}, demand_service=True)

    assert result.exit_code is ExitCode.OK
    assert "process" in str(result.data["service"])
