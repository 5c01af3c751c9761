"""Feeds as people name them on the command line."""

from __future__ import annotations

import difflib

from crawler.config import FeedConfig, without_login
from hotline.config import Config
from hotline.config_file import Loaded
from hotline.feed_edits import line_of
from hotline.rewrite import read_text
from language.errors import HotlineError


class UnknownFeed(HotlineError):
    """A feed named on the command line is not in the configuration."""

    code = "unknown-feed"


def place_of(loaded: Loaded, feed: FeedConfig) -> str:
    """File and line in which the address of `feed` is written, as `file:line`; of a feed from a list, the
    configuration's main file alone."""
    for path in loaded.files:
        if path.suffix in {".yaml", ".yml"} and (line := line_of(read_text(path), feed.url)):
            return f"{path}:{line}"
    return str(loaded.path)


def find_configured(config: Config, wanted: str) -> FeedConfig:
    """The feed of this name or address, upper and lower case alike; the address may hold its password.

    Raises UnknownFeed.
    """
    wanted, _, _ = without_login(wanted) if "://" in wanted else (wanted, "", "")
    by_key = {key.casefold(): feed for feed in config.feeds for key in (feed.title, feed.url)}
    found = by_key.get(wanted.strip().casefold())
    if found is None:
        near = difflib.get_close_matches(wanted, [feed.title for feed in config.feeds], n=1)
        raise UnknownFeed(
            f"There is no feed named {wanted!r} in the configuration.",
            hint=f"Did you mean `{near[0]}`?" if near else "`hotline feeds list` shows them all.",
        )
    return found
