"""A mail server on loopback that misbehaves as told, one reply per step of the dialogue."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

CLOSE = "!close"  # hang up instead of answering
SILENCE = "!silence"  # say nothing until the client hangs up
HOLD = "!hold"  # wait until the test lets go, then answer 250
ENDLESS = "!endless"  # one more continuation line, and one more …

_DEFAULTS = {
    "CONNECT": "220 loopback.test ESMTP",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 End data with <CR><LF>.<CR><LF>",
    "DOT": "250 2.0.0 Ok: queued as 4F00",
    "AUTH": "235 2.7.0 Authentication successful",
    "STARTTLS": "220 2.0.0 Ready",
    "QUIT": "221 2.0.0 Bye",
}


class HostileSmtp:
    """Answers the steps in `replies` as told (a list is used up in order, its last one stays), the
    others well. `offers` are the EHLO keywords. Received mails are in `mails`, whole commands in `log`.
    """

    def __init__(
        self,
        replies: Mapping[str, str | list[str]] | None = None,
        *,
        offers: Iterable[str] = (),
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        self._replies = {
            key: [value] if isinstance(value, str) else value for key, value in (replies or {}).items()
        }
        self._used: dict[str, int] = defaultdict(int)
        self._offers = list(offers)
        self._tls = tls
        self._implicit_tls = implicit_tls
        self.log: list[str] = []
        self.mails: list[bytes] = []
        self.recipients: list[str] = []
        self.connected = threading.Event()
        self.silent = threading.Event()
        self.dot_received = threading.Event()
        self.let_go = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    @property
    def sessions(self) -> int:
        """How many connections were made."""
        return len(self._threads)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(5)
        for connection in self._open:
            _hang_up(connection)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            self.connected.set()
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        dialogue = _Dialogue(self, connection)
        try:
            if self._implicit_tls:
                dialogue.encrypt()
            dialogue.run()
        except (OSError, _Ended):
            pass
        finally:
            dialogue.close()

    def reply(self, step: str) -> str:
        """The next reply for `step`."""
        told = self._replies.get(step)
        if told is None:
            return _DEFAULTS.get(step, "250 Ok")
        used = self._used[step]
        self._used[step] += 1
        return told[min(used, len(told) - 1)]

    def ehlo(self) -> str:
        """The reply to EHLO with what is offered."""
        lines = ["loopback.test", *self._offers]
        return "\r\n".join([f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"])

    @property
    def tls(self) -> ssl.SSLContext | None:
        """The certificate shown, if any."""
        return self._tls


class _Ended(Exception):
    pass


class _Dialogue:
    def __init__(self, server: HostileSmtp, connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._buffer = b""

    def run(self) -> None:
        self._answer("CONNECT")
        while True:
            line = self._read_until(b"\r\n").decode("ascii", "replace")
            self._server.log.append(line)
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb == "EHLO":
                self._say(self._server.ehlo())
            elif verb == "STARTTLS":
                self._answer("STARTTLS")
                self.encrypt()
            elif verb == "DATA":
                self._take_data()
            else:
                self._note_recipient(verb, line, self._answer(verb))

    def _note_recipient(self, verb: str, line: str, reply: str) -> None:
        if verb == "RCPT" and reply.startswith("2"):
            self._server.recipients.append(line.partition("<")[2].partition(">")[0])
        if verb == "QUIT":
            raise _Ended

    def encrypt(self) -> None:
        """Show the certificate, if there is one."""
        if self._server.tls is not None:
            self._connection = self._server.tls.wrap_socket(self._connection, server_side=True)

    def close(self) -> None:
        """Hang up."""
        _hang_up(self._connection)
        self._connection.close()

    def _take_data(self) -> None:
        if not self._answer("DATA").startswith("3"):
            return
        content = self._read_until(b"\r\n.\r\n")
        self._server.dot_received.set()
        reply = self._server.reply("DOT")
        if reply in {CLOSE, HOLD} or reply.startswith("2"):
            self._server.mails.append(content + b"\r\n")  # a server that hangs up may well have taken it
        self._act(reply)

    def _answer(self, step: str) -> str:
        reply = self._server.reply(step)
        self._act(reply)
        return reply

    def _act(self, reply: str) -> None:
        if reply == CLOSE:
            raise _Ended
        if reply == SILENCE:
            self._server.silent.set()
            while self._connection.recv(4096):
                pass
            raise _Ended
        if reply == ENDLESS:
            while True:
                self._say("250-and")
        if reply == HOLD:
            self._server.let_go.wait(30)
            reply = "250 2.0.0 Ok: queued as HELD"
        self._say(reply)

    def _say(self, text: str) -> None:
        self._connection.sendall(f"{text}\r\n".encode())

    def _read_until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            more = self._connection.recv(65536)
            if not more:
                raise _Ended
            self._buffer += more
        found, _, self._buffer = self._buffer.partition(end)
        return found


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
