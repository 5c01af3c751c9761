from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime

import pytest
from sqlalchemy import Engine

from storage.instance_lock import AlreadyRunning, instance_lock, lock_holder

_HOLDER = """
import sys, time
from storage.config import StorageConfig
from storage.engine import make_engine
from storage.instance_lock import instance_lock
with instance_lock(make_engine(StorageConfig(url=sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


def _start_holder(engine: Engine) -> subprocess.Popen[str]:
    url = engine.url.render_as_string(hide_password=False)
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, url], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_row_22_a_second_service_is_told_which_process_holds_the_database(engine: Engine) -> None:
    holder = _start_holder(engine)
    try:
        with pytest.raises(AlreadyRunning, match=f"process {holder.pid}") as refused, instance_lock(engine):
            pass
        assert refused.value.code == "already-running"  # exit code 75
    finally:
        _kill(holder)


def test_who_holds_the_database_can_be_asked_without_taking_it(engine: Engine) -> None:
    assert lock_holder(engine) == ""
    holder = _start_holder(engine)
    try:
        assert f"process {holder.pid}" in lock_holder(engine)
    finally:
        _kill(holder)
    assert lock_holder(engine) == ""


def test_the_lock_of_a_killed_service_is_free(engine: Engine) -> None:
    _kill(_start_holder(engine))
    with instance_lock(engine):
        pass


def test_the_lock_can_be_taken_again(engine: Engine) -> None:
    for _ in range(2):
        with instance_lock(engine):
            pass


def test_crawls_by_hand_may_write_beside_a_service(engine: Engine, now: datetime) -> None:
    with instance_lock(engine), engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def _kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
