from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.message import POLICY
from language.clean import clean_header


def _on_the_wire(subject: str) -> bytes:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = subject
    return message.as_bytes()


def _read(raw: bytes) -> str:
    """As RFC 2047 has it; CPython's newer parser has ideas of its own about spaces."""
    return str(make_header(decode_header(message_from_bytes(raw)["Subject"])))


@pytest.mark.parametrize(
    "subject",
    [
        "Alert: СРОЧНО: Россия и США обменялись заключёнными в Абу-Даби и договорились о новой встрече",
        "Europe wants a lower cap on Russian crude. Washington is in no… (+27) · 22 Nov",
        "Київ ще не бачив відповіді Москви на американський план перемир'я",
        "plain",
    ],
)
def test_a_long_subject_keeps_its_spaces(subject: str) -> None:
    assert _read(_on_the_wire(subject)) == subject


@given(st.text(st.sampled_from("Россия и США · ab, 1…—🇺🇸"), min_size=1, max_size=200).map(clean_header))
def test_every_subject_arrives_as_it_was(subject: str) -> None:
    raw = _on_the_wire(subject)

    assert _read(raw).split() == subject.split()
    assert all(len(line) <= 76 for line in raw.split(b"\r\n"))
    assert raw.isascii()
