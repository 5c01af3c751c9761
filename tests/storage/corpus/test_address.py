from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.corpus.address import canonical_url
from storage.corpus.domain import registrable_domain

HOSTS = ["example.com", "m.example.co.uk", "www.bbc.co.uk", "amp.dw.com", "us.cnn.com", "127.0.0.1", "[::1]"]
PIECES = ["a", "amp", "A-1", "..", ".", "", "%41", "%e4", "%", "я", "x.amp", "index.html", "a.amp.html", "en"]
QUERIES = ["b=2", "a=1", "utm_source=x", "amp;ref=rss", "ref=rss", "a", "q=%20+x", "a=%zz", "=", "ns_x=1"]
ADDRESSES = st.builds(
    lambda scheme, host, port, path, query, fragment: (
        f"{scheme}://{host}{port}/{'/'.join(path)}?{'&'.join(query)}#{fragment}"
    ),
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(HOSTS),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.lists(st.sampled_from(PIECES), max_size=5),
    st.lists(st.sampled_from(QUERIES), max_size=4),
    st.sampled_from(["", "top", "!/story/1", "/route?x=%41"]),
)


@given(ADDRESSES | st.text(max_size=40).map(lambda text: f"http://example.com/{text}") | st.text())
@example("https://www.google.com/url?q=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttp%253A%252F%252Fa.com")
@example("http://www.bbc.co.uk/amp/amp/a")
def test_a_canonical_address_is_its_own_canonical_address(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    assert once.isascii()


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("HTTP://Example.COM:80", "https://example.com/"),
        ("https://user:word@www.example.com./News/Item/", "https://example.com/News/Item"),
        ("https://example.com/a/./b/../c?b=2&a=1&a=0#top", "https://example.com/a/c?a=1&a=0&b=2"),
        ("http://example.com:8080/x", "http://example.com:8080/x"),
        ("https://example.com/%7Euser/%e4%bd%a0", "https://example.com/~user/%E4%BD%A0"),
        (
            "https://пример.рф/новость",
            "https://xn--e1afmkfd.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C",
        ),
        ("https://example.com/#!/story/1", "https://example.com/#!/story/1"),
        ("https://example.com/x;jsessionid=A1B2?id=7", "https://example.com/x?id=7"),
    ],
)
def test_spelling_does_not_make_another_article(given_url: str, expected: str) -> None:
    assert canonical_url(given_url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://m.example.com/news/1",
        "https://amp.example.com/news/1?amp=1",
        "https://www.example.com/news/1/amp/",
        "https://example.com/news/1.amp",
        "https://example.com/news/1?utm_source=rss&amp;ref=rss&fbclid=abc",
        "https://example.com/news/1?ns_mchannel=rss&ito=1490&ns_campaign=1490",
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/news/1",
        "https://www.google.com/amp/s/amp.example.com/news/1",
        "https://www.google.com/url?rct=j&sa=t&url=https://example.com/news/1&ct=ga&cd=x",
        "https://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fexample.com%2fnews%2f1",
    ],
)
def test_every_way_to_an_article_leads_to_it(url: str) -> None:
    assert canonical_url(url) == "https://example.com/news/1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/News", "https://example.com/news"),
        ("https://example.com/?id=1", "https://example.com/?id=2"),
        ("https://en.example.com/1", "https://example.com/1"),
        ("https://us.example.com/1", "https://example.com/1"),
        ("https://example.com/x?ref=1234", "https://example.com/x"),
        ("https://m.com/1", "https://com.com/1"),
        ("https://example.com/camp", "https://example.com/c"),
    ],
)
def test_different_articles_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.bbc.co.uk/news/world-1", "https://www.bbc.com/news/amp/world-1"),
        ("https://edition.cnn.com/2025/x/index.html", "https://us.cnn.com/2025/x/"),
        ("https://www.dw.com/ru/old-headline/a-123", "https://amp.dw.com/ru/new-headline/a-123"),
        ("https://www.rferl.org/a/putin-trump/33501234.html", "https://rferl.org/a/33501234.html"),
        ("https://en.m.wikipedia.org/wiki/X", "https://en.wikipedia.org/wiki/X"),
    ],
)
def test_a_site_with_two_doors_is_one_site(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    "url", ["", "urn:uuid:1", "/news/1", "ftp://a.com/", "http://[::1/", "http://a..com"]
)
def test_what_is_no_web_address_has_no_canonical_form(url: str) -> None:
    assert canonical_url(url) == ""


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.bbc.co.uk/x", "bbc.co.uk"),
        ("https://WWW.Example.COM", "example.com"),
        ("https://foo.blogspot.com/feed", "blogspot.com"),
        ("http://127.0.0.1:8080/feed", "127.0.0.1:8080"),
        ("http://localhost/feed", "localhost:80"),
        ("https://[::1]/", "[::1]:443"),
        ("https://xn--e1afmkfd.xn--p1ai/x", "xn--e1afmkfd.xn--p1ai"),
        ("not an address", ""),
    ],
)
def test_the_owner_of_a_host_is_its_registrable_domain(url: str, domain: str) -> None:
    assert registrable_domain(url) == domain
