"""A light sender to be killed: `python -m tests.digest.sender_process DATABASE PORT`.

It imports once, then forks a sender for every line of its input, an ISO time that is the sender's
`now`. It answers with the sender's process id, and with `ended STATUS` once that is gone.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime

from storage.config import StorageConfig
from storage.engine import make_engine
from tests.digest.mails import mail_sender


def main() -> None:
    database, port = sys.argv[1], int(sys.argv[2])
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _send_everything(database, port, datetime.fromisoformat(line.strip()))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"ended {status}\n")
        sys.stdout.flush()


def _send_everything(database: str, port: int, now: datetime) -> None:
    sender = mail_sender(make_engine(StorageConfig(url=f"sqlite:///{database}")), port)
    while sender.send_one(now):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
