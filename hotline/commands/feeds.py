"""`hotline feeds add | list | import | export | remove`: the list of feeds, kept in the configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from crawler.config import FeedConfig, without_login
from crawler.credentials import authorization
from crawler.fetcher import Fetched, Wanted
from crawler.find_feeds import FoundFeed, completed, find_feeds
from crawler.reading.opml import ListedFeed, parse_opml, write_opml
from crawler.redirects import same_origin
from hotline.bootstrap import Application, open_application, open_web
from hotline.config_file import find_config, load_config
from hotline.feed_edits import Item, add_feeds, remove_feed
from hotline.feed_health import Condition, condition
from hotline.feed_passwords import with_login
from hotline.listed_feeds import config_of
from hotline.named_feeds import UnknownFeed, find_configured
from hotline.result import Result
from hotline.rewrite import read_text, rewrite, write_new
from language.errors import HotlineError
from storage.engine import reading
from storage.feeds import read_states

MANY = 2_000  # feeds in one YAML file take a second to read; a list is the better place for more
_NAME_WIDTH = 40  # characters; longer names push their line
_KEYS = ("language", "country", "kind")


class NotReadable(HotlineError):
    """A file named on the command line cannot be read."""

    code = "not-readable"


def add(
    site: str,
    config: Path | None,
    environ: Mapping[str, str],
    *,
    everything: bool = False,
    dry_run: bool = False,
    **given: str | int,
) -> Result:
    """Find the feeds of `site` and write the likeliest (or `everything`) into the configuration.

    A user and a password in `site` are used, and the password is kept in a file of its own. `given` are
    keys of FeedConfig (name, language, country, kind, backfill) that the caller knows better than the feed.
    Raises HotlineError when nothing is found or the file cannot be changed.
    """
    loaded = load_config(find_config(config, environ), environ)
    now = datetime.now(UTC)
    site, user, password = without_login(site)
    login = {"username": user, "password": password} if user else {}
    with open_application(loaded.config, now=now) as application:
        found = asyncio.run(_find(application, site, now, login))
    known = {feed.url for feed in loaded.config.feeds}
    fresh = [feed for feed in found if feed.url not in known]
    chosen = fresh if everything else fresh[:1]
    if chosen and not dry_run:
        items = [_item(feed, given, _login_of(feed, site, login), loaded.path.parent) for feed in chosen]
        rewrite(loaded.path, add_feeds(read_text(loaded.path), items), main=loaded.path, environ=environ)
    report = [_found(feed, feed in chosen, known=feed.url in known, dry_run=dry_run) for feed in found]
    data = {
        "found": [_found_data(feed) for feed in found],
        "added": [] if dry_run else [feed.url for feed in chosen],
        "config": loaded.path,
    }
    return Result("feeds add", data, report=(*report, _advice(found, chosen, dry_run=dry_run)))


def list_feeds(config: Path | None, environ: Mapping[str, str]) -> Result:
    """Every feed of the configuration with its state."""
    loaded = load_config(find_config(config, environ), environ)
    now = datetime.now(UTC)
    with open_application(loaded.config, now=now) as application, reading(application.engine) as connection:
        states = read_states(connection)
    width = max((len(feed.title) for feed in loaded.config.feeds), default=0)
    lines: list[str | Text] = []
    rows = []
    for feed in loaded.config.feeds:
        state = condition(states[feed.url], now=now)
        lines.append(_listed(feed, state, width=min(width, _NAME_WIDTH)))
        rows.append(_feed_data(feed) | {"state": state.word, "message": state.sentence})
    lines.append(f"{len(rows)} feeds in {loaded.path}")
    return Result("feeds list", {"feeds": rows}, report=tuple(lines))


def import_list(
    file: Path, config: Path | None, environ: Mapping[str, str], *, dry_run: bool = False
) -> Result:
    """Add the feeds of an OPML file that are not there yet; broken files give what can be read."""
    loaded = load_config(find_config(config, environ), environ)
    listed = parse_opml(_bytes_of(file))
    known = {feed.url for feed in loaded.config.feeds}
    read = [(feed, config_of(feed)) for feed in listed]
    fresh = {made.url: made for _, made in read if made and made.url not in known}
    if fresh and not dry_run:
        items = [with_login(_written(feed), feed, folder=loaded.path.parent) for feed in fresh.values()]
        rewrite(loaded.path, add_feeds(read_text(loaded.path), items), main=loaded.path, environ=environ)
    refused = [feed.url for feed, made in read if made is None]
    data = {"added": list(fresh), "known": len(read) - len(fresh) - len(refused), "refused": refused}
    verb = "would be added" if dry_run else "added"
    lines = [f"  {feed.title}  {feed.url}" for feed in fresh.values()]
    summary = f"{len(fresh)} feeds {verb}, {data['known']} were there already."
    hint = (
        f"More than {MANY} feeds: `feeds_from: {file.name}` reads the list itself at every start."
        if len(known) + len(fresh) > MANY
        else ""
    )
    return Result("feeds import", data, report=tuple(filter(None, (*lines, summary, hint))))


def export_list(file: Path | None, config: Path | None, environ: Mapping[str, str]) -> Result:
    """Write all feeds as OPML to `file`, or to standard output; no password leaves the configuration."""
    loaded = load_config(find_config(config, environ), environ)
    text = write_opml(map(listed_of, loaded.config.feeds), title="Hotline", now=datetime.now(UTC))
    count = len(loaded.config.feeds)
    if file is None:
        return Result("feeds export", {"feeds": count, "opml": text}, report=(text.rstrip("\n"),))
    write_new(file, text)
    return Result("feeds export", {"feeds": count, "file": file}, report=(f"Wrote {count} feeds to {file}.",))


def remove(feed: str, config: Path | None, environ: Mapping[str, str]) -> Result:
    """Take a feed, named by name or address, out of the configuration; what it brought stays stored."""
    loaded = load_config(find_config(config, environ), environ)
    target = find_configured(loaded.config, feed)
    for path in loaded.files:
        text = remove_feed(read_text(path), target.url)
        if text is not None:
            rewrite(path, text, main=loaded.path, environ=environ)
            line = (
                f"Removed {target.title} from {path}. Its articles stay; added again, it brings no old news."
            )
            return Result("feeds remove", {"removed": target.url, "file": path}, report=(line,))
    raise UnknownFeed(
        f"{target.title} is not written in a configuration file.",
        hint="It comes from the list named in `feeds_from`; remove it there.",
    )


def listed_of(feed: FeedConfig) -> ListedFeed:
    """A configured feed as other readers take it; what only we know goes along as our own attributes."""
    own = {"country": feed.country, "kind": feed.kind, **feed.options}
    return ListedFeed(
        url=feed.url,
        name=feed.name,
        language=feed.language,
        folders=(feed.kind,) if feed.kind else (),
        extra={key: str(value) for key, value in own.items() if value},
    )


def _written(feed: FeedConfig) -> Item:
    own = {"name": feed.name, "url": feed.url, **{key: getattr(feed, key) for key in _KEYS}, **feed.options}
    return {key: value if isinstance(value, int) else str(value) for key, value in own.items()}


async def _find(
    application: Application, site: str, now: datetime, login: Mapping[str, str]
) -> tuple[FoundFeed, ...]:
    async with open_web(application) as (fetcher, readers):

        async def fetch(wanted: Wanted) -> Fetched:
            own = _login_of(wanted, site, login)
            if own:
                wanted = replace(wanted, authorization=authorization(own["username"], own["password"]))
            return await fetcher.fetch(wanted)

        return await find_feeds(site, fetch=fetch, readers=readers, now=now)


def _login_of(found: FoundFeed | Wanted, site: str, login: Mapping[str, str]) -> Mapping[str, str]:
    """The login for what lies at the origin that it was given for; for nothing else."""
    return login if login and same_origin(completed(site), found.url) else {}


def _item(feed: FoundFeed, given: Mapping[str, str | int], login: Mapping[str, str], folder: Path) -> Item:
    known = {key: value for key, value in given.items() if value}
    item: Item = {"name": feed.title[:120], "url": feed.url, "language": feed.language} | known
    return with_login(item, FeedConfig.model_validate({"url": feed.url, **login}), folder=folder)


def _found(feed: FoundFeed, chosen: bool, *, known: bool, dry_run: bool) -> Text:  # noqa: FBT001
    word = "known" if known else "added" if chosen and not dry_run else "found"
    text = Text(f"{word:<7}", "bold green" if word == "added" else "dim")
    text.append(feed.title or feed.url, "bold").append(f"  {feed.url}", "not bold")
    for entry in feed.latest:
        day = f"{entry.published_at:%d %b}" if entry.published_at else ""
        text.append(f"\n          {day:<7}{entry.title}", "not bold")
    return text if feed.latest else text.append("\n          no entries at the moment", "dim")


def _advice(found: Sequence[FoundFeed], chosen: Iterable[FoundFeed], *, dry_run: bool) -> str:
    rest = len(found) - len(list(chosen))
    if dry_run:
        return "\nNothing was written."
    if rest and len(found) > 1:
        return "\nTo add another: hotline feeds add ADDRESS, or --all for all of them. Next: hotline crawl"
    return "\nNext: hotline crawl"


def _found_data(feed: FoundFeed) -> dict[str, object]:
    return {
        "url": feed.url,
        "title": feed.title,
        "language": feed.language,
        "evidence": feed.evidence.name.lower(),
        "entries": feed.entries,
        "latest": [entry.title for entry in feed.latest],
    }


def _listed(feed: FeedConfig, state: Condition, *, width: int) -> Text:
    text = Text(f"{feed.title:<{width}}  ", "bold")
    text.append(f"{feed.language:<3}{feed.country:<3}{feed.kind:<18}  ", "not bold")
    return text.append(state.sentence, f"not bold {state.style}").append(f"\n  {feed.url}", "not bold dim")


def _feed_data(feed: FeedConfig) -> dict[str, object]:
    return {
        "name": feed.title,
        "url": feed.url,
        "language": feed.language,
        "country": feed.country,
        "kind": feed.kind,
    }


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotReadable(f"{file} cannot be read: {error.strerror}.") from error
