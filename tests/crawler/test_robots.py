"""robots.txt is kept for pages, a day long, and silence means no."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from crawler.errors import FetchError, Postponed
from crawler.fetcher import Wanted
from crawler.robots import permission, remember, robots_url
from storage.records import ErrorKind
from tests.crawler.desk import TestClock
from tests.crawler.fetching import Hosts, open_fetcher
from tests.crawler.site import Site, answer, redirect

RULES = b"User-agent: *\nDisallow: /private\nCrawl-delay: 7\n\nUser-agent: hotline\nDisallow: /members\n"


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        (200, True),
        (204, True),
        (404, True),
        (401, True),
        (429, False),
        (500, False),
        (503, False),
        (599, False),
    ],
)
def test_what_the_status_means(now: datetime, status: int, allowed: bool) -> None:
    kept = remember("https://a.example/robots.txt", status, b"", now=now)
    assert permission(kept, "https://a.example/page").allowed is allowed


def test_rules_for_us_replace_those_for_all(now: datetime) -> None:
    kept = remember("https://a.example/robots.txt", 200, RULES, now=now)
    assert permission(kept, "https://a.example/private").allowed
    refused = permission(kept, "https://a.example/members/1")
    assert (refused.allowed, refused.lasting) == (False, True)


def test_the_rules_of_an_origin_are_asked_for_without_the_password() -> None:
    assert robots_url("https://bob:pw@news.a.example:8443/x?y") == "https://news.a.example:8443/robots.txt"


async def test_robots_are_asked_once_a_day() -> None:
    clock = TestClock()
    async with Site() as site, open_fetcher(site.address, clock=clock) as fetcher:
        site.pages["/robots.txt"] = answer(RULES)
        site.pages["/page"] = answer("text")
        for _ in range(3):
            await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))
        assert site.paths() == ["/robots.txt", "/page", "/page", "/page"]
        clock.pass_time(hours=25)
        await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))
        assert site.paths()[-2:] == ["/robots.txt", "/page"]


async def test_a_forbidden_page_is_not_asked_for() -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/robots.txt"] = answer(RULES)
        with pytest.raises(FetchError, match="does not allow") as caught:
            await fetcher.fetch(Wanted(site.url("/members/1"), obey_robots=True))
        assert caught.value.kind is ErrorKind.ROBOTS
        assert site.paths() == ["/robots.txt"]


async def test_a_broken_robots_keeps_us_out_for_now() -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/robots.txt"] = answer(status=503)
        with pytest.raises(FetchError, match="asked again later"):
            await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))


async def test_a_page_that_redirects_is_asked_about_where_it_leads() -> None:
    async with (
        Site() as site,
        Site("127.0.0.2") as other,
        open_fetcher(site.address, other.address) as fetcher,
    ):
        site.pages["/page"] = redirect(other.url("/members/1"))
        other.pages["/robots.txt"] = answer(RULES)
        with pytest.raises(FetchError, match="does not allow"):
            await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))
        assert other.paths() == ["/robots.txt"]


async def test_a_crawl_delay_widens_the_pause() -> None:
    clock, hosts = TestClock(), Hosts()
    async with Site(now=clock.now) as site, open_fetcher(site.address, clock=clock, hosts=hosts) as fetcher:
        site.pages["/robots.txt"] = answer(RULES.split(b"\n\n")[0])
        site.pages["/page"] = answer("text")
        for _ in range(3):
            await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))
        moments = [asked.at for asked in site.asked if asked.path == "/page"]
        assert [(b - a).total_seconds() for a, b in pairwise(moments)] == [7, 7]


def slow(seconds: int) -> bytes:
    return b"User-agent: *\nCrawl-delay: %d\n" % seconds


async def test_after_a_long_crawl_delay_pages_come_back_later() -> None:
    clock, hosts = TestClock(), Hosts()
    async with Site(now=clock.now) as site, open_fetcher(site.address, clock=clock, hosts=hosts) as fetcher:
        site.pages |= {"/robots.txt": answer(slow(600)), "/page": answer("text"), "/feed": answer("feed")}
        site.pages["/moved"] = redirect(site.url("/page"))
        assert (await fetcher.fetch(Wanted(site.url("/moved"), obey_robots=True))).body == b"text"
        with pytest.raises(Postponed, match="600 seconds between two pages") as postponed:
            await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))
        assert postponed.value.until == hosts.states[site.address].pages_from
        await fetcher.fetch(Wanted(site.url("/feed")))  # robots.txt is not for feeds
        clock.pass_time(minutes=10)
        await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))
        assert site.paths() == ["/robots.txt", "/moved", "/page", "/feed", "/page"]


async def test_who_wants_hours_between_two_pages_is_not_read() -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/robots.txt"] = answer(slow(86_400))
        with pytest.raises(FetchError, match="24 hours between two pages") as refused:
            await fetcher.fetch(Wanted(site.url("/page"), obey_robots=True))
        assert (refused.value.kind, refused.value.hint) == (ErrorKind.ROBOTS, "")
        assert site.paths() == ["/robots.txt"]
