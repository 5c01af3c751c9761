"""Messages through Apprise to a webhook on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine

from digest.channels.apprise import AppriseChannel, encode
from digest.channels.config import ChannelConfig, ChannelUrlMissing
from digest.channels.port import Ambiguous, AuthFailed, Message, Outcome, Permanent, Retry, Sent
from digest.outbox import OutboxSender
from storage.outbox import OutboxStatus
from tests.digest.mails import queue, row

TOKEN = "canary-token-1963"
CONTENT = encode("Talks in Geneva", "Envoys meet. Посланники встретились.")


class Webhook:
    """Answers every POST with `status`; 0 hangs up without an answer."""

    def __init__(self, status: int) -> None:
        self.got: list[dict[str, Any]] = []
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.got.append(json.loads(body))
                if status:
                    self.send_response(status)
                    self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://user:{TOKEN}@127.0.0.1:{self.server.server_port}/{TOKEN}"


@contextmanager
def webhook(status: int = 200) -> Iterator[Webhook]:
    made = Webhook(status)
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join(5)


def send(url: str) -> Outcome:
    return AppriseChannel(url, name="desk").send(Message("desk", CONTENT), lambda: True)


def test_a_webhook_gets_title_and_text() -> None:
    with webhook() as hook:
        assert isinstance(send(hook.url), Sent)
    [got] = hook.got
    assert (got["title"], got["message"]) == ("Talks in Geneva", "Envoys meet. Посланники встретились.")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (500, Retry),
        (429, Retry),
        (401, AuthFailed),
        (403, AuthFailed),
        (404, Permanent),
        (413, Permanent),
        (0, Ambiguous),
    ],
)
def test_every_answer_has_its_outcome_and_shows_no_token(status: int, outcome: type[Outcome]) -> None:
    with webhook(status) as hook:
        found = send(hook.url)
    assert isinstance(found, outcome)
    assert TOKEN not in str(found)


def test_a_service_that_is_not_there_is_a_retry() -> None:
    with webhook() as hook:
        url = hook.url
    found = send(url)
    assert isinstance(found, Retry)
    assert TOKEN not in found.reason


def test_nothing_is_sent_when_the_claim_was_lost() -> None:
    with webhook() as hook:
        found = AppriseChannel(hook.url, name="desk").send(Message("desk", CONTENT), lambda: False)
    assert isinstance(found, Retry)
    assert hook.got == []


def test_a_message_of_the_outbox_reaches_its_channel(engine: Engine, now: datetime) -> None:
    with webhook() as hook:
        queue(engine, "alert", now=now, channel="desk", recipient="desk", body=CONTENT)
        sender = OutboxSender(engine, {"desk": lambda: AppriseChannel(hook.url, name="desk")})
        assert sender.send_one(now)
    assert len(hook.got) == 1
    assert row(engine).status is OutboxStatus.SENT


def test_a_url_comes_from_the_environment() -> None:
    config = ChannelConfig(name="desk", url_env="DESK_URL")
    assert config.url({"DESK_URL": " ntfy://x/topic\n"}) == "ntfy://x/topic"
    with pytest.raises(ChannelUrlMissing, match="DESK_URL"):
        config.url({})


@pytest.mark.parametrize(
    "values", [{"name": "desk"}, {"name": "mail", "url_env": "X"}, {"name": "A b", "url_env": "X"}]
)
def test_a_channel_without_a_place_or_with_an_odd_name_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"url_env|mail|small letters"):
        ChannelConfig.model_validate(values)


def test_a_url_that_apprise_cannot_read_is_told_without_its_token() -> None:
    with pytest.raises(ChannelUrlMissing) as refused:
        send(f"nonsense://{TOKEN}")
    assert TOKEN not in str(refused.value)
