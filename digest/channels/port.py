"""What every channel takes and answers. A channel never raises for what its server does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message for one recipient. `content` is handed over as it is, never serialised again:
    for mail the RFC 5322 bytes with CRLF line ends, for other channels what they were queued with."""

    recipient: str
    content: bytes
    sender: str = ""  # the envelope's sender, where bounces go


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the message. `queue_id` is its own name for it, for asking its owner."""

    queue_id: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Surely not taken, but it may be later."""

    reason: str


@dataclass(frozen=True, slots=True)
class Permanent:
    """Surely not taken, and asking again would be refused again.

    `recipient` is true when the refusal is about the address, not about the message."""

    reason: str
    recipient: bool = False


@dataclass(frozen=True, slots=True)
class AuthFailed:
    """The server refused the login: no other message would fare better."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Wholly handed over, but the answer was lost: it may have been taken (RFC 1047)."""

    reason: str


Outcome = Sent | Retry | Permanent | AuthFailed | Ambiguous


class Channel(Protocol):
    """A way to hand over messages, one at a time, blocking."""

    @property
    def longest(self) -> float:
        """Seconds after which `send` has surely returned."""
        ...

    def send(self, message: Message, commit: Callable[[], bool]) -> Outcome:
        """Hand over `message` and say what became of it.

        `commit` is called once, at the last moment before the server could take the message: a
        return before it means "surely not sent". When it answers False nothing is handed over and
        the outcome is `Retry`. What `commit` raises passes through, with nothing handed over.
        """
        ...

    def abort(self) -> None:
        """Make a running `send` return soon if it has not committed; leave it alone if it has.

        May be called from another thread. The channel is not used again."""
        ...
