from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.reading.extract import extract_page
from crawler.reading.furniture import is_furniture
from storage.records import PageText, TextSource

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
URL = "https://paper.example/world/talks.html?utm_source=rss"
PARAGRAPHS = [
    f"Delegation number {n} arrived in Geneva on Monday and spoke for {n} hours of inspections."
    for n in range(2, 12)
]


def page(*, head: str = "", before: str = "", after: str = "", paragraphs: list[str] | None = None) -> bytes:
    body = "".join(f"<p>{text}</p>" for text in (PARAGRAPHS if paragraphs is None else paragraphs))
    return (
        f'<!doctype html><html lang="en-GB"><head><title>Talks resume</title>{head}</head>'
        "<body><nav>Home News</nav>"
        f"<article>{before}{body}{after}</article><footer>About us</footer></body></html>"
    ).encode()


def read(body: bytes, *, url: str = URL, content_type: str = "text/html; charset=utf-8") -> PageText:
    return extract_page(body, url=url, content_type=content_type, now=NOW)


def test_the_article_is_read_and_nothing_around_it() -> None:
    answer = read(page())
    assert answer.source is TextSource.PAGE
    assert answer.text.splitlines() == PARAGRAPHS
    assert (answer.title, answer.language) == ("Talks resume", "en")


def test_the_head_says_who_when_and_where() -> None:
    head = """<link rel="canonical" href="/world/talks.html">
      <script type="application/ld+json">{"@graph": [{"@type": "WebPage", "name": "no"},
        {"@type": "ReportageNewsArticle", "headline": "Talks &amp; more",
         "datePublished": "2026-03-04T10:00:00+03:00",
         "author": [{"@type": "Person", "name": "Ann Example"}, {"name": "Bob Example"}]}]}</script>"""
    answer = read(page(head=head))
    assert answer.canonical_url == "https://paper.example/world/talks.html"
    assert answer.published_at == datetime(2026, 3, 4, 7, tzinfo=UTC)
    assert answer.author == "Ann Example, Bob Example"
    assert answer.title == "Talks & more"


def test_a_front_page_is_no_canonical_address() -> None:
    assert read(page(head='<link rel="canonical" href="https://paper.example/">')).canonical_url == ""


def test_open_graph_stands_in_for_json() -> None:
    head = (
        '<meta property="article:published_time" content="2026-03-04T10:00:00Z">'
        '<meta name="author" content="Ann E.">'
        '<script type="application/ld+json">{broken</script>'
    )
    answer = read(page(head=head))
    assert (answer.author, answer.published_at) == ("Ann E.", datetime(2026, 3, 4, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    "line",
    [
        "clock menu more-arrow no yes mobile",
        "share facebook twitter email",
        "Filed under:",
        "Sign up for the newsletter Sign up for Morning Wire",
        "Get the best of our reporting to read and watch, every week, in your inbox.",
        "Photo by Ann Example/Agency",
        "Advertisement",
        "The post Talks resume in Geneva appeared first on The Paper.",
        "Continue reading…",
        "Read more:",
        "Follow us on Telegram and YouTube",
        "Подписывайтесь на наш телеграм-канал",
        "Читайте также:",
        "Фото: Анна Примерова / Агентство",
        "Підписуйтесь на наш канал",
        "© 2026 The Paper. All rights reserved.",
    ],
)
def test_page_furniture_is_known(line: str) -> None:
    assert is_furniture(line)
    assert line not in read(page(before=f"<p>{line}</p>", after=f"<p>{line}</p>")).text


@pytest.mark.parametrize(
    "line",
    [
        "Home at last",
        "No, yes and maybe: what the ministers said",
        "Sign language was used at the signing ceremony.",
        "Photographs of the bridge were shown to the court on Friday.",
        "The share of oil in exports fell, and print runs of newspapers with it.",
        "Подписание договора отложено до марта.",
        "Реклама оружия запрещена законом.",
        "Comments by the envoy were removed from the record.",
    ],
)
def test_prose_is_not_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_plain_text_is_read_without_its_furniture() -> None:
    lines = [
        "clock menu more-arrow no yes mobile",
        "",
        "Filed under:",
        "",
        "Talks resume in Geneva",
        *PARAGRAPHS,
    ]
    answer = read("\n".join(lines).encode(), content_type="text/plain; charset=utf-8")
    assert answer.source is TextSource.PAGE
    assert answer.title == "Talks resume in Geneva"
    assert answer.text.splitlines() == ["Talks resume in Geneva", *PARAGRAPHS]


def test_a_declared_paywall_with_a_teaser_is_no_text() -> None:
    closed = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": "False"}</script>'
    )
    answer = read(page(head=closed, paragraphs=PARAGRAPHS[:3]))
    assert (answer.source, answer.text, answer.title) == (TextSource.PAYWALL, "", "Talks resume")
    assert read(page(head=closed, paragraphs=PARAGRAPHS * 2)).source is TextSource.PAGE


@pytest.mark.parametrize(
    "call",
    [
        "Subscribe to continue reading this story.",
        "This article is for subscribers only.",
        "Already a subscriber? Log in.",
        "Для продолжения чтения оформите подписку.",
    ],
)
def test_a_paywall_that_only_speaks_is_known_too(call: str) -> None:
    assert read(page(paragraphs=[*PARAGRAPHS[:3], call])).source is TextSource.PAYWALL


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Just a moment...", "Checking your browser before accessing the site. " * 5),
        ("Before you continue", "We use cookies and data to deliver and maintain services. " * 5),
        ("The Paper", "We value your privacy. We and our 812 partners store information on a device. " * 4),
        ("Доступ ограничен", "Подтвердите, что запросы отправляли вы, а не робот. " * 5),
        ("The Paper", ""),
        ("404 Not Found", "The page you wanted has moved or never was. Here is some more of our news. " * 4),
    ],
)
def test_walls_and_empty_shells_are_no_text(title: str, text: str) -> None:
    body = f"<html><head><title>{title}</title></head><body><div><p>{text}</p></div></body></html>"
    answer = read(body.encode())
    assert (answer.source, answer.text) == (TextSource.FAILED, "")


def test_a_consent_host_is_never_an_article() -> None:
    answer = read(page(), url="https://consent.example.com/m?continue=https://paper.example/")
    assert answer.source is TextSource.FAILED


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"", "text/html"), (b"%PDF-1.7 \x00\xff", "application/pdf"), (b"\x00" * 100, ""), (b"<", "text/html")],
)
def test_what_is_no_page_fails_without_an_exception(body: bytes, content_type: str) -> None:
    assert read(body, content_type=content_type).source is TextSource.FAILED


def test_a_page_in_another_encoding_is_read_by_its_own_word() -> None:
    russian = [
        f"Делегация номер {n} прибыла в Женеву и говорила {n} часов об инспекциях." for n in range(2, 9)
    ]
    body = page(head='<meta charset="windows-1251">', paragraphs=russian).decode().encode("cp1251")
    assert read(body, content_type="text/html").text.splitlines() == russian


def test_the_seed_articles_lose_their_furniture_and_nothing_else(shared: Path) -> None:
    for path in (shared / "seeds").glob("*.txt"):
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        wanted = [line for line in lines if not is_furniture(line)]
        markup = "".join(f"<p>{line}</p>" for line in lines)
        for body, kind in ((markup, "text/html"), ("\n".join(lines), "text/plain")):
            answer = read(body.encode(), content_type=f"{kind}; charset=utf-8")
            assert answer.source is TextSource.PAGE
            assert answer.text.splitlines() == wanted
        assert not any(word in answer.text for word in ("more-arrow", "Filed under", "newsletter", "Getty"))
