"""Mail as a channel: one mail to one recipient over one SMTP connection."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from digest.channels.port import Message, Outcome, Permanent, Retry, Sent
from digest.smtp import Refused, SmtpSession
from digest.smtp_config import SmtpConfig

_BARE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_STOPPING = Retry("not handed over: the claim was lost, or the service stops")


class MailChannel:
    """Hands mails to the server of `config`; `password` is None where no login is wanted."""

    def __init__(self, config: SmtpConfig, *, password: str | None = None) -> None:
        self._config = config
        self._password = password
        self._lock = threading.Lock()
        self._session: SmtpSession | None = None
        self._aborted = False
        self._committed = False

    @property
    def longest(self) -> float:
        """Seconds after which `send` has surely returned."""
        return self._config.timeouts.longest

    def send(self, message: Message, commit: Callable[[], bool]) -> Outcome:
        """Send one mail; see `Channel.send`. `content` is whole lines, each ended by CRLF."""
        if _BARE_LINE_END.search(message.content):
            return Permanent("the mail has bare line ends, which servers read differently")
        try:
            with self._begin(message.sender) as session:
                session.hand_over(message)
                if not (self._pass_the_point_of_no_return() and commit()):
                    return _STOPPING
                return session.final_dot()
        except Refused as refused:
            return refused.outcome

    def check(self) -> Outcome:
        """Connect, encrypt and log in, but send nothing: `Sent` says that all this works."""
        try:
            with self._begin(""):
                return Sent()
        except Refused as refused:
            return refused.outcome

    def abort(self) -> None:
        """Break off a running send unless the final dot may be out; see `Channel.abort`."""
        with self._lock:
            self._aborted = True
            if self._session is not None and not self._committed:
                self._session.hang_up()

    def _begin(self, sender: str) -> SmtpSession:
        greeting = sender.rpartition("@")[2] or "localhost"
        session = SmtpSession(self._config, password=self._password, greeting=greeting)
        with self._lock:
            self._session, self._committed = session, False
        return session

    def _pass_the_point_of_no_return(self) -> bool:
        with self._lock:
            self._committed = not self._aborted
            return self._committed
