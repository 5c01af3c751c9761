from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.errors import Postponed
from crawler.fetcher import Wanted
from crawler.open_files import keep_alive, raise_limit
from storage.corpus.domain import registrable_domain
from tests.crawler.fetching import open_fetcher
from tests.crawler.site import Site


@contextmanager
def soft_limit(files: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_limit_is_raised_to_what_the_system_grants() -> None:
    with soft_limit(256):
        raise_limit()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == hard


@pytest.mark.parametrize(("files", "seconds"), [(256, 0.064), (1024, 0.256)])
def test_fewer_files_keep_connections_for_a_shorter_time(files: int, seconds: float) -> None:
    with soft_limit(files):
        assert keep_alive() == seconds


@contextmanager
def no_free_files() -> Iterator[None]:
    used = {int(file.name) for file in Path("/proc/self/fd").iterdir()}
    taken = [os.dup(0) for _ in range(max(used) - len(used) + 2)]  # numbers below the highest are free, too
    try:
        with soft_limit(max(*used, *taken) + 1):
            yield
    finally:
        for number in taken:
            os.close(number)


async def test_a_host_is_not_blamed_when_no_socket_can_be_made() -> None:
    async with Site() as site, open_fetcher(site.address) as fetcher:
        registrable_domain(site.url("/"))  # reads its list of suffixes from a file
        with no_free_files(), pytest.raises(Postponed, match="more files"):
            await fetcher.fetch(Wanted(site.url("/")))
        assert (await fetcher.fetch(Wanted(site.url("/")))).status == 404
