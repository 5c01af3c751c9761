"""Articles put straight into the tables, as a crawl would leave them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, update

from storage.records import Decision
from storage.tables import metadata

ARTICLE = metadata.tables["article"]
ARTICLE_TEXT = metadata.tables["article_text"]
FEED = metadata.tables["feed"]


def store_feed(connection: Connection, now: datetime) -> int:
    """One feed; its id."""
    values = {"name": "wire", "url": "https://wire.example/rss", "next_check_at": now, "options": {}}
    return int(connection.execute(insert(FEED).values(**values).returning(FEED.c.id)).scalar_one())


def store_article(
    connection: Connection,
    feed_id: int,
    *,
    title: str,
    text: str = "",
    at: datetime,
    matched: bool = True,
    host: str = "wire.example",
    author: str = "",
) -> int:
    """An article with a text; its id."""
    decision = Decision.MATCHED if matched else Decision.REJECTED
    values = {
        "feed_id": feed_id,
        "title": title,
        "published_at": at,
        "first_seen_at": at,
        "decision": decision,
        "author": author,
    }
    address = f"https://{host}/{title}"
    made = insert(ARTICLE).values(identity=address, url=address, **values)
    article_id = int(connection.execute(made.returning(ARTICLE.c.id)).scalar_one())
    if text:
        connection.execute(insert(ARTICLE_TEXT).values(article_id=article_id, text=text))
    return article_id


def match(connection: Connection, article_id: int) -> None:
    """The topic says yes, later."""
    connection.execute(update(ARTICLE).where(ARTICLE.c.id == article_id).values(decision=Decision.MATCHED))
