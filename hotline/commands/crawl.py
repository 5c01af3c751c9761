"""`hotline crawl`: one crawl by hand, under the same claims as the service beside which it may run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.crawl import CrawlReport, PagesReport, crawl_batch, read_pages
from crawler.session import CrawlSession
from crawler.spiders.feeds import PolledFeed
from hotline.bootstrap import Application, open_application, open_crawler
from hotline.config import Config
from hotline.config_file import find_config, load_config
from hotline.named_feeds import find_configured
from hotline.progress import Step, no_progress, shown_progress
from hotline.result import ExitCode, Problem, Result

_AT_ONCE = 500  # feeds in one crawl; more of them follow in the next


@dataclass(frozen=True, slots=True)
class Crawled:
    """What a crawl by hand did, all its rounds together."""

    polled: tuple[PolledFeed, ...] = ()
    postponed: tuple[str, ...] = ()
    pages: int = 0
    pages_failed: int = 0

    @property
    def failed(self) -> tuple[PolledFeed, ...]:
        """The feeds whose poll ended in an error."""
        return tuple(feed for feed in self.polled if feed.poll.error_kind)


def crawl(
    config_path: Path | None,
    environ: Mapping[str, str],
    *,
    feeds: Sequence[str] = (),
    everything: bool = False,
    dry_run: bool = False,
    quiet: bool = False,
) -> Result:
    """Poll the feeds that are due, or those named (by name or address), or all; then read wanted pages.

    Raises HotlineError for what stops the whole crawl; feeds that fail are errors of a partial result.
    """
    config = load_config(find_config(config_path, environ), environ).config
    names = _named(config, feeds)
    now = datetime.now(UTC)
    total = len(names or config.feeds)
    with open_application(config, now=now) as application, _progress(total, quiet=quiet) as step:
        crawled = asyncio.run(
            crawl_once(
                application,
                names=names,
                due_only=not (everything or feeds),
                rehearse=dry_run,
                on_poll=lambda feed: step(_line(feed)),
            )
        )
    return _result(crawled, dry_run=dry_run, configured=len(config.feeds))


async def crawl_once(
    application: Application,
    *,
    names: Sequence[str] | None = None,
    due_only: bool = True,
    rehearse: bool = False,
    on_poll: Callable[[PolledFeed], None] | None = None,
) -> Crawled:
    """Poll and read until nothing more is due. A rehearsal and a forced crawl take each feed once."""
    async with open_crawler(application, rehearse=rehearse) as session:
        polled = await _poll(
            session, names, due_only=due_only, once=rehearse or not due_only, on_poll=on_poll
        )
        pages = [] if rehearse else await _read(session)
    return Crawled(
        polled=tuple(feed for report in polled for feed in report.polled),
        postponed=tuple(name for report in polled for name in report.postponed),
        pages=sum(len(report.read) for report in pages),
        pages_failed=sum(1 for report in pages for page in report.read if page.error_kind),
    )


async def _poll(
    session: CrawlSession,
    names: Sequence[str] | None,
    *,
    due_only: bool,
    once: bool,
    on_poll: Callable[[PolledFeed], None] | None,
) -> list[CrawlReport]:
    limit = 1_000_000 if once else _AT_ONCE
    reports: list[CrawlReport] = []
    while True:
        report = await crawl_batch(
            session, limit=limit, per_host=limit, names=names, due_only=due_only, on_poll=on_poll
        )
        reports.append(report)
        if once or not report.polled:
            return reports


async def _read(session: CrawlSession) -> list[PagesReport]:
    reports: list[PagesReport] = []
    while True:
        report = await read_pages(session)
        reports.append(report)
        if not report.read:
            return reports


def _progress(total: int, *, quiet: bool) -> AbstractContextManager[Step]:
    return nullcontext(no_progress) if quiet else shown_progress("Polling", total)


def _line(feed: PolledFeed) -> str:
    poll = feed.poll
    if poll.error_kind:
        return f"{feed.name}: {poll.message}"
    return f"{feed.name}: {poll.new} new" if poll.new else f"{feed.name}: nothing new"


def _named(config: Config, wanted: Sequence[str]) -> list[str] | None:
    return [find_configured(config, name).title for name in wanted] or None


def _result(crawled: Crawled, *, dry_run: bool, configured: int) -> Result:
    failed = crawled.failed
    return Result(
        "crawl",
        {
            "dry_run": dry_run,
            "polled": len(crawled.polled),
            "failed": len(failed),
            "postponed": crawled.postponed,
            "new": sum(feed.poll.new for feed in crawled.polled),
            "statuses": dict(Counter(feed.poll.status for feed in crawled.polled)),
            "pages": crawled.pages,
            "pages_failed": crawled.pages_failed,
            "feeds": [{"name": feed.name, **_poll_data(feed)} for feed in crawled.polled],
        },
        errors=tuple(_problem(feed) for feed in failed),
        report=(_summary(crawled, dry_run=dry_run, configured=configured),),
        exit_code=_exit_code(crawled),
    )


def _poll_data(feed: PolledFeed) -> dict[str, object]:
    poll = feed.poll
    return {"status": poll.status, "http_status": poll.http_status, "entries": poll.entries, "new": poll.new}


def _problem(feed: PolledFeed) -> Problem:
    return Problem(
        f"feed-{feed.poll.error_kind}", f"{feed.name}: {feed.poll.message}", details={"feed": feed.name}
    )


def _exit_code(crawled: Crawled) -> ExitCode:
    if not crawled.failed:
        return ExitCode.OK
    return ExitCode.ERROR if len(crawled.failed) == len(crawled.polled) else ExitCode.PARTIAL


def _summary(crawled: Crawled, *, dry_run: bool, configured: int) -> str:
    if not configured:
        return "No feed is configured. `hotline feeds add SITE` finds the feed of a site."
    if not crawled.polled and not crawled.postponed:
        return "No feed is due. `hotline crawl --all` polls them all the same."
    new = sum(feed.poll.new for feed in crawled.polled)
    parts = [f"{len(crawled.polled)} feeds polled", f"{new} new articles", f"{crawled.pages} pages read"]
    if crawled.failed:
        parts.append(f"{len(crawled.failed)} feeds failed")
    if crawled.postponed:
        parts.append(f"{len(crawled.postponed)} feeds postponed at their hosts' wish")
    kept = " Nothing was stored: this was a dry run." if dry_run else ""
    return ", ".join(parts) + "." + kept
