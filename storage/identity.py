"""Which article an entry is: pure decisions over one poll.

Identity is the canonical URL, not the GUID, which some feeds change at every poll. Where the link
identifies nothing (all entries share one, or it is a front page), the headline and its day stand in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from storage.corpus.address import canonical_url
from storage.records import Entry


@dataclass(frozen=True, slots=True)
class Identities:
    """One identity per entry, in the order of the entries, and whether the feed shares one link."""

    of_entries: tuple[str, ...]
    links_shared: bool


def identify(entries: Sequence[Entry], *, feed_url: str, links_shared: bool) -> Identities:
    """Name the article of each entry of a poll of `feed_url`.

    `links_shared` is what earlier polls found out; once true it stays, so that a later poll with a
    single new entry does not take it for the old ones.
    """
    links = [canonical_url(entry.url) if entry.url else "" for entry in entries]
    shared = links_shared or _all_share_one(links, entries)
    site = canonical_url(feed_url)
    return Identities(
        tuple(
            _headline_identity(site, entry) if shared or not _names_an_article(link) else link
            for link, entry in zip(links, entries, strict=True)
        ),
        shared,
    )


def _all_share_one(links: Sequence[str], entries: Sequence[Entry]) -> bool:
    titles = {entry.title for entry in entries}
    return len(entries) > 1 and len(set(links)) == 1 and len(titles) > 1


def _names_an_article(link: str) -> bool:
    """False for a front page: a canonical link with neither path nor query."""
    place = link.partition("://")[2].partition("/")[2]
    return place.partition("#")[0] != ""


def _headline_identity(site: str, entry: Entry) -> str:
    day = entry.published_at.date().isoformat() if entry.published_at else ""
    words = f"{entry.title}\n{day}" if entry.title else f"{entry.guid}\n{entry.summary}"
    return f"{site}#{blake2b(words.encode(), digest_size=12).hexdigest()}"
