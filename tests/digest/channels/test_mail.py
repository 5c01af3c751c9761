"""What the mail channel makes of a server's behaviour; the outbox's part is in test_outbox."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.channels.mail import MailChannel
from digest.channels.port import Ambiguous, AuthFailed, Message, Outcome, Permanent, Retry, Sent
from digest.smtp_config import Security
from tests.digest.channels.certificates import server_context
from tests.digest.mails import BODY, smtp_config
from tests.digest.smtp_server import CLOSE, ENDLESS, HOLD, SILENCE, HostileSmtp

MESSAGE = Message(recipient="ann@reader.example", content=BODY, sender="news@hotline.example")
SECRET = "pässword-1963"  # beyond ASCII: smtplib's own login cannot take it
LOGIN = ["AUTH LOGIN PLAIN"]


def channel(server: HostileSmtp, *, password: str | None = None, **values: Any) -> MailChannel:
    user = "ann" if password is not None else None
    return MailChannel(smtp_config(server.port, user=user, **values), password=password)


def send(server: HostileSmtp, **values: Any) -> Outcome:
    return channel(server, **values).send(MESSAGE, lambda: True)


def short(**limits: float) -> dict[str, float]:
    return {"connect": 5, "command": 5, "envelope": 10, "final": 10, **limits}


@pytest.mark.parametrize(
    ("replies", "outcome", "said"),
    [
        ({"CONNECT": "554 5.3.2 No service"}, Retry, "the greeting: 554"),
        ({"CONNECT": CLOSE}, Retry, "closed"),
        ({"CONNECT": "421 4.3.2 Too busy"}, Retry, "421"),
        ({"MAIL": "451 4.3.0 Later"}, Retry, "the sender: 451"),
        ({"MAIL": "553 5.7.1 Not your address"}, Retry, "the sender: 553"),
        ({"MAIL": "530 5.7.0 Authentication required"}, AuthFailed, "530"),
        ({"MAIL": "552 5.3.4 Too big"}, Permanent, "552"),
        ({"RCPT": "452 4.2.2 Mailbox full"}, Retry, "452"),
        ({"RCPT": "550 5.1.1 Unknown"}, Permanent, "550"),
        ({"RCPT": CLOSE}, Retry, "closed"),
        ({"DATA": "451 4.7.1 Later"}, Retry, "the message: 451"),
        ({"DATA": "554 5.7.1 Spam"}, Permanent, "the message: 554"),
        ({"DOT": "452 4.3.1 Full"}, Retry, "452"),
        ({"DOT": "554 5.6.0 Spam"}, Permanent, "554"),
        ({"DOT": CLOSE}, Ambiguous, "no answer after the final dot"),
        ({"DOT": "what?"}, Ambiguous, "the message: -1"),
    ],
)
def test_every_answer_has_its_outcome(replies: dict[str, str], outcome: type[Outcome], said: str) -> None:
    with HostileSmtp(replies) as server:
        found = send(server)
    assert isinstance(found, outcome)
    assert said in found.reason  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("reply", "gone"),
    [
        ("550 5.1.1 Unknown", True),
        ("550 5.2.1 Disabled", True),
        ("550 No such user", True),
        ("550 5.7.26 Unauthenticated", False),
        ("554 5.7.1 Relay access denied", False),
        ("552 5.2.2 Over quota", False),
    ],
)
def test_only_an_address_that_is_gone_is_the_recipients_fault(reply: str, gone: bool) -> None:
    with HostileSmtp({"RCPT": reply}) as server:
        found = send(server)
    assert isinstance(found, Permanent)
    assert found.recipient is gone


def test_a_server_that_is_not_there_is_a_retry() -> None:
    with HostileSmtp() as server:
        gone = channel(server)
    assert isinstance(gone.send(MESSAGE, lambda: True), Retry)


def test_a_server_that_takes_the_mail_but_never_says_so_is_ambiguous() -> None:
    with HostileSmtp({"DOT": SILENCE}) as server:
        assert isinstance(send(server, timeouts=short(final=0.1)), Ambiguous)


def test_an_endless_answer_does_not_hold_the_sender() -> None:
    with HostileSmtp({"CONNECT": ENDLESS}) as server:
        started = time.monotonic()
        assert isinstance(send(server, timeouts=short(envelope=0.2)), Retry)
    assert time.monotonic() - started < 5


def test_a_line_without_end_is_a_retry() -> None:
    with HostileSmtp({"CONNECT": "220 " + "x" * 100_000}) as server:
        assert isinstance(send(server), Retry)


def test_nothing_is_handed_over_when_the_claim_was_lost() -> None:
    with HostileSmtp() as server:
        assert isinstance(channel(server).send(MESSAGE, lambda: False), Retry)
    assert server.mails == []


def test_nothing_is_handed_over_when_it_cannot_be_written_down() -> None:
    def commit() -> bool:
        raise ZeroDivisionError

    with HostileSmtp() as server, pytest.raises(ZeroDivisionError):
        channel(server).send(MESSAGE, commit)
    assert server.mails == []


def test_the_last_chance_comes_after_the_server_agreed_to_everything() -> None:
    seen: list[str] = []
    with HostileSmtp() as server:

        def commit() -> bool:
            seen.extend(server.log)
            return True

        channel(server).send(MESSAGE, commit)
    assert [line.split(" ")[0].lower() for line in seen] == ["ehlo", "mail", "rcpt", "data"]


@pytest.mark.parametrize("content", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n.\r.\r\n"])
def test_bare_line_ends_never_reach_a_server(content: bytes) -> None:
    with HostileSmtp() as server:
        message = Message(recipient="a@b.example", content=content, sender="c@d.example")
        assert isinstance(channel(server).send(message, lambda: True), Permanent)
    assert server.sessions == 0


def test_abort_breaks_off_a_sending_that_waits_before_the_final_dot() -> None:
    with HostileSmtp({"RCPT": SILENCE}) as server:
        sending = channel(server)
        found = _in_thread(sending)
        assert server.silent.wait(5)
        sending.abort()
        assert isinstance(found(), Retry)


def test_abort_leaves_a_sending_alone_after_the_final_dot() -> None:
    with HostileSmtp({"DOT": HOLD}) as server:
        sending = channel(server)
        found = _in_thread(sending)
        assert server.dot_received.wait(5)
        sending.abort()
        server.let_go.set()
        assert found() == Sent("HELD")


def test_an_aborted_channel_hands_nothing_over() -> None:
    with HostileSmtp() as server:
        sending = channel(server)
        sending.abort()
        assert isinstance(sending.send(MESSAGE, lambda: True), Retry)
    assert server.mails == []


def test_row_16_stripped_starttls_sends_no_password_and_no_mail(tmp_path: Path) -> None:
    with HostileSmtp(offers=LOGIN) as server:
        found = send(server, security=Security.STARTTLS, password=SECRET)
    assert isinstance(found, Retry)
    assert "STARTTLS" in found.reason
    assert server.log == ["ehlo hotline.example"]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("fault", ["untrusted", "wrong name", "expired"])
def test_row_16_a_bad_certificate_sends_no_password_and_no_mail(
    tmp_path: Path, security: Security, fault: str
) -> None:
    tls = server_context(
        tmp_path,
        name="other.example" if fault == "wrong name" else "127.0.0.1",
        valid_for=timedelta(days=-1 if fault == "expired" else 1),
    )
    trusted = None if fault == "untrusted" else tmp_path / "cert.pem"
    offers = ["STARTTLS", *LOGIN]
    with HostileSmtp(offers=offers, tls=tls, implicit_tls=security is Security.TLS) as server:
        found = send(server, security=security, password=SECRET, ca_file=trusted)
    assert isinstance(found, Retry)
    assert "certificate is not trusted" in found.reason
    assert not any(line.lower().startswith(("auth", "mail")) for line in server.log)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_trusted_server_gets_the_password_and_the_mail(tmp_path: Path, security: Security) -> None:
    tls = server_context(tmp_path)
    with HostileSmtp(offers=["STARTTLS", *LOGIN], tls=tls, implicit_tls=security is Security.TLS) as server:
        assert isinstance(
            send(server, security=security, password=SECRET, ca_file=tmp_path / "cert.pem"), Sent
        )
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("offers", "reply", "outcome"),
    [
        (LOGIN, "535 5.7.8 Bad credentials", AuthFailed),
        (LOGIN, "534 5.7.9 Use an app password", AuthFailed),
        (LOGIN, "454 4.7.0 Temporary failure", Retry),
        (["AUTH XOAUTH2"], "235 Ok", AuthFailed),
        ([], "235 Ok", AuthFailed),
    ],
)
def test_row_12_a_refused_login_is_told_apart_and_asked_once(
    offers: list[str], reply: str, outcome: type[Outcome]
) -> None:
    with HostileSmtp({"AUTH": reply}, offers=offers) as server:
        found = send(server, password="secret-1963")
    assert isinstance(found, outcome)
    assert "secret" not in found.reason  # type: ignore[union-attr]
    assert sum(line.upper().startswith("AUTH") for line in server.log) <= 1
    assert not any(line.lower().startswith("mail") for line in server.log)


@pytest.mark.parametrize("mechanism", ["LOGIN", "CRAM-MD5"])
def test_older_ways_to_log_in_work(mechanism: str) -> None:
    with HostileSmtp(offers=[f"AUTH {mechanism}"]) as server:
        assert isinstance(send(server, password="secret"), Sent)
    assert f"AUTH {mechanism}" in [" ".join(line.split(" ")[:2]) for line in server.log]


def test_a_check_logs_in_and_sends_nothing() -> None:
    with HostileSmtp(offers=LOGIN) as server:
        assert isinstance(channel(server, password=SECRET).check(), Sent)
    assert [line.split(" ")[0].lower() for line in server.log] == ["ehlo", "auth", "quit"]


def test_the_greeting_does_not_tell_the_machines_name() -> None:
    with HostileSmtp() as server:
        send(server)
    assert server.log[0] == "ehlo hotline.example"


def _in_thread(sending: MailChannel) -> Any:
    found: list[Outcome] = []
    thread = threading.Thread(target=lambda: found.append(sending.send(MESSAGE, lambda: True)))
    thread.start()

    def result() -> Outcome:
        thread.join(10)
        return found[0]

    return result
