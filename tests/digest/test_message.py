from __future__ import annotations

import base64
import email
import email.policy
import os
import re
import subprocess
import sys
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from digest.addresses import Mailbox
from digest.config import MailConfig
from digest.fitting import fit
from digest.message import CannotSign, Envelope, build_message, to_bytes
from digest.stories import IssueMaterial
from language.clean import clean_text
from tests.digest.samples import (
    DIGEST,
    EMPTY,
    FRAME,
    MAIL,
    NORMAL,
    NOTHING,
    NOW,
    hostile,
    many,
    russian_heavy,
)

DAYS = {
    "normal": NORMAL,
    "empty": EMPTY,
    "nothing": NOTHING,
    "forty with long addresses": many(40, long_urls=True),
    "hostile": hostile(),
    "russian": russian_heavy(),
}
ONE_CLICK = "https://hotline.example.org/u/" + "t" * 90
BY_MAIL = "mailto:hotline@example.org?subject=unsubscribe%20daily"
ENVELOPE = Envelope(
    subject="x", reader=Mailbox(address="reader@example.net"), key="2026-11-19T06:30", at=NOW,
    unsubscribe_url=ONE_CLICK,
)  # fmt: skip


def wire(material: IssueMaterial, mail: MailConfig = MAIL, envelope: Envelope = ENVELOPE) -> bytes:
    view, rendered = fit(material, FRAME)
    message = build_message(rendered, replace(envelope, subject=view.subject), digest=DIGEST, mail=mail)
    return to_bytes(message, mail)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message


def head(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0]


@pytest.fixture(params=list(DAYS))
def raw(request: pytest.FixtureRequest) -> bytes:
    return wire(DAYS[request.param])


def test_the_wire_is_seven_bit_with_crlf_and_short_lines(raw: bytes) -> None:
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ ?]+\?[bqBQ]\?[^? ]*\?=", head(raw)))


def test_a_parser_finds_text_then_html_in_utf8_and_no_defect(raw: bytes) -> None:
    message = parsed(raw)
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert all(part.get_content_charset() == "utf-8" for part in parts)
    assert not any(part.defects for part in message.walk())
    assert not any(getattr(value, "defects", ()) for value in message.values())


def test_each_header_stands_once(raw: bytes) -> None:
    message = parsed(raw)
    for name in (
        "From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "Auto-Submitted",
        "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Language",
    ):  # fmt: skip
        assert len(message.get_all(name, [])) == 1, name


def test_a_long_unsubscribe_address_stays_readable(raw: bytes) -> None:
    unfolded = re.sub(rb"\r\n[ \t]", b" ", head(raw)).split(b"\r\n")
    line = next(line for line in unfolded if line.startswith(b"List-Unsubscribe:")).decode()
    assert (
        line == f"List-Unsubscribe: <{ONE_CLICK}>, <mailto:hotline@example.org?subject=unsubscribe%20daily>"
    )


def test_quoted_printable_lines_keep_to_76_columns() -> None:
    body = wire(NORMAL).partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76


@pytest.mark.parametrize("material", DAYS.values(), ids=DAYS.keys())
def test_the_same_issue_is_the_same_bytes(material: IssueMaterial) -> None:
    assert wire(material) == wire(material)


def test_another_process_makes_the_same_bytes() -> None:
    code = (
        "import sys; from tests.digest.test_message import DAYS, wire; "
        "sys.stdout.buffer.writelines(wire(day) for day in DAYS.values())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=Path(__file__).resolve().parents[2],
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1


def test_another_reader_or_issue_is_another_message() -> None:
    other_reader = replace(ENVELOPE, reader=Mailbox(address="second@example.net"))
    other_issue = replace(ENVELOPE, key="2026-11-20T06:30")
    messages = [parsed(wire(EMPTY, envelope=each)) for each in (ENVELOPE, other_reader, other_issue)]
    assert len({message["Message-ID"] for message in messages}) == 3
    assert len({message.get_boundary() for message in messages}) == 3


def test_without_a_public_https_address_unsubscribing_goes_by_mail() -> None:
    for url in ("", "http://127.0.0.1:8080/u/t"):
        message = parsed(wire(EMPTY, envelope=replace(ENVELOPE, unsubscribe_url=url)))
        assert message["List-Unsubscribe"] == f"<{BY_MAIL}>"
        assert message["List-Unsubscribe-Post"] is None


# Line breaks of every kind, encoded-words that old parsers decode into headers (CVE-2024-6923), a lone
# surrogate that fails only when the bytes are made.
VECTORS = [
    "Talks\r\nBcc: evil@example.org",
    "Talks\nBcc: evil@example.org",
    "Talks\rBcc: evil@example.org",
    "Talks\x0bBcc: evil@example.org",
    "Talks\x0c\x1c\x1d\x1e\x85Bcc: evil@example.org",
    "Talks\u2028Bcc: evil@example.org\u2029",
    "=?utf-8?q?Talks=0ABcc:_evil=40example.org?=",
    "=?utf-8?b?VGFsa3MKQmNjOiBldmlsQGV4YW1wbGUub3Jn?=",
    "=?=?utf-8?q?Talks=0ABcc:_evil=40example.org?=",
    "Talks \udcff\x00\x1b[31m",
    "Talks \u202egro.elpmaxe@live",
]


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("clean", [clean_text, str], ids=["through the border", "past the border"])
def test_no_headline_becomes_a_header(vector: str, clean: type[str]) -> None:
    envelope = replace(ENVELOPE, subject=clean(vector))
    _, rendered = fit(EMPTY, FRAME)
    raw = to_bytes(build_message(rendered, envelope, digest=DIGEST, mail=MAIL), MAIL)
    for policy in (email.policy.SMTP, email.policy.default, email.policy.compat32):
        message = email.message_from_bytes(raw, policy=policy)
        assert message["Bcc"] is None
        assert str(message["Subject"]).startswith(("Talks", "=", "= "))
        assert "\n" not in str(email.message_from_bytes(raw, policy=email.policy.default)["Subject"])
    assert b"\r\nBcc:" not in raw


def test_a_hostile_reader_name_stays_a_name() -> None:
    reader = Mailbox.model_validate({"address": "a@example.net", "name": "Ann\r\nBcc: evil@example.org"})
    raw = wire(EMPTY, envelope=replace(ENVELOPE, reader=reader))
    assert parsed(raw)["Bcc"] is None
    assert "a@example.net" in parsed(raw)["To"]


def test_dkim_signs_both_unsubscribe_headers(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_file = tmp_path / "dkim.pem"
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    signing = {"domain": "example.org", "selector": "s1", "key_file": key_file}
    raw = wire(NORMAL, MailConfig.model_validate({"from": "hotline@example.org", "dkim": signing}))

    assert dkim.verify(raw, dnsfunc=lambda *_args, **_kwargs: record)
    signed = re.sub(rb"\s", b"", head(raw).partition(b"h=")[2].partition(b";")[0]).lower()
    assert {b"list-unsubscribe", b"list-unsubscribe-post"} <= set(signed.split(b":"))


def test_a_key_that_cannot_sign_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "not-a-key.pem").write_text("no key", encoding="ascii")
    for name in ("not-a-key.pem", "missing.pem"):
        signing = {"domain": "example.org", "selector": "s1", "key_file": tmp_path / name}
        mail = MailConfig.model_validate({"from": "hotline@example.org", "dkim": signing})
        with pytest.raises(CannotSign, match=name):
            wire(EMPTY, mail)
