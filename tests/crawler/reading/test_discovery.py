from __future__ import annotations

import pytest

from crawler.reading.discovery import Evidence, find_feed_links, usual_places

URL = "https://paper.example/world/"


def links(markup: str, *, url: str = URL) -> list[str]:
    page = f"<!doctype html><html><head></head><body>{markup}</body></html>"
    return [link.url for link in find_feed_links(page.encode(), url=url)]


def test_declared_feeds_are_found_in_order() -> None:
    page = """<html><head><title>The Paper</title>
      <link rel="alternate" type="application/rss+xml" title="World" href="/world/rss">
      <link rel="ALTERNATE nofollow" type="application/atom+xml; charset=utf-8" href="atom">
      <link rel="feed" href="/feed.json">
      <link rel="alternate" hreflang="ru" href="/ru/">
      <link rel="alternate" type="application/json+oembed" href="/wp-json/oembed?format=xml">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">
      <link rel="stylesheet" type="text/css" href="/rss.css"></head><body><p>text</p></body></html>"""
    found = find_feed_links(page.encode(), url=URL)
    assert [link.url for link in found] == [
        "https://paper.example/world/rss",
        "https://paper.example/world/atom",
        "https://paper.example/feed.json",
    ]
    assert found[0].title == "World"
    assert {link.evidence for link in found} == {Evidence.DECLARED}


def test_the_base_of_a_page_counts() -> None:
    page = b"""<html><head><base href="https://cdn.paper.example/feeds/">
      <link rel="alternate" type="application/rss+xml" href="all.xml"></head><body></body></html>"""
    assert [link.url for link in find_feed_links(page, url=URL)] == [
        "https://cdn.paper.example/feeds/all.xml"
    ]


def test_links_that_look_like_feeds_stand_behind_declared_ones() -> None:
    page = """<html><head><link rel="alternate" type="application/rss+xml" href="/all"></head><body>
      <a href="/rss/politics.xml">Politics</a><a href="/about">About</a><a href="/xmlrpc-tutorial">No</a>
      <a href="https://feeds.feedburner.com/paper">Burner</a><a href="/sitemap.xml">Map</a></body></html>"""
    found = find_feed_links(page.encode(), url=URL)
    assert [link.url for link in found] == [
        "https://paper.example/all",
        "https://paper.example/rss/politics.xml",
        "https://feeds.feedburner.com/paper",
    ]
    assert [link.evidence for link in found][1:] == [Evidence.LINKED, Evidence.LINKED]


def test_feeds_of_comments_come_last() -> None:
    page = """<html><head>
      <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
      <link rel="alternate" type="application/rss+xml" title="News" href="/feed/"></head></html>"""
    assert [link.title for link in find_feed_links(page.encode(), url=URL)] == ["News", "Comments"]


def test_an_address_is_named_once_and_only_if_it_is_one() -> None:
    assert links(
        '<a href="/rss">a</a><a href="/rss">b</a><a href="javascript:rss()">c</a><a href="http://[/rss">d</a>'
    ) == ["https://paper.example/rss"]


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"plain text", b"<html></html>"])
def test_what_is_no_page_has_no_links(body: bytes) -> None:
    assert find_feed_links(body, url=URL) == ()


def test_a_section_is_tried_before_its_site() -> None:
    places = [link.url for link in usual_places("https://paper.example/world?x=1")]
    assert places[0] == "https://paper.example/world/feed/"
    assert "https://paper.example/rss.xml" in places
    assert len(set(places)) == len(places)
