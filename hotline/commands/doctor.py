"""`hotline feeds doctor`: what ails the feeds, and the line to change where one can be found."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rich.text import Text

from crawler.config import FeedConfig
from crawler.find_feeds import find_feeds
from crawler.reading.discovery import Evidence
from crawler.settling import is_moved
from hotline.bootstrap import Application, open_application, open_web
from hotline.config import Config
from hotline.config_file import Loaded, find_config, load_config
from hotline.feed_edits import change_address
from hotline.feed_health import Condition, condition
from hotline.named_feeds import find_configured, place_of
from hotline.result import ExitCode, Problem, Result
from hotline.rewrite import read_text, rewrite
from language.errors import HotlineError
from storage.corpus.address import canonical_url
from storage.engine import reading
from storage.feed_signs import FeedSign, Sign, read_signs
from storage.feeds import read_states
from storage.records import ErrorKind, FeedState

_PROPOSALS = 3  # new addresses shown of one feed
_LOST = frozenset({ErrorKind.GONE, ErrorKind.NOT_A_FEED, ErrorKind.DNS, ErrorKind.HTTP, ErrorKind.EMPTY})
_ADVICE = {
    ErrorKind.DNS: "The name of the host is unknown: is it spelled right, is this machine on the net?",
    ErrorKind.TLS: "The server's certificate is not valid; ask its owner, or try http:// if it has one.",
    ErrorKind.TIMEOUT: "The server is slow or silent; it is asked again, ever less often.",
    ErrorKind.REFUSED: "Nothing answers there at the moment; it is asked again, ever less often.",
    ErrorKind.BLOCKED: "It lies on a private address; write `allow_private: true` if that is meant.",
    ErrorKind.TOO_LARGE: "The answer is larger than `crawl.body_limit`.",
    ErrorKind.NOT_A_FEED: "The address answers, but not with a feed.",
    ErrorKind.GONE: "The server says it is gone for good; take another address, or remove it.",
    ErrorKind.CRASHED: "It could not be read within the limits; the other feeds are not affected.",
}

_ODD_ADVICE = {
    Sign.STALE: "Look whether its site still publishes; the feed may have been left behind.",
    Sign.EMPTY: "Look at its address in a browser; the site may have another feed.",
    Sign.MISSED: "Give it a shorter `min_every`.",
    Sign.LYING: "Nothing is lost, only bandwidth; tell the owner of its site.",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What ails one feed. `proposals` are addresses that answered with a feed just now, the best first;
    `certain` means that the first one may be written without asking."""

    feed: FeedConfig
    condition: Condition
    advice: str = ""
    proposals: tuple[str, ...] = ()
    certain: bool = False
    place: str = ""  # file:line where its address is written


def doctor(
    config: Path | None, environ: Mapping[str, str], *, feeds: Sequence[str] = (), fix: bool = False
) -> Result:
    """Examine all feeds or those named, by what the crawls found; look for new addresses of lost ones.

    With `fix`, certain proposals are written into the configuration: where the server itself moved the
    feed for good, or its site declares exactly one other feed.
    """
    loaded = load_config(find_config(config, environ), environ)
    now = datetime.now(UTC)
    wanted = [find_configured(loaded.config, name) for name in feeds] or list(loaded.config.feeds)
    with open_application(loaded.config, now=now) as application:
        with reading(application.engine) as connection:
            states = read_states(connection)
            signs = {sign.feed: sign for sign in reversed(read_signs(connection, now=now))}
        found = [_examine(feed, states[feed.url], loaded.config, now) or _odd(feed, signs) for feed in wanted]
        ill = [diagnosis for diagnosis in found if diagnosis]
        ill = asyncio.run(_look_for_lost(application, ill, states, now))
    ill = [replace(diagnosis, place=place_of(loaded, diagnosis.feed)) for diagnosis in ill]
    fixed = _write(loaded, ill, environ) if fix else []
    return _result(ill, fixed, examined=len(wanted))


def _examine(feed: FeedConfig, state: FeedState, config: Config, now: datetime) -> Diagnosis | None:
    """What the state and the configuration tell without asking anybody."""
    found = condition(state, now=now)
    twin = _twin(feed, config)
    if found.word in {"ok", "new"}:
        twice = Condition("twice", f"the same feed as {twin}", "yellow")
        return Diagnosis(feed, twice, "Remove one of the two.") if twin else None
    if is_moved(state):
        return Diagnosis(feed, found, "Change its address.", (state.moved_to,), certain=True)
    kind = ErrorKind(state.error_kind) if state.error_kind else ErrorKind.GONE
    return Diagnosis(feed, found, _ADVICE.get(kind, ""))


def _odd(feed: FeedConfig, signs: Mapping[str, FeedSign]) -> Diagnosis | None:
    """A feed that answers and yet is not well: quiet, empty, far off its usual volume."""
    sign = signs.get(feed.title)
    if sign is None:
        return None
    return Diagnosis(feed, Condition(sign.sign, sign.sentence, "yellow"), _ODD_ADVICE.get(sign.sign, ""))


def _twin(feed: FeedConfig, config: Config) -> str:
    """An earlier feed whose address differs only in what does not matter."""
    own = canonical_url(feed.url)
    for other in config.feeds:
        if other.url == feed.url:
            return ""
        if canonical_url(other.url) == own:
            return other.title
    return ""


async def _look_for_lost(
    application: Application, ill: list[Diagnosis], states: Mapping[str, FeedState], now: datetime
) -> list[Diagnosis]:
    lost = [d for d in ill if not d.proposals and states[d.feed.url].error_kind in _LOST]
    if not lost:
        return ill
    found: dict[str, Diagnosis] = {}
    async with open_web(application) as (fetcher, readers):
        for diagnosis in lost:
            try:
                feeds = await find_feeds(_site(diagnosis.feed), fetch=fetcher.fetch, readers=readers, now=now)
            except HotlineError:
                continue  # the site is as lost as its feed; the diagnosis stands
            urls = [feed.url for feed in feeds if feed.url != diagnosis.feed.url]
            certain = len(urls) == 1 and feeds[0].evidence is Evidence.DECLARED
            found[diagnosis.feed.url] = replace(
                diagnosis, proposals=tuple(urls[:_PROPOSALS]), certain=certain
            )
    return [found.get(diagnosis.feed.url, diagnosis) for diagnosis in ill]


def _site(feed: FeedConfig) -> str:
    parts = urlsplit(feed.url)
    return f"{parts.scheme}://{parts.netloc}/"


def _write(loaded: Loaded, ill: Sequence[Diagnosis], environ: Mapping[str, str]) -> list[str]:
    """Change the certain ones in the file that holds them; return their names."""
    fixed = []
    for diagnosis in ill:
        if not diagnosis.certain or any(feed.url == diagnosis.proposals[0] for feed in loaded.config.feeds):
            continue
        for path in loaded.files:
            text = change_address(read_text(path), diagnosis.feed.url, diagnosis.proposals[0])
            if text is not None:
                loaded = rewrite(path, text, main=loaded.path, environ=environ)
                fixed.append(diagnosis.feed.title)
                break
    return fixed


def _result(ill: Sequence[Diagnosis], fixed: Sequence[str], *, examined: int) -> Result:
    left = [diagnosis for diagnosis in ill if diagnosis.feed.title not in fixed]
    data = {
        "examined": examined,
        "feeds": [
            {
                "name": diagnosis.feed.title,
                "url": diagnosis.feed.url,
                "state": diagnosis.condition.word,
                "message": diagnosis.condition.sentence,
                "advice": diagnosis.advice,
                "proposals": diagnosis.proposals,
                "place": diagnosis.place,
                "fixed": diagnosis.feed.title in fixed,
            }
            for diagnosis in ill
        ],
    }
    lines = tuple(_line(diagnosis, fixed=diagnosis.feed.title in fixed) for diagnosis in ill)
    summary = (
        f"{examined} feeds examined, {len(ill)} need a look." if ill else f"All {examined} feeds are well."
    )
    if any(diagnosis.certain for diagnosis in left):
        summary += " `hotline feeds doctor --fix` writes what is certain."
    problems = tuple(
        Problem(f"feed-{d.condition.word}", f"{d.feed.title}: {d.condition.sentence}", d.advice) for d in left
    )
    code = ExitCode.PARTIAL if left else ExitCode.OK
    return Result("feeds doctor", data, () if not left else problems, (*lines, summary), code)


def _line(diagnosis: Diagnosis, *, fixed: bool) -> Text:
    text = Text(diagnosis.feed.title, "bold").append(
        f"\n  {diagnosis.condition.sentence}", diagnosis.condition.style
    )
    text.append(f"\n  {diagnosis.place}\n    url: {diagnosis.feed.url}", "not bold dim")
    word = "now" if fixed else "change it to" if diagnosis.certain else "try"
    for url in diagnosis.proposals:
        text.append(f"\n    {word}: {url}", "not bold green")
    return text.append("\n")
