"""The feeds of an OPML list as configuration: `feeds_from:`, and `hotline feeds import`."""

from __future__ import annotations

from pathlib import Path

from crawler.config import FeedConfig
from crawler.reading.opml import ListedFeed, parse_opml


def read_feeds(path: Path) -> tuple[FeedConfig, ...]:
    """The feeds of the list at `path`, in its order, each address once; those that make no sense here are
    left out.

    Raises OSError, and ReadError when it is no list of feeds.
    """
    found = map(config_of, parse_opml(path.read_bytes()))
    return tuple({feed.url: feed for feed in found if feed is not None}.values())


def config_of(feed: ListedFeed) -> FeedConfig | None:
    """A listed feed as configuration; None where an attribute of it makes no sense here."""
    values = {key: value for key, value in feed.extra.items() if key in FeedConfig.model_fields}
    login = {"username": feed.username, "password": feed.password} if feed.username else {}
    try:
        return FeedConfig.model_validate(
            values | login | {"url": feed.url, "name": feed.name, "language": feed.language}
        )
    except ValueError:
        return None
