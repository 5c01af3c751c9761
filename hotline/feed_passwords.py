"""Passwords that came in an address: kept in files of their own, which the configuration names."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

from crawler.config import FeedConfig
from hotline.feed_edits import Item
from hotline.whole_file import CannotSaveError

FOLDER = "passwords"  # beside the configuration


def with_login(item: Item, feed: FeedConfig, *, folder: Path) -> Item:
    """`item` as it is written into the configuration in `folder`, the password of `feed` in a file that
    only its owner can read. Raises CannotSaveError."""
    password = feed.password.get_secret_value()
    if not (feed.username and password):
        return item
    name = f"{FOLDER}/{_name(feed.url)}.txt"
    try:
        (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(f"{password}\n", encoding="utf-8")
    except OSError as error:
        raise CannotSaveError(f"{folder / name} cannot be written: {error.strerror or error}.") from error
    return {**item, "username": feed.username, "password_file": name}


def _name(url: str) -> str:
    """The host, and what tells two feeds of it apart."""
    return f"{urlsplit(url).hostname}-{blake2b(url.encode(), digest_size=4).hexdigest()}"
