"""From a site to its feeds: ask the page, follow what it names, try the usual places, read what answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from crawler.errors import FetchError, Postponed
from crawler.fetcher import PAGE_ACCEPT, Fetched, Wanted
from crawler.reading.discovery import Evidence, FeedLink, usual_places
from crawler.reading.errors import ReadError
from crawler.reading.links import absolute_http
from crawler.reading.sitemap import news_first, sitemaps_in, sitemaps_named
from crawler.robots import SIZE_LIMIT as ROBOTS_LIMIT
from crawler.robots import robots_url
from language.errors import HotlineError
from storage.records import Entry, ErrorKind, FeedDocument, FeedMemory

TRIED: Final = 12  # addresses asked of one site at most, one after another
_SITEMAPS: Final = 5  # sitemaps asked of one site at most
_LATEST = 3  # entries shown of each feed

Fetch = Callable[[Wanted], Awaitable[Fetched]]


class Readers(Protocol):
    """The part of crawler.reading.workers.Readers that is needed here."""

    async def read_feed(
        self, body: bytes, *, url: str, content_type: str = "", memory: FeedMemory, now: datetime
    ) -> FeedDocument:
        """See crawler.reading.read.read_feed."""
        ...

    async def find_feed_links(self, body: bytes, *, url: str, content_type: str = "") -> tuple[FeedLink, ...]:
        """See crawler.reading.discovery.find_feed_links."""
        ...


class NoFeedFound(HotlineError):
    """A site answers, but nothing that it names or usually has is a feed."""

    code = "no-feed-found"


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that was fetched and read. `latest` are its newest entries, as it lists them."""

    url: str
    title: str
    language: str
    evidence: Evidence
    entries: int
    latest: tuple[Entry, ...]


async def find_feeds(address: str, *, fetch: Fetch, readers: Readers, now: datetime) -> tuple[FoundFeed, ...]:
    """Return the feeds of the site or feed at `address`, the likeliest first.

    News sitemaps and usual places are tried only where the site names no feed, the places only until
    one answers. Raises FetchError when the site does not answer, NoFeedFound when no feed does.
    """
    url = completed(address)
    answer = await fetch(Wanted(url, accept=PAGE_ACCEPT))
    itself = await _read(answer, FeedLink(answer.url, "", Evidence.ITSELF), readers, now)
    if itself:
        return (itself,)
    links = await _links(answer, readers)
    found = await _try(links[:TRIED], fetch, readers, now)
    if not found:
        sitemaps = await _sitemaps(answer.url, fetch, readers, now)
        tried = {link.url for link in links[:TRIED]}
        places = [link for link in usual_places(answer.url) if link.url not in tried]
        found = [*await _try(places[:TRIED], fetch, readers, now, first=True), *sitemaps]
    if not found:
        raise NoFeedFound(
            f"No feed was found at {url}.",
            hint="Look for “RSS” on the site, and name that address.",
        )
    return tuple(found)


def completed(address: str) -> str:
    """The address as a person types it: without a scheme it is https."""
    address = address.strip()
    url = absolute_http(address if "://" in address else f"https://{address}")
    if not url:
        raise FetchError(ErrorKind.NOT_A_FEED, f"“{address}” is no web address.")
    return url if urlsplit(url).path else f"{url}/"


async def _links(answer: Fetched, readers: Readers) -> tuple[FeedLink, ...]:
    if not 200 <= answer.status < 300:
        return ()
    try:
        return await readers.find_feed_links(answer.body, url=answer.url, content_type=_type(answer))
    except ReadError:
        return ()  # a hostile page: the usual places are left


async def _try(
    links: Sequence[FeedLink], fetch: Fetch, readers: Readers, now: datetime, *, first: bool = False
) -> list[FoundFeed]:
    """Ask each address; those that fail are left out. With `first`, stop at the first feed."""
    found: dict[str, FoundFeed] = {}
    for link in links:
        answer = await _ask(fetch, Wanted(link.url))
        feed = await _read(answer, link, readers, now) if answer else None
        if feed:
            found.setdefault(feed.url, feed)
            if first:
                break
    return list(found.values())


async def _sitemaps(site: str, fetch: Fetch, readers: Readers, now: datetime) -> list[FoundFeed]:
    """The news sitemaps that robots.txt names, itself or through an index."""
    found: list[FoundFeed] = []
    waiting: list[str] = []
    asked: set[str] = set()
    rules = await _ask(fetch, Wanted(robots_url(site), accept=PAGE_ACCEPT))
    if rules is not None and rules.status == 200:
        waiting += sitemaps_named(rules.body[:ROBOTS_LIMIT].decode("utf-8", "replace"))
    while waiting and len(asked) < _SITEMAPS:
        url = waiting.pop(0)
        asked.add(url)
        answer = await _ask(fetch, Wanted(url))
        if answer is None:
            continue
        if feed := await _read(answer, FeedLink(url, "", Evidence.SITEMAP), readers, now):
            found.append(feed)
        else:
            deeper = [each for each in sitemaps_in(answer.body) if each not in asked]
            waiting = list(news_first([*waiting, *deeper]))
    return found


async def _ask(fetch: Fetch, wanted: Wanted) -> Fetched | None:
    try:
        return await fetch(wanted)
    except (FetchError, Postponed):
        return None


async def _read(answer: Fetched, link: FeedLink, readers: Readers, now: datetime) -> FoundFeed | None:
    if answer.status != 200:
        return None
    try:
        document = await readers.read_feed(
            answer.body, url=answer.url, content_type=_type(answer), memory=FeedMemory(), now=now
        )
    except ReadError:
        return None
    return FoundFeed(
        url=answer.permanent_url or link.url,
        title=document.title or link.title,
        language=document.language,
        evidence=link.evidence,
        entries=len(document.entries),
        latest=document.entries[:_LATEST],
    )


def _type(answer: Fetched) -> str:
    return answer.headers.get("Content-Type", "")
