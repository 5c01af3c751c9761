"""A recorded series of polls, served again over loopback by the tool that lies beside the recordings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


@dataclass(frozen=True, slots=True)
class Replay:
    """A running replay at `base`; `feeds` are name → address, `steps` how many poll times there are."""

    base: str
    feeds: dict[str, str]
    steps: int

    def step(self, times: int = 1) -> bool:
        """Go on to the next poll time; False when the series is over."""
        try:
            with urlopen(Request(f"{self.base}/step?n={times}", method="POST")):
                return True
        except HTTPError as error:
            error.close()
            return False

    def log(self) -> list[dict[str, Any]]:
        """Every feed request so far: t, feed, status, if_none_match, user_agent."""
        found: list[dict[str, Any]] = _json(f"{self.base}/log")
        return found


@contextmanager
def replayed(shared: Path, series: str, *, start: str = "0", until: str = "9") -> Iterator[Replay]:
    """Serve the polls of `series` from `start` to `until` (UTC stamps) until the block ends."""
    tool = [sys.executable, str(shared / "tools" / "replay.py"), str(shared / "feeds" / series)]
    server = subprocess.Popen([*tool, "--from", start, "--until", until], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        base = server.stdout.readline().strip()
        told = _json(base)
        yield Replay(base, told["feeds"], told["steps"])
    finally:
        server.terminate()
        server.wait(timeout=10)
        server.stdout.close()


def _json(url: str) -> Any:
    with urlopen(url) as answer:
        return json.load(answer)
