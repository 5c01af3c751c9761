"""Everything that Apprise reaches, as a channel."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any

from digest.channels.config import ChannelUrlMissing
from digest.channels.port import Ambiguous, AuthFailed, Message, Outcome, Permanent, Retry, Sent
from language.clean import clean_text

_CONNECT, _READ = 30.0, 60.0  # seconds; Apprise's own four would make repeats
_LOST = re.compile(r"read timed out|connection aborted|remotedisconnected|incompleteread", re.IGNORECASE)
_STATUS = re.compile(r"error=(\d{3})\b")
_URL = re.compile(r"\S+://\S+")
_GONE = {400, 404, 405, 410, 413, 422}


def encode(title: str, body: str) -> bytes:
    """The content of a message for this channel."""
    return json.dumps({"title": title, "body": body}, ensure_ascii=False).encode()


class AppriseChannel:
    """Hands short messages to the service behind an Apprise `url`, which may hold a token.

    What Apprise logs is read for what went wrong; the token and the message's text are never kept.
    """

    def __init__(self, url: str, *, name: str) -> None:
        self._url = url
        self._name = name
        self._aborted = threading.Event()

    @property
    def longest(self) -> float:
        """Seconds after which `send` has surely returned."""
        return 2 * (_CONNECT + _READ)

    def send(self, message: Message, commit: Callable[[], bool]) -> Outcome:
        """Send one message made by `encode`; see `Channel.send`."""
        service = open_service(self._url, name=self._name)
        content = json.loads(message.content)
        if self._aborted.is_set() or not commit():
            return Retry("not handed over: the claim was lost, or the service stops")
        result = service.notify(
            body=content["body"], title=content["title"], log_level=logging.DEBUG, timeout=self.longest
        )
        return _outcome(result)

    def abort(self) -> None:
        """See `Channel.abort`: a request that is out cannot be called back."""
        self._aborted.set()


def open_service(url: str, *, name: str) -> Any:
    """Return the Apprise object for `url`. Raises ChannelUrlMissing when Apprise cannot read it."""
    import apprise  # half a second, only where a channel is used

    _read_but_never_write_its_log()
    asset = apprise.AppriseAsset(
        secure_logging=True, async_mode=False, storage_mode=apprise.PersistentStoreMode.MEMORY
    )
    service = apprise.Apprise(asset=asset)
    if not service.add(url):
        raise ChannelUrlMissing(
            f"Apprise cannot read the URL of the channel {name}.",
            hint="Compare it with https://appriseit.com/services/.",
        )
    for each in service:
        each.socket_connect_timeout, each.socket_read_timeout = _CONNECT, _READ
    return service


def _read_but_never_write_its_log() -> None:
    """Only its debug lines tell a refused connection from a lost answer; they hold tokens and texts."""
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _outcome(result: Any) -> Outcome:
    from apprise.result import AppriseResultStatus

    if result.status is AppriseResultStatus.SUCCESS:
        return Sent()
    entries = list(result.logs())
    reason = _reason(entry.message for entry in entries if entry.level in {"WARNING", "ERROR", "CRITICAL"})
    if result.status is AppriseResultStatus.TIMEOUT or any(_LOST.search(entry.message) for entry in entries):
        return Ambiguous(reason)
    status = _STATUS.search(reason)
    if status is None:
        return Retry(reason)
    return _by_status(int(status[1]), reason)


def _by_status(status: int, reason: str) -> Outcome:
    if status in {401, 403}:
        return AuthFailed(reason)
    return Permanent(reason) if status in _GONE else Retry(reason)


def _reason(messages: Iterable[str]) -> str:
    said = _URL.sub("(address)", "; ".join(messages))
    return clean_text(said, limit=300) or "no answer"
