"""Where redirects lead, and what goes along."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import FetchError
from crawler.fetcher import Validators, Wanted
from crawler.redirects import Hop, next_url, permanent_target
from storage.records import ErrorKind
from tests.crawler.fetching import open_fetcher
from tests.crawler.site import Site, answer, redirect


@pytest.mark.parametrize(
    ("statuses", "target"),
    [((), ""), ((301,), "u1"), ((308, 301), "u2"), ((302, 301), ""), ((308, 302, 301), "u1"), ((307,), "")],
)
def test_a_permanent_target_is_the_leading_run_of_permanent_hops(
    statuses: tuple[int, ...], target: str
) -> None:
    hops = [Hop(status, f"u{number}") for number, status in enumerate(statuses, 1)]
    assert permanent_target(hops) == target


def test_locations_may_be_relative_and_lose_their_fragment() -> None:
    assert next_url("https://a.example/x/feed", "../y?z=1#top") == "https://a.example/y?z=1"
    assert next_url("https://a.example/feed", "//b.example/") == "https://b.example/"


@pytest.mark.parametrize("location", ["javascript:alert(1)", "file:///etc/passwd", "ftp://a.example/"])
def test_only_the_web_is_a_target(location: str) -> None:
    with pytest.raises(FetchError) as caught:
        next_url("https://a.example/", location)
    assert caught.value.kind is ErrorKind.BLOCKED


@given(st.text())
def test_no_location_raises_anything_but_a_fetch_error(location: str) -> None:
    with suppress(FetchError):
        assert next_url("https://a.example/", location).startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "url",
    [
        "http://[bad/",
        "http://host:999999/",
        "http://host:abc/",
        "http:///x",
        "http://ex ample/",
        "http://a\0/",
    ],
)
async def test_an_address_that_makes_no_sense_is_a_fetch_error(url: str) -> None:
    async with open_fetcher() as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(Wanted(url))


async def test_a_permanent_move_is_followed_and_told() -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/old"] = redirect("/new", status=301)
        site.pages["/new"] = answer("here")
        fetched = await fetcher.fetch(Wanted(site.url("/old")))
        assert fetched.body == b"here"
        assert fetched.permanent_url == fetched.url == site.url("/new")


async def test_a_loop_ends_after_five_hops() -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/a"] = redirect("/a")
        with pytest.raises(FetchError, match="more than 5 times"):
            await fetcher.fetch(Wanted(site.url("/a")))
        assert len(site.asked) == 6


async def test_validators_go_to_the_address_that_gave_them_alone() -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/old"] = redirect("/new")
        site.pages["/new"] = answer("x")
        old, new = site.url("/old"), site.url("/new")
        await fetcher.fetch(Wanted(old, validators=Validators(old, '"1"', "monday")))
        await fetcher.fetch(Wanted(old, validators=Validators(new, '"2"', "")))
        sent = [asked.headers.get("If-None-Match") for asked in site.asked]
        assert sent == ['"1"', None, None, '"2"']


async def test_a_password_stays_with_its_origin() -> None:
    async with (
        Site() as site,
        Site("127.0.0.2") as other,
        open_fetcher(site.address, other.address) as fetcher,
    ):
        site.pages["/feed"] = redirect(other.url("/feed"))
        other.pages["/feed"] = answer("x")
        await fetcher.fetch(Wanted(site.url("/feed"), authorization="Basic Ym9iOmh1bnRlcjI="))
        assert site.asked[0].headers["Authorization"].startswith("Basic ")
        assert "Authorization" not in other.asked[0].headers


async def test_requests_carry_nothing_but_what_they_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.9:9/")
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/a"] = answer(status=302, Location="/b", Set_Cookie="id=1")
        site.pages["/b"] = answer("x", Set_Cookie="id=2")
        for _ in range(2):
            await fetcher.fetch(Wanted(site.url("/a")))
        for asked in site.asked:
            assert set(asked.headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent"}
            assert asked.headers["User-Agent"] == "Hotline/test"
