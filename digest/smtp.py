"""The SMTP dialogue (RFC 5321) for one mail to one recipient, phase by phase.

smtplib carries the commands, but not its `sendmail`: that hides in which phase a failure fell, and
the phase decides whether the reader could get a second copy. One recipient per transaction, because
a server that refuses one of several still answers 250.
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from digest.channels.port import Ambiguous, AuthFailed, Message, Outcome, Permanent, Retry, Sent
from digest.smtp_config import Security, SmtpConfig
from language.clean import clean_text

_REASON_LIMIT = 300
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_QUEUE_ID = re.compile(r"queued as\s+<?([\w.+-]+)", re.IGNORECASE)
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
_LOGIN_REFUSED = {530, 534, 535, 538}  # RFC 4954 §6
_ADDRESS_REFUSED = {550, 551, 553}


class Refused(Exception):
    """The dialogue ended before the final dot, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class SmtpSession:
    """A connection to the server of `config`; open it with `with`, which also closes it.

    Inside, connection trouble becomes `Refused(Retry(…))`. The certificate is verified against the
    system's authorities and `config.ca_file`; no password goes to a server that cannot prove its
    name. Every method blocks, for as long as `config.timeouts` say and no longer.
    """

    def __init__(self, config: SmtpConfig, *, password: str | None, greeting: str) -> None:
        self._config = config
        self._password = password
        self._smtp = smtplib.SMTP(local_hostname=greeting)
        self._socket: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._amid_data = False

    def __enter__(self) -> Self:
        self._start_timer(self._config.timeouts.envelope)
        try:
            with _trouble_means_retry():
                self._connect()
                self._encrypt()
                self._login()
        except Refused:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._amid_data:  # there it would be one more line of the message
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.putcmd("QUIT")  # its answer changes nothing, so nobody waits for it
        self._close()

    def hang_up(self) -> None:
        """Break the connection, from any thread: whoever waits for the server is told at once."""
        if self._socket is not None:
            with suppress(OSError):
                # not SSLSocket.shutdown, which takes the TLS layer from under a reading thread
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def hand_over(self, message: Message) -> None:
        """Give envelope and content, all but the final dot. Nothing is delivered yet.

        Raises:
            Refused: the server wants the recipient or the message not now, or not at all.
        """
        content = message.content if message.content.endswith(b"\r\n") else message.content + b"\r\n"
        with _trouble_means_retry():
            self._check_size(len(content))
            self._mail_from(message.sender, content)
            self._rcpt_to(message.recipient)
            self._expect("the message", 354, *self._smtp.docmd("DATA"))
            self._amid_data = True
            self._smtp.send(_LEADING_DOT.sub(b"..", content))

    def final_dot(self) -> Outcome:
        """Ask the server to take the message and wait for its word.

        From here on a lost connection is ambiguous: the server may have taken the message.
        """
        self._start_timer(self._config.timeouts.final)
        try:
            self._wait_at_most(self._config.timeouts.final)
            self._smtp.send(b".\r\n")
            code, text = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Ambiguous(_reason("no answer after the final dot", error))
        self._amid_data = False
        return _final_outcome(code, text)

    def _connect(self) -> None:
        timeouts = self._config.timeouts
        address = (self._config.host, self._config.server_port)
        self._socket = self._smtp.sock = socket.create_connection(address, timeouts.connect)
        self._wait_at_most(timeouts.command)
        if self._config.security is Security.TLS:
            self._wrap()
        self._expect("the greeting", 220, *self._smtp.getreply())
        self._expect("EHLO", 250, *self._smtp.ehlo())

    def _encrypt(self) -> None:
        if self._config.security is not Security.STARTTLS:
            return
        if not self._smtp.has_extn("starttls"):
            raise Refused(Retry("the server offers no STARTTLS; no mail and no password was sent to it"))
        self._expect("STARTTLS", 220, *self._smtp.docmd("STARTTLS"))
        self._wrap()
        self._expect("EHLO", 250, *self._smtp.ehlo())

    def _wrap(self) -> None:
        assert self._socket is not None
        context = ssl.create_default_context()
        if self._config.ca_file is not None:
            context.load_verify_locations(self._config.ca_file)
        self._socket = self._smtp.sock = context.wrap_socket(self._socket, server_hostname=self._config.host)
        self._smtp.file = None  # what came unencrypted is not to be believed (RFC 3207 §4.2)

    def _login(self) -> None:
        if self._password is None or self._config.user is None:
            return
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        self._smtp.user, self._smtp.password = self._config.user, self._password
        try:
            code, text = self._authenticate(offered)
        except smtplib.SMTPAuthenticationError as error:
            code, text = error.smtp_code, _bytes(error.smtp_error)
        if code not in {235, 503}:  # 503: logged in already
            raise Refused((Retry if 400 <= code < 500 else AuthFailed)(_answer("login", code, text)))

    def _authenticate(self, offered: list[str]) -> tuple[int, bytes]:
        """Try one mechanism, once: a server counts failures. The channel is encrypted, so PLAIN is best."""
        if "PLAIN" in offered:
            token = f"\0{self._smtp.user}\0{self._smtp.password}".encode()  # UTF-8: RFC 4616
            return self._smtp.docmd("AUTH", f"PLAIN {base64.b64encode(token).decode()}")
        if not str(self._smtp.password).isascii():
            raise Refused(AuthFailed("the server offers no login that takes a password beyond ASCII"))
        if "LOGIN" in offered:
            return self._smtp.auth("LOGIN", self._smtp.auth_login)
        if "CRAM-MD5" in offered:
            return self._smtp.auth("CRAM-MD5", self._smtp.auth_cram_md5)
        raise Refused(AuthFailed("the server offers no way to log in that Hotline knows"))

    def _check_size(self, size: int) -> None:
        limit = self._smtp.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < size:
            raise Refused(Permanent(f"the mail has {size} bytes, the server takes {int(limit)}"))

    def _mail_from(self, sender: str, content: bytes) -> None:
        options = []
        if self._smtp.has_extn("size"):
            options.append(f"SIZE={len(content)}")
        if not content.isascii() and self._smtp.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        code, text = self._smtp.mail(sender, options)
        if code in _LOGIN_REFUSED:
            raise Refused(AuthFailed(_answer("the sender", code, text)))
        if 500 <= code < 600 and code != 552:  # the sender is a matter of configuration, not of this mail
            raise Refused(Retry(_answer("the sender", code, text)))
        self._expect("the sender", 250, code, text)

    def _rcpt_to(self, recipient: str) -> None:
        code, text = self._smtp.rcpt(recipient)
        if code in _LOGIN_REFUSED:
            raise Refused(AuthFailed(_answer("the recipient", code, text)))
        if 500 <= code < 600:
            about_address = _is_about_address(code, text)
            raise Refused(Permanent(_answer("the recipient", code, text), recipient=about_address))
        if code not in {250, 251}:
            raise Refused(Retry(_answer("the recipient", code, text)))

    def _expect(self, phase: str, wanted: int, code: int, text: bytes) -> None:
        if code == wanted:
            return
        reason = _answer(phase, code, text)
        about_message = 500 <= code < 600 and phase in {"the sender", "the message"}
        raise Refused(Permanent(reason) if about_message else Retry(reason))

    def _wait_at_most(self, seconds: float) -> None:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def _start_timer(self, seconds: float) -> None:
        """A socket's time limit starts anew with every byte; this one does not."""
        self._stop_timer()
        self._timer = threading.Timer(seconds, self.hang_up)
        self._timer.daemon = True
        self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _close(self) -> None:
        self._stop_timer()
        self._smtp.close()


@contextmanager
def _trouble_means_retry() -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        reason = f"the server's certificate is not trusted: {error.verify_message}; nothing was sent to it"
        raise Refused(Retry(reason)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Refused(Retry(_reason("no connection", error))) from error


def _final_outcome(code: int, text: bytes) -> Outcome:
    if 200 <= code < 300:
        shown = clean_text(text.decode("utf-8", "replace"), limit=_REASON_LIMIT)
        named = _QUEUE_ID.search(shown)
        return Sent(queue_id=named[1] if named else shown)
    reason = _answer("the message", code, text)
    if 400 <= code < 500:
        return Retry(reason)
    return Permanent(reason) if 500 <= code < 600 else Ambiguous(reason)


def _is_about_address(code: int, text: bytes) -> bool:
    """A mailbox that is not there (X.1.*) or closed (X.2.1), not a policy of the day (X.7.*)."""
    enhanced = _ENHANCED.search(text.decode("latin-1"))
    if enhanced is None:
        return code in _ADDRESS_REFUSED
    return enhanced[2] == "1" or enhanced.group(2, 3) == ("2", "1")


def _answer(phase: str, code: int, text: bytes) -> str:
    return clean_text(f"{phase}: {code} {text.decode('utf-8', 'replace')}", limit=_REASON_LIMIT)


def _reason(phase: str, error: Exception) -> str:
    return clean_text(f"{phase}: {str(error) or type(error).__name__}", limit=_REASON_LIMIT)


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")
