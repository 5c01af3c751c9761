from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading.errors import ReadError
from crawler.reading.read import glance, read_feed
from storage.records import ErrorKind, FeedDocument, FeedMemory

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
URL = "https://paper.example/rss/world.xml"


def item(number: int, *, title: str = "", extra: str = "") -> str:
    return (
        f"<item><title>{title or f'Headline {number}'}</title><link>/story/{number}</link>"
        f"<guid>id-{number}</guid><description>What happened, part {number}.</description>{extra}</item>"
    )


def rss(*items: str, channel: str = "", root: str = '<rss version="2.0">') -> bytes:
    head = f'<?xml version="1.0"?>{root}<channel><title>The Paper</title>{channel}'
    return (head + "".join(items) + "</channel></rss>").encode()


def read(body: bytes, *, memory: FeedMemory | None = None, full: bool = False) -> FeedDocument:
    return read_feed(body, url=URL, now=NOW, memory=memory or FeedMemory(), full=full)


def test_an_entry_is_read_cleaned_and_resolved() -> None:
    body = rss(
        item(
            1,
            title="&lt;b&gt;Talks&lt;/b&gt; at AT&amp;amp;T\u200b",
            extra="<pubDate>Thu, 05 Mar 2026 12:00 MSK</pubDate>",
        )
    )
    entry = read(body).entries[0]
    assert entry.title == "Talks at AT&T"
    assert entry.url == "https://paper.example/story/1"
    assert entry.summary == "What happened, part 1."
    assert entry.published_at == datetime(2026, 3, 5, 9, tzinfo=UTC)


def test_only_full_text_counts_as_text() -> None:
    markup = "&lt;p&gt;The whole story.&lt;/p&gt;&lt;p&gt;And its end, later.&lt;/p&gt;"
    content = f"<content:encoded>{markup}</content:encoded>"
    root = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
    full, short = read(rss(item(1, extra=content), item(2), root=root)).entries
    assert full.text == "The whole story.\nAnd its end, later."
    assert full.summary == "What happened, part 1."
    assert short.text == ""


def test_what_a_publisher_hangs_below_every_entry_is_left_out() -> None:
    footer = "&lt;p&gt;The post &lt;a href='x'&gt;Talks&lt;/a&gt; appeared first on The Paper.&lt;/p&gt;"
    body = f"<item><title>Talks</title><description>&lt;p&gt;They met.&lt;/p&gt;{footer}</description></item>"
    assert read(rss(body)).entries[0].summary == "They met."
    alone = f"<item><title>Talks</title><description>{footer}</description></item>"
    assert read(rss(alone)).entries[0].summary.startswith("The post Talks")


def test_a_caption_is_no_text() -> None:
    root = '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/">'
    caption = f"<media:description>{'A man in a coat. ' * 20}</media:description>"
    assert read(rss(item(1, extra=caption), root=root)).entries[0].text == ""


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "java&#x0A;script:x"]
)
def test_only_web_addresses_are_links(link: str) -> None:
    body = rss(f"<item><title>x</title><link>{link}</link></item>")
    assert read(body).entries[0].url in {"", "https://paper.example/rss/java%20script:x"}


def test_a_feed_says_how_often_it_changes_and_who_pushes_it() -> None:
    channel = (
        "<ttl>30</ttl><skipHours><hour>0</hour><hour>23</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
        "<link>https://paper.example/</link><language>en-GB</language>"
        '<a:link rel="hub" href="https://hub.example/"/><a:link rel="self" href="https://paper.example/rss"/>'
    )
    document = read(rss(channel=channel, root='<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom">'))
    assert document.ttl_seconds == 1800
    assert document.skip_hours == {0, 23}
    assert document.skip_days == {6}
    assert (document.hub, document.self_url) == ("https://hub.example/", "https://paper.example/rss")
    assert (document.title, document.link, document.language) == ("The Paper", "https://paper.example/", "en")


def test_the_update_period_is_divided_by_its_frequency() -> None:
    root = '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
    channel = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    assert read(rss(channel=channel, root=root)).ttl_seconds == 6 * 3600


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ErrorKind.EMPTY),
        (b" \n", ErrorKind.EMPTY),
        (b"<!DOCTYPE html><html><body>Are you a robot?</body></html>", ErrorKind.NOT_A_FEED),
        (b"Service unavailable", ErrorKind.NOT_A_FEED),
        (b'{"error": "not found"}', ErrorKind.NOT_A_FEED),
        (b'{"version": ', ErrorKind.PARSE),
        (rss(item(1))[:120], ErrorKind.TRUNCATED),
        (
            b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></sitemapindex>',
            ErrorKind.NOT_A_FEED,
        ),
    ],
)
def test_what_is_no_feed_is_an_error_with_a_name(body: bytes, kind: ErrorKind) -> None:
    with pytest.raises(ReadError) as caught:
        read(body)
    assert caught.value.kind is kind
    assert caught.value.message.endswith(".")


def test_a_feed_without_entries_is_not_an_error() -> None:
    assert read(rss()).entries == ()


def test_a_cut_feed_keeps_its_whole_entries_and_says_so() -> None:
    document = read(rss(item(1), item(2), item(3))[:-60])
    assert [entry.title for entry in document.entries] == ["Headline 1", "Headline 2"]
    assert document.damaged
    assert not document.memory.body_hash


@pytest.mark.parametrize("reference", ["&#xD83D;&#xDE00;", "&#55357;&#56832;"])
def test_emoji_in_two_halves_are_joined(reference: str) -> None:
    assert read(rss(item(1, title=f"Smile {reference}"))).entries[0].title == "Smile 😀"


@pytest.mark.parametrize("reference", ["&#xD800;", "&#x110000;", "&#999999999999;"])
def test_references_to_no_character_do_not_stop_a_feed(reference: str) -> None:
    titles = [entry.title for entry in read(rss(item(1, title=f"a{reference}b"), item(2))).entries]
    assert titles == ["a\ufffdb", "Headline 2"]


def test_a_body_that_names_a_file_or_an_address_opens_nothing() -> None:
    for body in (b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/feed"):
        with pytest.raises(ReadError, match="neither RSS"):
            read(body)


def test_an_endless_author_costs_nothing() -> None:
    entry = read(rss(item(1, extra=f"<author>{'a' * 100_000}</author>"))).entries[0]
    assert len(entry.author) == 200


def test_json_feed_is_read() -> None:
    body = """{"version": "https://jsonfeed.org/version/1.1", "title": "The Paper", "language": "en",
      "home_page_url": "https://paper.example/", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
      "items": [{"id": 7, "url": "/7", "title": "Seven", "content_text": "1 < 2",
                 "authors": [{"name": "Ann"}], "date_published": "2026-03-05T09:00:00+03:00"}, "no item"]}"""
    document = read(body.encode())
    (entry,) = document.entries
    assert (entry.guid, entry.url, entry.title) == ("7", "https://paper.example/7", "Seven")
    assert (entry.summary, entry.author) == ("1 < 2", "Ann")
    assert entry.published_at == datetime(2026, 3, 5, 6, tzinfo=UTC)
    assert document.hub == "https://hub.example/"


def test_a_news_sitemap_is_read_as_a_feed() -> None:
    body = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
      <url><loc>https://paper.example/1</loc><news:news><news:publication><news:name>The Paper</news:name>
      <news:language>ru</news:language></news:publication><news:publication_date>2026-03-05T09:00:00Z
      </news:publication_date><news:title>One &amp; two</news:title></news:news></url>
      <url><loc>https://paper.example/about</loc></url></urlset>"""
    document = read(body)
    (entry,) = document.entries
    assert (entry.url, entry.title, entry.language) == ("https://paper.example/1", "One & two", "ru")
    assert read(body + b" ", memory=document.memory).entries == ()


def test_the_publisher_behind_an_aggregator_is_kept() -> None:
    link = "https://news.google.com/news/url?sa=t&amp;url=https://paper.example/story"
    body = rss(
        f'<item><title>x</title><link>{link}</link><source url="https://paper.example">P</source></item>'
    )
    entry = read(body).entries[0]
    assert (entry.url, entry.source_url) == ("https://paper.example/story", "https://paper.example")


def test_the_same_body_stops_at_its_hash() -> None:
    body = rss(item(1), item(2))
    first = read(body)
    again = glance(body, url=URL, memory=first.memory)
    assert again is not None
    assert (again.entries, again.parsed, again.known) == ((), False, 2)
    assert again.memory == first.memory


def test_known_items_in_a_changed_body_need_no_parser() -> None:
    first = read(rss(item(1), item(2), channel="<lastBuildDate>Mon</lastBuildDate>"))
    again = glance(rss(item(2), channel="<lastBuildDate>Tue</lastBuildDate>"), url=URL, memory=first.memory)
    assert again is not None
    assert (again.parsed, again.known) == (False, 1)


def test_only_new_items_come_back() -> None:
    first = read(rss(item(1), item(2)))
    second = read(rss(item(3), item(1), item(2)), memory=first.memory)
    assert [entry.title for entry in second.entries] == ["Headline 3"]
    assert (second.known, second.parsed, second.title) == (2, True, "The Paper")


def test_a_full_read_returns_what_is_known_too() -> None:
    first = read(rss(item(1)))
    assert len(read(rss(item(1)), memory=first.memory, full=True).entries) == 1


def test_an_edited_item_is_new() -> None:
    first = read(rss(item(1), item(2)))
    edited = read(rss(item(1), item(2, title="Corrected")), memory=first.memory)
    assert [entry.title for entry in edited.entries] == ["Corrected"]


def test_another_envelope_makes_every_item_new() -> None:
    first = read(rss(item(1)))
    moved = rss(item(1), root='<rss version="2.0" xml:base="https://other.example/">')
    assert read(moved, memory=first.memory).entries[0].url == "https://other.example/story/1"
