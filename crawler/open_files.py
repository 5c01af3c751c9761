"""How many files the process may have open: every connection is one, whether it is used or kept."""

from __future__ import annotations

import resource

_NEW_A_SECOND = 2_000  # connections; one process makes fewer
_LONGEST = 15.0  # seconds


def raise_limit() -> None:
    """Take all that the system grants, as servers do: programs begin with 1,024 on most systems."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def keep_alive() -> float:
    """For how many seconds an unused connection is kept: half of the files hold what is made meanwhile."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _LONGEST if soft == resource.RLIM_INFINITY else min(_LONGEST, soft / 2 / _NEW_A_SECOND)
