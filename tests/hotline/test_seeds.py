"""Two real articles, scraped with all the furniture of their pages, served as pages behind a feed."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from pathlib import Path

from crawler.config import CrawlConfig, FeedConfig
from hotline.bootstrap import open_application
from hotline.commands.crawl import crawl_once
from hotline.config import Config
from storage.archive import ArchivedArticle, Filter, read_articles
from storage.config import StorageConfig
from storage.engine import reading
from storage.tables import Article
from storage.unit_of_work import UnitOfWork
from tests.crawler.site import Site, answer, rss

HEADLINES = {"/0": "US-Russia relationship is getting very bad", "/3": "Trump on U.S. ties with Russia"}


def _page(text: str) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return f"<html><head><title>Article</title></head><body><article>{paragraphs}</article></body></html>"


def _config(folder: Path, site: Site) -> Config:
    feed = FeedConfig(url=site.url("/feed"), name="Paper", allow_private=True, backfill=2)
    return Config(
        feeds=(feed,),
        crawl=CrawlConfig(spacing=timedelta(milliseconds=1)),
        storage=StorageConfig(url=f"sqlite:///{folder / 'hotline.db'}"),
    )


async def _crawl(folder: Path, shared: Path, now: datetime) -> tuple[list[ArchivedArticle], set[int | None]]:
    texts = [path.read_text(encoding="utf-8") for path in sorted((shared / "seeds").glob("*.txt"))]
    async with Site() as site:
        items = dict(zip(HEADLINES, texts, strict=True))
        links = "".join(
            f"<item><title>{HEADLINES[path]}</title><link>{site.url(path)}</link></item>" for path in items
        )
        site.pages["/feed"] = answer(rss(more=links))
        for path, text in items.items():
            site.pages[path] = answer(_page(text), content_type="text/html")
        with open_application(_config(folder, site), now=now) as application:
            await crawl_once(application)
            with reading(application.engine) as connection:
                articles = list(read_articles(connection, Filter()))
            with UnitOfWork(application.engine) as work:
                stories = {work.session.get_one(Article, article.id).story_id for article in articles}
    return articles, stories


async def test_both_are_matched_high_cleaned_and_kept_as_two_stories(
    tmp_path: Path, shared: Path, now: datetime
) -> None:
    articles, stories = await _crawl(tmp_path, shared, now)
    assert len(articles) == len(stories) == 2
    for article in articles:
        assert article.score >= 80
        assert article.text_source == "page"
        assert len(article.text) > 2000
        assert {"diplomacy", "middle-east"} & set(article.subtopics)
        assert not any(word in article.text.lower() for word in ("more-arrow", "clock menu", "newsletter"))
