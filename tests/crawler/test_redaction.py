"""Logs name addresses, never their secrets."""

from __future__ import annotations

import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.redaction import RedactUrls, redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://a.example/feed?api_key=s3cret now", "GET https://a.example/feed?… now"),
        ("<http://bob:hunter2@a.example:81/x>", "<http://a.example:81/x>"),
        ("HTTPS://a.example?k=s3cret#f", "HTTPS://a.example?…"),
        ("https://a.example/feed", "https://a.example/feed"),
        ("nothing here", "nothing here"),
        (
            "two https://a.example/?s3cret https://b.example/?s3cret",
            "two https://a.example/?… https://b.example/?…",
        ),
    ],
)
def test_queries_users_and_passwords_go(text: str, shown: str) -> None:
    assert redact(text) == shown


@given(st.text(), st.from_regex(r"[a-z0-9]{12}", fullmatch=True))
def test_no_canary_in_a_query_survives(around: str, canary: str) -> None:
    assert f"key={canary}" not in redact(f"{around} https://a.example/x?key={canary} {around}")


def test_a_handler_with_the_filter_writes_no_secret() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactUrls())
    logger = logging.Logger("any")
    logger.addHandler(handler)
    try:
        raise ValueError("cannot read https://bob:s3cret@a.example/?key=s3cret")
    except ValueError:
        logger.exception("while at %s", "https://a.example/?key=s3cret")
    assert "a.example" in stream.getvalue()
    assert "s3cret" not in stream.getvalue()
