"""kill -9 at random moments of sending: nothing is lost, and every repeat is flagged."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.outbox import OutboxStatus
from tests.digest.mails import queue, rows
from tests.digest.smtp_server import HostileSmtp

FULL = "HOTLINE_FULL" in os.environ
KILLS, MAILS = (200, 500) if FULL else (30, 75)
SEED = int(os.environ.get("HOTLINE_SEED", "1963"))
LONGEST_LIFE = 0.05  # seconds after the first connection: one to a few mails


class Zygote:
    """Starts senders, each with a time of its own, and waits for their end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, now: datetime) -> int:
        """Start a sender whose clock shows `now`; return its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{now.isoformat()}\n")
        self._process.stdin.flush()
        return int(self._line())

    def wait(self) -> int:
        """Wait until the sender is gone; its wait status."""
        return int(self._line().removeprefix("ended "))

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def zygote(database: Path, port: int) -> Iterator[Zygote]:
    command = [sys.executable, "-m", "tests.digest.sender_process", str(database), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Zygote(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.timeout(900)
def test_row_05_killed_at_random_loses_no_mail_and_flags_every_repeat(sqlite: Engine, now: datetime) -> None:
    chance = random.Random(SEED)
    for number in range(MAILS):
        queue(sqlite, f"r{number}", now=now, body=f"Message-ID: <{number}@x.example>\r\n\r\nHi.\r\n".encode())
    database = Path(str(sqlite.url.database))
    killed = 0
    with HostileSmtp() as server, zygote(database, server.port) as senders:
        for life in range(1, KILLS + 1):
            server.connected.clear()
            pid = senders.start(now + life * timedelta(hours=1))
            server.connected.wait(5)
            threading.Event().wait(chance.uniform(0, LONGEST_LIFE))
            os.kill(pid, signal.SIGKILL)
            killed += senders.wait() == signal.SIGKILL
        senders.start(now + timedelta(days=30))
        assert senders.wait() == 0
    arrived = Counter(_number(mail) for mail in server.mails)
    repeated = {number for number, times in arrived.items() if times > 1}
    flagged = {int(found.recipient[1:].partition("@")[0]) for found in rows(sqlite) if found.maybe_duplicate}
    print(f"seed {SEED}: {MAILS} mails, {killed} kills, {len(repeated)} repeats, {len(flagged)} flagged")
    assert set(arrived) == set(range(MAILS))
    assert repeated <= flagged
    assert {found.status for found in rows(sqlite)} == {OutboxStatus.SENT}
    assert killed > KILLS / 2


def _number(mail: bytes) -> int:
    found = re.match(rb"Message-ID: <(\d+)@", mail)
    assert found is not None
    return int(found[1])
