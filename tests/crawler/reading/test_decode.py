from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading.decode import charset_of, decode

RUSSIAN = (
    "Министры встретились в Женеве и обсудили новый договор, сообщило агентство в понедельник вечером. " * 3
)
FEED = f"<rss><channel><title>{RUSSIAN}</title></channel></rss>"


@given(st.text(min_size=1))
def test_valid_utf8_wins_over_every_label(text: str) -> None:
    body = f"x{text}".encode()
    assert decode(body, content_type="text/xml; charset=windows-1251") == f"x{text}"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_unicode_is_known_by_its_mark_or_its_first_bytes(mark: bytes, encoding: str) -> None:
    assert decode(mark + FEED.encode(encoding)) == FEED


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("where", ["header", "declaration", "meta"])
def test_a_declared_encoding_is_believed(encoding: str, where: str) -> None:
    head = {
        "header": "",
        "declaration": f'<?xml version="1.0" encoding="{encoding}"?>',
        "meta": f'<html><meta http-equiv="content-type" content="text/html; charset={encoding}">',
    }[where]
    content_type = f"text/xml; charset={encoding}" if where == "header" else ""
    assert decode((head + FEED).encode(encoding), content_type=content_type) == head + FEED


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r"])
def test_an_undeclared_encoding_is_guessed(encoding: str) -> None:
    assert decode(FEED.encode(encoding)) == FEED


def test_western_text_is_guessed_too() -> None:
    text = "<rss>" + "Últimas notícias: simulações de 2º turno não são prévias, afirmou a eleição. " * 5
    assert decode(text.encode("cp1252")) == text


def test_an_unknown_or_false_label_does_no_harm() -> None:
    for label in ("nonsense", "us-ascii", "\x00", "utf-16"):
        assert decode(FEED.encode("cp1251"), content_type=f"text/xml; charset={label}") == FEED


def test_two_broken_bytes_do_not_turn_utf8_into_something_else() -> None:
    body = FEED.encode() + b"\xff\xfe" + FEED.encode()
    assert decode(body) == f"{FEED}\ufffd\ufffd{FEED}"


@given(st.binary(max_size=300), st.text(max_size=30))
def test_decoding_never_fails(body: bytes, content_type: str) -> None:
    decode(body, content_type=content_type)


def test_the_charset_of_a_header_is_found() -> None:
    assert charset_of('text/xml; Charset="KOI8-R"; x=y') == "KOI8-R"
    assert charset_of("text/xml") == ""
