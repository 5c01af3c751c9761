"""`hotline status`: feeds, last crawl, next digest, outbox, database, at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text
from sqlalchemy import make_url

from digest.config import DigestConfig
from digest.schedule import next_slot
from hotline.bootstrap import Application, open_application
from hotline.config_file import Loaded, find_config, load_config
from hotline.named_feeds import find_configured, place_of
from hotline.result import ExitCode, Problem, Result
from language.duration import format_duration
from storage.engine import reading
from storage.feed_signs import FeedSign, Sign, read_signs
from storage.instance_lock import lock_holder
from storage.notices import CONFIG_REJECTED, OpenNotice, service_notices
from storage.outbox import OutboxStatus, QueuedMessage, count_by_status, list_messages
from storage.overview import (
    ArchiveOverview,
    FeedOverview,
    SlowHost,
    archive_overview,
    feed_overviews,
    last_issues,
    slow_hosts,
)

_LISTED = 12  # ailing feeds in the text; --json has them all
_REPEATS = timedelta(days=30)  # how long a possible repeat is told
_WAITING = (OutboxStatus.PENDING, OutboxStatus.SENDING)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that status tells, read at `now`. `service` names its holder, or is empty."""

    now: datetime
    database: str
    service: str
    feeds: Sequence[FeedOverview]
    archive: ArchiveOverview
    slow: Sequence[SlowHost]
    digests: Sequence[DigestConfig]
    issued: Mapping[str, datetime]
    signs: Sequence[FeedSign]
    outbox: Mapping[OutboxStatus, int]
    troubled: Sequence[QueuedMessage]
    notices: Sequence[OpenNotice]  # what is wrong with the service itself

    @property
    def last_crawl(self) -> datetime | None:
        """The latest poll of any feed."""
        return max((feed.last_polled_at for feed in self.feeds if feed.last_polled_at), default=None)

    @property
    def ailing(self) -> list[FeedOverview]:
        """Feeds that fail or are paused."""
        return [feed for feed in self.feeds if feed.state in {"failing", "paused"}]


def status(config_path: Path | None, environ: Mapping[str, str], *, demand_service: bool = False) -> Result:
    """Read the state of everything. With `demand_service` it is an error when no service runs: the
    health check of a container."""
    loaded = load_config(find_config(config_path, environ), environ)
    now = datetime.now(UTC)
    with open_application(loaded.config, now=now) as application:
        overview = _read(application, now)
    overview = replace(overview, signs=[_with_place(sign, loaded) for sign in overview.signs])
    problems = () if overview.service or not demand_service else (_NO_SERVICE,)
    return Result(
        "status",
        _data(overview),
        problems,
        report=tuple(_report(overview)),
        exit_code=ExitCode.ERROR if problems else ExitCode.OK,
    )


_NO_SERVICE = Problem("not-running", "No hotline service runs on this database.", "Start `hotline run`.")


def _read(application: Application, now: datetime) -> Overview:
    engine, digests = application.engine, application.config.digests
    with reading(engine) as connection:
        feeds, archive = feed_overviews(connection), archive_overview(connection)
        issued = last_issues(connection, [digest.name for digest in digests])
        signs = read_signs(connection, now=now)
        notices = service_notices(connection)
        slow = slow_hosts(connection, now=now)
    return Overview(
        now=now,
        database=make_url(application.config.storage.url).render_as_string(hide_password=True),
        service=lock_holder(engine),
        feeds=feeds,
        archive=archive,
        slow=slow,
        digests=digests,
        issued=issued,
        signs=signs,
        outbox=count_by_status(engine),
        troubled=[message for message in list_messages(engine, since=now - _REPEATS) if _is_trouble(message)],
        notices=notices,
    )


def _with_place(sign: FeedSign, loaded: Loaded) -> FeedSign:
    """Where an address is to be changed, the line that holds it."""
    if sign.sign is not Sign.MOVED:
        return sign
    place = place_of(loaded, find_configured(loaded.config, sign.feed))
    return replace(sign, sentence=f"{sign.sentence}: {place}")


def _is_trouble(message: QueuedMessage) -> bool:
    return message.status is OutboxStatus.FAILED or message.maybe_duplicate or bool(message.error)


def _data(overview: Overview) -> dict[str, object]:
    return {
        "now": overview.now,
        "service": overview.service or None,
        "config_rejected": [each.message for each in overview.notices if each.kind == CONFIG_REJECTED],
        "notices": [_fields(notice) for notice in overview.notices],
        "database": {"url": overview.database, **_fields(overview.archive)},
        "last_crawl": overview.last_crawl,
        "slow_hosts": [_fields(host) for host in overview.slow],
        "feeds": [{**_fields(feed), "state": feed.state} for feed in overview.feeds],
        "signs": [_fields(sign) for sign in overview.signs],
        "digests": [
            {
                "name": digest.name,
                "last": overview.issued.get(digest.name),
                "next": next_slot(digest.schedule, now=overview.now).instant,
            }
            for digest in overview.digests
        ],
        "outbox": {state.value: overview.outbox.get(state, 0) for state in OutboxStatus},
        "troubled_mail": [_fields(message) for message in overview.troubled],
    }


def _fields(
    value: FeedOverview | FeedSign | ArchiveOverview | QueuedMessage | OpenNotice | SlowHost,
) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}


def _report(overview: Overview) -> Iterator[RenderableType]:
    yield _line("service", overview.service or "not running")
    for notice in overview.notices:
        yield Text(f"               {_notice_sentence(notice)}", "yellow")
    yield _line("last crawl", _ago(overview.last_crawl, overview.now))
    yield _line("feeds", _feeds_sentence(overview))
    for feed in overview.ailing[:_LISTED]:
        yield Text(f"               {feed.name}: {feed.paused or feed.error or feed.error_kind}", "yellow")
    if len(overview.ailing) > _LISTED:
        more = len(overview.ailing) - _LISTED
        yield Text(f"               and {more} more; `hotline feeds doctor` looks into them", "yellow")
    for sign in overview.signs[:_LISTED]:
        yield Text(f"               {sign.feed}: {sign.sentence}", "yellow")
    for digest in overview.digests:
        yield _line("digest", _digest_sentence(digest, overview))
    yield _line("outbox", _outbox_sentence(overview))
    for message in overview.troubled:
        yield Text(f"               {_trouble(message)}", "yellow")
    archive = overview.archive
    yield _line(
        "database",
        f"{overview.database}: {archive.articles} articles, {archive.matched} matched, "
        f"{archive.pages_waiting} pages waiting to be read",
    )
    for host in overview.slow[:_LISTED]:
        pause = format_duration(timedelta(seconds=round(host.crawl_delay)))
        yield Text(
            f"               {host.host}: {host.pages} pages wait, robots.txt wants {pause} between two"
        )


def _notice_sentence(notice: OpenNotice) -> str:
    refused = "the changed configuration is refused: " if notice.kind == CONFIG_REJECTED else ""
    return f"{refused}{notice.message}"


def _line(name: str, text: str) -> Text:
    return Text(f"{name:<15}", "bold").append(text, "not bold default")


def _feeds_sentence(overview: Overview) -> str:
    states = Counter(feed.state for feed in overview.feeds)
    due = sum(1 for feed in overview.feeds if not feed.paused and feed.next_check_at <= overview.now)
    told = [f"{states[state]} {word}" for state, word in _STATE_WORDS.items() if states[state]]
    return f"{len(overview.feeds)}: {', '.join(told) or 'none configured'}; {due} due now"


_STATE_WORDS = {"ok": "well", "failing": "failing", "paused": "paused", "new": "not polled yet"}


def _digest_sentence(digest: DigestConfig, overview: Overview) -> str:
    slot = next_slot(digest.schedule, now=overview.now).instant.astimezone(digest.schedule.zone)
    last = overview.issued.get(digest.name)
    before = f"last {_ago(last, overview.now)}" if last else "never issued yet"
    return f"{digest.name}: next {slot:%a %d %b %H:%M} {digest.schedule.timezone}, {before}"


def _outbox_sentence(overview: Overview) -> str:
    waiting = sum(overview.outbox.get(state, 0) for state in _WAITING)
    sent, failed = (overview.outbox.get(state, 0) for state in (OutboxStatus.SENT, OutboxStatus.FAILED))
    repeats = sum(message.maybe_duplicate for message in overview.troubled)
    told = f"{waiting} waiting, {sent} sent, {failed} failed"
    return f"{told}, {repeats} perhaps sent twice" if repeats else told


def _trouble(message: QueuedMessage) -> str:
    repeat = ", perhaps sent twice" if message.maybe_duplicate else ""
    error = f": {message.error}" if message.error else ""
    return f"no. {message.id} to {message.recipient}, {message.status}{repeat}{error}"


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    minutes = max(0, round((now - at).total_seconds() / 60))
    if minutes < 1:
        return "just now"
    return f"{format_duration(timedelta(minutes=minutes if minutes < 60 else minutes // 60 * 60))} ago"
