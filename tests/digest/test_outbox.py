"""Sending what is queued; the tests named `row_N` are the rows of the fault table."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import Message as ParsedMail
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from digest.channels.port import Message, Outcome, Sent
from digest.outbox import (
    BACK_OFF,
    GIVE_UP_AFTER,
    LEASE_MARGIN,
    OutboxSender,
    next_try,
    next_try_after_silence,
)
from storage.ballast import Ballast
from storage.engine import writing
from storage.errors import DiskFull
from storage.notices import open_notices
from storage.outbox import (
    NewMessage,
    OutboxStatus,
    claim,
    drop_messages,
    empty_bodies,
    enqueue,
    flag_interrupted,
    hand_over,
    list_messages,
    mark_sent,
    retry_messages,
    suppress,
)
from tests.databases import sqlite_engine
from tests.digest.mails import BODY, drain, mail_sender, queue, row, rows, sender
from tests.digest.smtp_server import CLOSE, HOLD, SILENCE, HostileSmtp
from tests.disks import fill, small_disk

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
    assert outbox.send_one(now + 5 * HOUR)
    assert outbox.send_one(now + 7 * HOUR)
    with sqlite.connect() as connection:
        [late] = open_notices(connection, "mail-delayed")  # told once
    assert "four hours" in late
    with HostileSmtp() as server:
        drain(mail_sender(sqlite, server.port), now + 9 * HOUR)
    assert len(server.mails) == 1
    assert (row(sqlite).attempts, row(sqlite).error) == (9, "")
    with sqlite.connect() as connection:
        assert open_notices(connection, "mail-delayed") == []


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
    limits = {"connect": 5, "command": 0.1, "envelope": 0.3, "final": 60}  # 9 of 10 minutes, scaled
    with HostileSmtp({"DOT": HOLD}) as server:
        release = threading.Timer(0.6, server.let_go.set)
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


def test_row_12_a_refused_login_pauses_the_mailer_with_one_alarm(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", "bob", now=now)
    with HostileSmtp({"AUTH": "535 5.7.8 Bad credentials"}, offers=["AUTH PLAIN"]) as server:
        outbox = mail_sender(sqlite, server.port, user="hotline", password="canary-1963")
        tried = [minute for minute in range(0, 125, 5) if outbox.send_one(now + minute * MINUTE)]
    assert tried == [0, 65]  # not per mail, and not by the mail's own back-off
    with sqlite.connect() as connection:
        [alarm] = open_notices(connection, "mail-login")
    assert "535" in alarm
    assert "canary" not in alarm
    assert {(found.status, found.attempts) for found in rows(sqlite)} == {(OutboxStatus.PENDING, 0)}


def test_row_12_the_mailer_goes_on_when_the_login_works_again(engine: Engine, now: datetime) -> None:
    queue(engine, "ann", "bob", now=now)
    with HostileSmtp({"AUTH": ["535 5.7.8 Bad", "235 Ok"]}, offers=["AUTH PLAIN"]) as server:
        outbox = mail_sender(engine, server.port, user="hotline", password="secret")
        drain(outbox, now)
        assert drain(outbox, now + 61 * MINUTE) == 2
    with engine.connect() as connection:
        assert open_notices(connection, "mail-login") == []
    assert {found.status for found in rows(engine)} == {OutboxStatus.SENT}


def test_a_bug_in_a_channel_stops_no_other_mail(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "poison", "ann", now=now)
    taken: list[str] = []

    class Broken:
        longest = 1.0

        def send(self, message: Message, commit: Callable[[], bool]) -> Outcome:
            if message.recipient.startswith("poison"):
                raise ZeroDivisionError("a bug")
            taken.append(message.recipient)
            return Sent()

        def abort(self) -> None: ...

    assert drain(sender(sqlite, Broken), now) == 2
    assert taken == ["ann@reader.example"]
    assert "a bug" in rows(sqlite)[0].error


def test_a_message_for_a_channel_that_is_not_configured_waits(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now, channel="telegram")
    drain(mail_sender(sqlite, 1), now)
    assert row(sqlite).status is OutboxStatus.PENDING
    assert "telegram" in row(sqlite).error


def test_a_key_is_queued_once(engine: Engine, now: datetime) -> None:
    queue(engine, "ann", now=now)
    with writing(engine) as connection:
        again = NewMessage(key="ann", recipient="ann@reader.example", body=b"other")
        assert enqueue(connection, again, now=now) is None
    assert row(engine).subject == ""


def test_a_mail_of_a_transaction_that_fails_is_not_queued(engine: Engine, now: datetime) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            enqueue(connection, NewMessage(key="k", recipient="a@b.example", body=b"x"), now=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows(engine) == []


def test_a_failed_mail_can_be_tried_again_by_hand_also_to_an_address_that_bounced(
    engine: Engine, now: datetime
) -> None:
    [number] = queue(engine, "ann", now=now)
    with HostileSmtp({"RCPT": ["550 5.1.1 Unknown", "250 Ok"]}) as server:
        outbox = mail_sender(engine, server.port)
        drain(outbox, now)
        assert retry_messages(engine, [number], now=now + HOUR) == 1
        drain(outbox, now + HOUR)
    assert len(server.mails) == 1


def test_a_dropped_mail_is_not_sent(engine: Engine, now: datetime) -> None:
    numbers = queue(engine, "ann", "bob", now=now)
    assert drop_messages(engine, numbers[:1]) == 1
    with HostileSmtp() as server:
        drain(mail_sender(engine, server.port), now)
    assert server.recipients == ["bob@reader.example"]


def test_stop_gives_a_mail_back_that_the_server_could_not_have_taken(sqlite: Engine, now: datetime) -> None:
    queue(sqlite, "ann", now=now)
    with HostileSmtp({"RCPT": SILENCE}) as server:
        outbox = mail_sender(sqlite, server.port)
        sending = threading.Thread(target=outbox.send_one, args=(now,))
        sending.start()
        assert server.silent.wait(5)
        outbox.stop()
        sending.join(5)
    assert (row(sqlite).status, row(sqlite).attempts) == (OutboxStatus.PENDING, 0)
    assert not row(sqlite).maybe_duplicate


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_row_19_a_disk_that_is_full_after_the_servers_yes_gives_up_its_ballast(
    tmp_path: Path, now: datetime
) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        engine = sqlite_engine(disk)
        ballast = Ballast(disk / "ballast", size=2**20)
        assert ballast.take_aboard()
        queue(engine, "ann", now=now)
        with HostileSmtp({"DOT": HOLD}) as server:
            outbox = mail_sender(engine, server.port, ballast=ballast)
            sending = threading.Thread(target=outbox.send_one, args=(now,))
            sending.start()
            assert server.dot_received.wait(5)
            fill(disk)
            server.let_go.set()
            sending.join(10)
        assert row(engine).status is OutboxStatus.SENT
        assert not (disk / "ballast").exists()
        engine.dispose()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_without_ballast_sends_nothing_that_it_could_not_record(
    tmp_path: Path, now: datetime
) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        engine = sqlite_engine(disk)
        queue(engine, "ann", now=now)
        fill(disk)
        with HostileSmtp() as server, pytest.raises(DiskFull):
            mail_sender(engine, server.port).send_one(now)
        assert server.mails == []
        engine.dispose()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_row_19_without_ballast_the_result_is_written_as_soon_as_there_is_room(
    tmp_path: Path, now: datetime
) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        engine = sqlite_engine(disk)
        queue(engine, "ann", now=now)

        def waits() -> Iterator[float]:
            yield 0.0  # after the first failure
            (disk / "filler").unlink()
            yield 0.0

        class Filling:
            longest = 1.0

            def send(self, message: Message, commit: Callable[[], bool]) -> Outcome:
                assert commit()
                fill(disk)
                return Sent()

            def abort(self) -> None: ...

        OutboxSender(engine, {"mail": Filling}, patience=waits()).send_one(now)
        assert row(engine).status is OutboxStatus.SENT
        engine.dispose()


def test_ballast_is_taken_aboard_only_where_there_is_room_for_it(tmp_path: Path) -> None:
    assert Ballast(tmp_path / "small", size=2**16).take_aboard()
    assert (tmp_path / "small").stat().st_size == 2**16
    assert not Ballast(tmp_path / "huge", size=2**60).take_aboard()


def test_the_text_of_old_mail_is_forgotten_but_not_that_it_was_sent(engine: Engine, now: datetime) -> None:
    queue(engine, "sent", "waits", now=now)
    with HostileSmtp({"RCPT": ["250 Ok", "451 Later"]}) as server:
        drain(mail_sender(engine, server.port), now)
    with writing(engine) as connection:
        assert empty_bodies(connection, before=now + HOUR) == 1
        again = NewMessage(key="sent", recipient="sent@reader.example", body=b"x")
        assert enqueue(connection, again, now=now + HOUR) is None
    held = claim(engine, now=now + HOUR, lease=HOUR, owner="test")
    assert held is not None
    assert held.body == BODY


def test_an_old_repeat_is_history_and_no_longer_listed(engine: Engine, now: datetime) -> None:
    queue(engine, "ann", now=now)
    with HostileSmtp({"DOT": [CLOSE, "250 Ok"]}) as server:
        outbox = mail_sender(engine, server.port)
        drain(outbox, now)
        drain(outbox, now + 2 * HOUR)
    assert len(list_messages(engine, since=now - HOUR)) == 1
    assert list_messages(engine, since=now + HOUR) == []
