"""Sending what is queued; the tests named `row_N` are the rows of the fault table."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import Message as ParsedMail

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from digest.outbox import BACK_OFF, GIVE_UP_AFTER, LEASE_MARGIN, next_try, next_try_after_silence
from storage.engine import writing
from storage.outbox import OutboxStatus, claim, flag_interrupted, hand_over, mark_sent, suppress
from tests.digest.mails import BODY, drain, mail_sender, queue, row, rows
from tests.digest.smtp_server import CLOSE, HOLD, SILENCE, HostileSmtp

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class _Catcher(MailHandler):
    def __init__(self) -> None:
        super().__init__()
        self.mails: list[ParsedMail] = []

    def handle_message(self, message: ParsedMail) -> None:
        self.mails.append(message)


@pytest.fixture
def catcher() -> Iterator[tuple[_Catcher, int]]:
    """A well-behaved mail server (aiosmtpd) and its port."""
    handler = _Catcher()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_a_queued_mail_reaches_its_reader_once(
    engine: Engine, now: datetime, catcher: tuple[_Catcher, int]
) -> None:
    handler, port = catcher
    queue(engine, "ann", now=now)
    assert drain(mail_sender(engine, port), now) == 1
    [mail] = handler.mails
    assert mail["X-RcptTo"] == "ann@reader.example"
    assert mail["Message-ID"] == "<1@hotline.example>"
    assert mail.get_payload() == "Nothing happened.\r\n.\r\n..and so on\r\n"
    assert row(engine).status is OutboxStatus.SENT


def test_nothing_due_is_no_work(engine: Engine, now: datetime) -> None:
    assert mail_sender(engine, 1).send_one(now) is False


def test_the_stored_bytes_are_sent_as_they_are(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp() as server:
        drain(mail_sender(sqlite, server.port), now)
    assert server.mails == [BODY.replace(b"\r\n.", b"\r\n..")]


def test_the_servers_own_name_for_the_mail_is_kept(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp() as server:
        drain(mail_sender(sqlite, server.port), now)
    assert row(sqlite).queue_id == "4F00"


def test_row_03_killed_after_the_claim_is_sent_once_when_the_lease_ends(
    engine: Engine, now: datetime
) -> None:
    queue(engine, "ann", now=now)
    assert claim(engine, now=now, lease=10 * MINUTE, owner="killed") is not None
    with HostileSmtp() as server:
        outbox = mail_sender(engine, server.port)
        assert drain(outbox, now + 9 * MINUTE) == 0
        assert drain(outbox, now + 11 * MINUTE) == 1
    assert len(server.mails) == 1
    assert not row(engine).maybe_duplicate


def test_row_04_killed_after_the_servers_yes_is_sent_again_with_the_same_bytes_and_flagged(
    engine: Engine, now: datetime
) -> None:
    queue(engine, "ann", now=now)
    killed = claim(engine, now=now, lease=10 * MINUTE, owner="killed")
    assert killed is not None
    assert hand_over(engine, killed, now=now)
    with HostileSmtp() as server:
        drain(mail_sender(engine, server.port), now + 11 * MINUTE)
    assert server.mails[0].count(b"<1@hotline.example>") == 1
    assert row(engine).maybe_duplicate
    assert row(engine).status is OutboxStatus.SENT


def test_row_08_a_server_that_refuses_connections_is_asked_less_and_less(
    sqlite: Engine, now: datetime
) -> None:
    queue(sqlite, "ann", now=now)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outbox = mail_sender(sqlite, port)
    tried_at = [minute for minute in range(180) if outbox.send_one(now + minute * MINUTE)]
    assert tried_at == [0, 6, 22, 53, 114, 175]  # 5, 15, 30, 60, 60 minutes, and the moment each try takes
    with HostileSmtp() as server:
        drain(mail_sender(sqlite, server.port), now + 4 * HOUR)
    assert len(server.mails) == 1
    assert row(sqlite).attempts == 7
    assert row(sqlite).error == ""


def test_row_09_a_greeting_that_never_comes_is_a_retry(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    limits = {"connect": 5, "command": 0.1, "envelope": 5, "final": 5}
    with HostileSmtp({"CONNECT": SILENCE}) as server:
        mail_sender(sqlite, server.port, timeouts=limits).send_one(now)
    assert row(sqlite).status is OutboxStatus.PENDING
    assert "timed out" in row(sqlite).error


def test_row_10_greylisted_then_taken_is_one_mail_five_minutes_later(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp({"RCPT": ["450 4.7.1 Greylisted, try again", "250 Ok"]}) as server:
        outbox = mail_sender(sqlite, server.port)
        assert drain(outbox, now) == 1
        assert "450" in row(sqlite).error
        assert drain(outbox, now + 4 * MINUTE) == 0
        assert drain(outbox, now + 6 * MINUTE) == 1
    assert len(server.mails) == 1
    assert not row(sqlite).maybe_duplicate


def test_row_11_one_refused_reader_does_not_keep_the_mail_from_the_other(
    sqlite: Engine, now: datetime
) -> None:
    queue(sqlite, "gone", "ann", now=now)
    with HostileSmtp({"RCPT": ["550 5.1.1 No such user", "250 Ok"]}) as server:
        drain(mail_sender(sqlite, server.port), now)
    assert server.recipients == ["ann@reader.example"]
    gone, ann = rows(sqlite)
    assert (gone.status, gone.error_kind) == (OutboxStatus.FAILED, "permanent")
    assert "No such user" in gone.error
    assert ann.status is OutboxStatus.SENT


def test_a_reader_whose_address_is_gone_is_not_written_to_again(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "monday", "tuesday", now=now, recipient="gone@reader.example")
    with HostileSmtp({"RCPT": "550 5.1.1 No such user"}) as server:
        drain(mail_sender(sqlite, server.port), now)
    assert len([line for line in server.log if line.startswith("rcpt")]) == 1
    assert [found.status for found in rows(sqlite)] == [OutboxStatus.FAILED, OutboxStatus.DROPPED]


def test_a_policy_refusal_does_not_suppress_the_reader(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "monday", "tuesday", now=now, recipient="ann@reader.example")
    with HostileSmtp({"RCPT": ["550 5.7.1 Blocked today", "250 Ok"]}) as server:
        drain(mail_sender(sqlite, server.port), now)
    assert [found.status for found in rows(sqlite)] == [OutboxStatus.FAILED, OutboxStatus.SENT]


def test_a_suppressed_reader_gets_nothing(engine: Engine, now: datetime) -> None:
    queue(engine, "ann", now=now)
    with writing(engine) as connection:
        suppress(connection, "ann@reader.example", reason="unsubscribed", now=now)
    assert drain(mail_sender(engine, 1), now) == 1
    assert (row(engine).status, row(engine).error_kind) == (OutboxStatus.DROPPED, "suppressed")


def test_row_13_a_mail_refused_at_data_fails_and_stays_readable(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "early", "late", now=now)
    refusals: dict[str, str | list[str]] = {
        "DATA": ["552 5.3.4 Too big", "354 Go on"],
        "DOT": ["554 5.6.0 Refused as spam"],
    }
    with HostileSmtp(refusals) as server:
        drain(mail_sender(sqlite, server.port), now)
        assert drain(mail_sender(sqlite, server.port), now + HOUR) == 0
    assert [found.status for found in rows(sqlite)] == [OutboxStatus.FAILED, OutboxStatus.FAILED]
    assert ["552" in rows(sqlite)[0].error, "554" in rows(sqlite)[1].error] == [True, True]


def test_row_14_a_connection_lost_after_the_final_dot_is_ambiguous_and_repeated_flagged(
    engine: Engine, now: datetime
) -> None:
    queue(engine, "ann", now=now)
    with HostileSmtp({"DOT": [CLOSE, "250 Ok"]}) as server:
        outbox = mail_sender(engine, server.port)
        drain(outbox, now)
        assert (row(engine).error_kind, row(engine).maybe_duplicate) == ("ambiguous", True)
        assert drain(outbox, now + 30 * MINUTE) == 0
        drain(outbox, now + 61 * MINUTE)
    first, second = server.mails
    assert first == second
    assert row(engine).maybe_duplicate


def test_row_15_an_answer_long_after_the_final_dot_is_awaited(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    limits = {"connect": 5, "command": 0.2, "envelope": 1, "final": 60}  # 9 of 10 minutes, scaled
    with HostileSmtp({"DOT": HOLD}) as server:
        release = threading.Timer(1.5, server.let_go.set)
        release.start()
        drain(mail_sender(sqlite, server.port, timeouts=limits), now)
        release.join()
    assert len(server.mails) == 1
    assert (row(sqlite).status, row(sqlite).maybe_duplicate) == (OutboxStatus.SENT, False)


def test_row_17_a_mail_beyond_the_servers_size_is_refused_before_it_is_sent(
    sqlite: Engine, now: datetime
) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp(offers=["SIZE 50"]) as server:
        outbox = mail_sender(sqlite, server.port)
        drain(outbox, now)
        assert drain(outbox, now + 24 * HOUR) == 0
    assert not any(line.lower().startswith("mail") for line in server.log)
    assert row(sqlite).status is OutboxStatus.FAILED
    assert "the server takes 50" in row(sqlite).error


def test_row_23_a_sender_that_wakes_after_its_lease_cannot_send_or_mark(
    engine: Engine, now: datetime
) -> None:
    queue(engine, "ann", now=now)
    frozen = claim(engine, now=now, lease=MINUTE, owner="frozen")
    assert frozen is not None
    with HostileSmtp() as server:
        drain(mail_sender(engine, server.port), now + 2 * MINUTE)
    assert hand_over(engine, frozen, now=now + 3 * MINUTE) is False
    assert mark_sent(engine, frozen, now=now + 3 * MINUTE) is False
    assert len(server.mails) == 1
    assert not row(engine).maybe_duplicate


def test_row_23_a_sender_frozen_past_data_makes_the_second_copy_flagged(
    engine: Engine, now: datetime
) -> None:
    queue(engine, "ann", now=now)
    frozen = claim(engine, now=now, lease=MINUTE, owner="frozen")
    assert frozen is not None
    assert hand_over(engine, frozen, now=now)
    with HostileSmtp() as server:
        drain(mail_sender(engine, server.port), now + 2 * MINUTE)
    assert mark_sent(engine, frozen, now=now + 3 * MINUTE) is False
    assert row(engine).maybe_duplicate


def test_a_mail_is_given_up_after_five_days(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp({"RCPT": "451 4.3.0 Later"}) as server:
        outbox = mail_sender(sqlite, server.port)
        drain(outbox, now)
        drain(outbox, now + GIVE_UP_AFTER + MINUTE)
        assert drain(outbox, now + GIVE_UP_AFTER + 2 * HOUR) == 0
    assert row(sqlite).status is OutboxStatus.FAILED
    assert row(sqlite).error.startswith("given up after five days")


def test_an_interrupted_sending_is_shown_as_a_possible_repeat_at_once(engine: Engine, now: datetime) -> None:
    queue(engine, "ann", now=now)
    held = claim(engine, now=now, lease=MINUTE, owner="stopping")
    assert held is not None
    flag_interrupted(engine, held)
    assert (row(engine).status, row(engine).maybe_duplicate) == (OutboxStatus.SENDING, True)


def test_the_lease_outlives_the_longest_sending() -> None:
    assert timedelta(0) < LEASE_MARGIN


def test_the_shipped_back_off_is_5_15_30_minutes_and_an_hour() -> None:
    assert [delay / MINUTE for delay in BACK_OFF] == [5, 15, 30, 60]
    assert timedelta(days=5) == GIVE_UP_AFTER


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_no_try_comes_early_and_none_waits_longer_than_an_hour_and_a_tenth(
    attempts: int, jitter: float
) -> None:
    now = datetime.fromisoformat("2026-11-19T12:00:00+00:00")
    wait = next_try(attempts, now=now, jitter=jitter) - now
    assert BACK_OFF[min(attempts, 4) - 1] <= wait <= timedelta(minutes=66)


@given(st.integers(1, 1000))
def test_a_possible_repeat_waits_an_hour_at_least_and_a_day_at_most(attempts: int) -> None:
    now = datetime.fromisoformat("2026-11-19T12:00:00+00:00")
    wait = next_try_after_silence(attempts, now=now, jitter=0) - now
    assert HOUR <= wait <= 24 * HOUR
