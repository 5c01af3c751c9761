"""SIGTERM to a service of its own process, while a mail server holds a mail."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from storage.outbox import OutboxStatus
from tests.digest.mails import queue, row
from tests.digest.smtp_server import HOLD, SILENCE, HostileSmtp


@contextmanager
def serving(engine: Engine, port: int, *, stop_within: float) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.scheduler.sending_service"]
    with subprocess.Popen([*command, str(engine.url.database), str(port), str(stop_within)]) as process:
        try:
            yield process
        finally:
            process.kill()


def test_row_07_sigterm_between_data_and_the_answer_waits_for_the_answer(
    sqlite: Engine, now: datetime
) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp({"DOT": HOLD}) as server, serving(sqlite, server.port, stop_within=25) as service:
        assert server.dot_received.wait(20)
        service.send_signal(signal.SIGTERM)
        server.let_go.set()
        assert service.wait(10) == 0
    assert len(server.mails) == 1
    assert (row(sqlite).status, row(sqlite).maybe_duplicate) == (OutboxStatus.SENT, False)


def test_row_07_a_server_that_does_not_answer_by_the_deadline_leaves_the_mail_flagged(
    sqlite: Engine, now: datetime
) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp({"DOT": HOLD}) as server, serving(sqlite, server.port, stop_within=3.5) as service:
        assert server.dot_received.wait(20)
        started = time.monotonic()
        service.send_signal(signal.SIGTERM)
        assert service.wait(10) == 0
        assert time.monotonic() - started < 3.5
    assert (row(sqlite).status, row(sqlite).maybe_duplicate) == (OutboxStatus.SENDING, True)


def test_sigterm_before_the_final_dot_gives_the_mail_back_at_once(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp({"DATA": SILENCE}) as server, serving(sqlite, server.port, stop_within=25) as service:
        assert server.silent.wait(20)
        service.send_signal(signal.SIGTERM)
        assert service.wait(10) == 0
    assert (row(sqlite).status, row(sqlite).attempts) == (OutboxStatus.PENDING, 0)
    assert not row(sqlite).maybe_duplicate


def test_a_second_sigterm_ends_at_once(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp({"DOT": HOLD}) as server, serving(sqlite, server.port, stop_within=60) as service:
        assert server.dot_received.wait(20)
        service.send_signal(signal.SIGTERM)
        service.send_signal(signal.SIGINT)
        assert service.wait(10) == 0
    assert row(sqlite).maybe_duplicate
