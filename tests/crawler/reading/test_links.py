from __future__ import annotations

import base64
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading.entries import make_entry
from crawler.reading.links import absolute_http, publisher_in, publisher_of

BASE = "https://paper.example/rss/world.xml"


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        (" \nhttps://a.example/\tx ", "https://a.example/x"),
        ("HTTP://a.example/x", "http://a.example/x"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("/story/1", "https://paper.example/story/1"),
        ("story 1", "https://paper.example/rss/story%201"),
        ("https://bob:secret@a.example/x", "https://a.example/x"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("java\tscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("mailto:a@b.example", ""),
        ("https://", ""),
        ("https://[::1", ""),
        ("https://a.example:port/", ""),
        ("https://a.example/" + "x" * 3000, ""),
    ],
)
def test_an_address_is_absolute_and_of_the_web_or_nothing(url: str, absolute: str) -> None:
    assert absolute_http(url, BASE) == absolute


@given(st.text(max_size=40))
def test_no_text_becomes_anything_else(text: str) -> None:
    url = absolute_http(text, BASE)
    assert not url or (urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname)
    assert "@" not in urlsplit(url).netloc


def token(address: str) -> str:
    """A Google News token of the old kind: a protobuf that holds the address."""
    return base64.urlsafe_b64encode(b"\x08\x13\x22" + address.encode() + b"\xd2\x01\x00").decode().rstrip("=")


@pytest.mark.parametrize(
    ("url", "publisher"),
    [
        ("https://news.google.com/news/url?sa=t&url=https://p.example/1", "https://p.example/1"),
        (f"https://news.google.com/rss/articles/{token('https://p.example/2')}?oc=5", "https://p.example/2"),
        (
            "https://news.google.com/rss/articles/CBMi-opaque",
            "https://news.google.com/rss/articles/CBMi-opaque",
        ),
        ("https://news.google.com/topics/x", "https://news.google.com/topics/x"),
        ("https://p.example/url?url=https://q.example/", "https://p.example/url?url=https://q.example/"),
        ("", ""),
    ],
)
def test_the_publisher_is_read_from_the_links_of_google_news(url: str, publisher: str) -> None:
    assert publisher_of(url) == publisher


GOOGLE = "https://news.google.com/rss/articles/CBMi-opaque"


def linking(*urls: str) -> str:
    return "".join(f'<li><a target="_blank" href="{url}">Title</a> <font>Outlet</font></li>' for url in urls)


@pytest.mark.parametrize(
    ("markup", "source", "publisher"),
    [
        (linking("https://www.p.com/1?a=1&amp;b=2"), "https://p.com", "https://www.p.com/1?a=1&b=2"),
        (linking("https://q.com/9", "https://p.com/1"), "https://p.com", "https://p.com/1"),
        (linking("https://q.com/9"), "https://p.com", ""),
        (linking("https://p.com/"), "https://p.com", ""),
        (linking("https://p.com/1", "https://p.com/1"), "", "https://p.com/1"),
        (linking("https://p.com/1", "https://q.com/1"), "", ""),
        (linking(GOOGLE), "https://p.com", ""),
        (linking("http://[broken/"), "", ""),
        ("no link", "https://p.com", ""),
    ],
)
def test_the_publisher_is_read_from_the_description_of_google_news(
    markup: str, source: str, publisher: str
) -> None:
    assert publisher_in(markup, source) == publisher
    entry = make_entry(guid="1", url=GOOGLE, title="Title", description=markup, content="", source_url=source)
    assert entry.url == (publisher or GOOGLE)
