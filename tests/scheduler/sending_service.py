"""A service that only sends mail: `python -m tests.scheduler.sending_service DATABASE PORT SECONDS`."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime, timedelta

from scheduler.job import Job, Plan, in_thread
from scheduler.service import Service
from storage.config import StorageConfig
from storage.engine import make_engine
from tests.digest.mails import mail_sender


def main() -> None:
    database, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    sender = mail_sender(make_engine(StorageConfig(url=f"sqlite:///{database}")), port)

    def abandon(now: datetime) -> bool:
        sender.abandon(now)
        return False

    job = Job(
        "send",
        timedelta(seconds=1),
        in_thread(sender.send_one),
        stop=sender.stop,
        abandon=in_thread(abandon),
    )
    with asyncio.Runner() as runner:
        clean = runner.run(Service(lambda: Plan((job,)), stop_within=timedelta(seconds=seconds)).run())
        if not clean:
            os._exit(0)  # a thread still waits for the server; what it holds is settled


if __name__ == "__main__":
    main()
