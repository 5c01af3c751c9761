from __future__ import annotations

import smtplib

from hotline.demo.mailbox import CaughtMail, open_mailbox


def test_a_mail_is_kept_byte_for_byte() -> None:
    with open_mailbox() as mailbox, smtplib.SMTP("127.0.0.1", mailbox.port, timeout=10) as client:
        client.sendmail("a@demo.example", ["b@demo.example"], b"Subject: x\r\n\r\n.dot\r\n")

    assert mailbox.mails == [CaughtMail("a@demo.example", ("b@demo.example",), b"Subject: x\r\n\r\n.dot\r\n")]
