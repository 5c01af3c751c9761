"""Hostile headlines the whole way: from the database over the outbox and SMTP into a mailbox."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Engine

from digest.alerts.config import AlertConfig
from digest.alerts.step import AlertRule, AlertStep
from digest.issue import IssueSlot, send_issue
from language.clean import clean_text
from tests.digest.mails import drain, mail_sender
from tests.digest.samples import MAIL
from tests.digest.smtp_server import HostileSmtp
from tests.digest.test_issue import HOUR, Newsroom, edition

HEADER_TITLES = [
    "Talks\r\nBcc: evil@example.org",
    "Talks\n\n<script>alert(1)</script>",
    "=?utf-8?q?Talks=0ABcc:_evil=40example.org?=",
    "Talks\r\n.\r\nMAIL FROM:<evil@example.org>",
]
TITLES = [
    *HEADER_TITLES,  # also when they came past the border
    clean_text("Talks \u202egnirts\u2066 \x1b[31m"),
    clean_text("Talks " + "x" * 100_000, limit=500),
]
OTHER = "A quiet second item that must arrive intact"


def deliver(newsroom: Newsroom) -> EmailMessage:
    with HostileSmtp() as server:
        drain(mail_sender(newsroom.engine, server.port), newsroom.now + 2 * HOUR)
    [raw] = server.mails
    assert not any("evil" in line for line in server.log)
    found = email.message_from_bytes(raw.replace(b"\r\n..", b"\r\n."), policy=email.policy.SMTP)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: EmailMessage, kind: Any) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_row_38_a_hostile_headline_harms_neither_the_digest_nor_its_other_items(
    sqlite: Engine, now: datetime, title: str
) -> None:
    newsroom = Newsroom(sqlite, now)
    newsroom.add(title=title, score=99)
    newsroom.add(title=OTHER, score=50)
    send_issue(sqlite, edition(), IssueSlot(now.date(), "12:00"), now=now + HOUR, since=now - HOUR)
    check(deliver(newsroom))


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_row_38_a_hostile_headline_harms_no_alert(sqlite: Engine, now: datetime, title: str) -> None:
    newsroom = Newsroom(sqlite, now)
    newsroom.add(title=title, summary=OTHER)
    config = AlertConfig.model_validate({"name": "flash", "to": ["ann@example.net"], "min_score": 0})
    assert AlertStep(sqlite, AlertRule(config, MAIL)).run(now + HOUR / 2) == 1
    check(deliver(newsroom))


def check(mail: EmailMessage) -> None:
    assert len(mail.get_all("Subject", [])) == 1
    assert mail["Bcc"] is None
    assert not any(part.defects for part in mail.walk())
    for kind in ("plain", "html"):
        assert OTHER in " ".join(text_of(mail, kind).split())
    assert "<script>" not in text_of(mail, "html")
    assert "\u202e" not in text_of(mail, "html")
