"""One at a time to a host, with a pause; nobody when the host said later."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crawler.errors import Postponed
from crawler.fetcher import Wanted
from crawler.gate import Gate
from tests.crawler.desk import TestClock
from tests.crawler.fetching import Hosts, open_fetcher
from tests.crawler.site import Site, answer


def make_gate(hosts: Hosts, clock: TestClock) -> Gate:
    return Gate(hosts, owner="test", spacing=timedelta(seconds=1), clock=clock)


async def test_turns_of_one_host_come_one_by_one_and_apart() -> None:
    clock = TestClock()
    gate = make_gate(Hosts(), clock)
    starts: list[float] = []
    inside = 0

    async def visit() -> None:
        nonlocal inside
        async with gate.turn("a.example"):
            inside += 1
            assert inside == 1
            starts.append(clock.monotonic())
            await clock.sleep(0.5)
            inside -= 1

    await asyncio.gather(*(visit() for _ in range(4)))
    assert starts == [0, 1.5, 3, 4.5]


async def test_other_hosts_do_not_wait() -> None:
    clock = TestClock()
    gate = make_gate(Hosts(), clock)
    async with gate.turn("a.example"), gate.turn("b.example"):
        assert clock.monotonic() == 0


async def test_a_host_of_another_process_is_postponed() -> None:
    gate = make_gate(Hosts(taken=["a.example"]), TestClock())
    with pytest.raises(Postponed):
        async with gate.turn("a.example"):
            pytest.fail("the turn was another's")


async def test_a_host_that_said_later_is_left_alone_until_then() -> None:
    clock = TestClock()
    gate = make_gate(Hosts(), clock)
    gate.hold("a.example", clock.now() + timedelta(hours=1))
    gate.hold("a.example", clock.now() + timedelta(minutes=1))
    for _ in range(2):
        with pytest.raises(Postponed):
            async with gate.turn("a.example"):
                pytest.fail("too early")
        clock.pass_time(minutes=30)
    async with gate.turn("a.example"):
        pass


async def test_those_in_line_behind_a_429_are_not_served() -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        site.pages["/feed"] = answer(status=429, Retry_After="3600")
        results = await asyncio.gather(
            *(fetcher.fetch(Wanted(site.url("/feed"))) for _ in range(5)), return_exceptions=True
        )
        assert len(site.asked) == 1
        assert [isinstance(result, Postponed) for result in results] == [False, True, True, True, True]


async def test_leases_are_given_back_when_the_last_crawl_leaves_with_the_pause_kept() -> None:
    hosts, clock = Hosts(), TestClock()
    gate = make_gate(hosts, clock)
    until = clock.now() + timedelta(minutes=15)
    gate.adopt({"a.example"}, until=until)
    gate.adopt({"a.example", "b.example"}, until=until)
    async with gate.turn("a.example"):
        pass
    await gate.leave({"a.example", "b.example"})
    assert set(hosts.released) == {"b.example"}
    await gate.leave({"a.example"})
    assert hosts.released["a.example"] == clock.now() + timedelta(seconds=1)
    assert not hosts.leased  # the claims had brought the leases along


async def test_an_error_inside_a_turn_ends_it() -> None:
    gate = make_gate(Hosts(), TestClock())
    with pytest.raises(ZeroDivisionError):
        async with gate.turn("a.example"):
            _ = 1 / 0
    async with asyncio.timeout(5), gate.turn("a.example"):
        pass
