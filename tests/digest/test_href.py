from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.href import safe_href


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "file:///etc/hosts",
        "ftp://example.org/",
        "//example.org/",
        "/path",
        "https://",
        "https:///path",
        "https://bank.example@evil.example/",
        "https://user:word@example.org/",
        "https://exa mple.org:port/",
        "https://[::1",
        "https://example.org/" + "x" * 1000,
        "",
    ],
)
def test_what_must_not_be_linked_is_not(url: str) -> None:
    assert safe_href(url) == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://пример.рф/мир?q=США", "https://xn--e1afmkfd.xn--p1ai/%D0%BC%D0%B8%D1%80?q=%D0%A1%D0%A8%D0%90"),
        ("https://example.org/a%20b/ü", "https://example.org/a%20b/%C3%BC"),
        ('https://example.org/"><b>', "https://example.org/%22%3E%3Cb%3E"),
        ("https://exam\nple.org/x\u2028y", "https://example.org/xy"),
    ],
)  # fmt: skip
def test_web_addresses_become_ascii(url: str, expected: str) -> None:
    assert safe_href(url) == expected


@given(st.text(max_size=80) | st.text(max_size=60).map(lambda tail: f"https://example.org/{tail}"))
def test_a_link_is_plain_ascii_and_stays_itself(url: str) -> None:
    found = safe_href(url)
    assert found.isascii()
    assert not set(found) & set("<>\"' \n\r\t") - {"'"}
    assert safe_href(found) == found
    assert not found or urlsplit(found).hostname
