"""`hotline demo`: everything on a made-up newsroom on loopback, offline, within a minute."""

from __future__ import annotations

import re
import time
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from digest.view import StoryView
from hotline.demo.mailbox import CaughtMail
from hotline.demo.tour import CONFIG_NAME, DATABASE_NAME, Tour, take_tour
from hotline.result import Result
from language.errors import HotlineError
from storage.archive import ArchivedArticle

_SHOWN = 12  # stories and near misses listed; the digest has them all


class DemoFolderError(HotlineError):
    """The folder for the demonstration's files cannot be used."""

    code = "demo-folder"


def demo(folder: Path, *, say: Callable[[str], None], open_html: bool = False) -> Result:
    """Run the newsroom and the real way of its articles; leave configuration, database and mails in
    `folder`, where what an earlier demonstration left is replaced.

    Raises:
        DemoFolderError: `folder` cannot be written to.
    """
    started = time.monotonic()
    _prepare(folder)
    tour = take_tour(folder, now=datetime.now(UTC), say=say)
    files = _write_mails(folder, tour)
    if open_html:
        webbrowser.open(files[0].absolute().as_uri())
    took = time.monotonic() - started
    return Result("demo", _data(tour, files, took), report=tuple(_report(tour, files, took)))


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (CONFIG_NAME, *(f"{DATABASE_NAME}{end}" for end in ("", "-wal", "-shm"))):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DemoFolderError(
            f"{folder} cannot be used: {error.strerror}.", hint="Name another folder with --output."
        ) from error


def _write_mails(folder: Path, tour: Tour) -> list[Path]:
    """Every caught mail as .html, .txt and .eml, the bytes as they came over the wire; digests first."""
    written: list[Path] = []
    for name, mail in (*_named("digest", tour.digests), *_named("alert", tour.alerts)):
        message = message_from_bytes(mail.content, policy=default)
        assert isinstance(message, EmailMessage)
        for kind, ending in (("html", "html"), ("plain", "txt")):
            part = message.get_body((kind,))
            if part is not None:
                path = folder / f"{name}.{ending}"
                path.write_text(part.get_content(), encoding="utf-8")
                written.append(path)
        (folder / f"{name}.eml").write_bytes(mail.content)
        written.append(folder / f"{name}.eml")
    return written


def _named(kind: str, mails: Iterable[CaughtMail]) -> Iterator[tuple[str, CaughtMail]]:
    for number, mail in enumerate(mails, start=1):
        yield kind if number == 1 else f"{kind}-{number}", mail


def _report(tour: Tour, files: list[Path], took: float) -> Iterator[RenderableType]:
    stories = tour.issue.view.stories
    yield _heading("What could not wait")
    yield from (f"  {_subject(mail)}" for mail in tour.alerts)
    yield _heading("What was found, and why")
    yield from (_found(story) for story in stories[:_SHOWN])
    yield f"  … {max(0, len(stories) - _SHOWN)} more stand in the digest."
    yield _heading("What was folded together")
    yield from (_folded(story) for story in stories if story.also)
    yield _heading("What was left out, and why")
    yield from map(_left_out, sorted(tour.left_out, key=lambda article: -article.score))
    yield _heading("How the feeds behaved")
    yield from (f"  {line}" for line in _health(tour))
    yield _heading("Where it lies")
    yield from (f"  {path}" for path in files)
    yield f"  {tour.config}"
    yield f"\nLook around: hotline articles --config {tour.config}   (or status, or explain with an address)"
    yield f"All of it in {took:.0f} s, offline, on a made-up newsroom. Your own: `hotline init`."


def _subject(mail: CaughtMail) -> str:
    return str(message_from_bytes(mail.content, policy=default)["Subject"])


def _heading(title: str) -> Text:
    return Text(f"\n{title}", "bold")


def _found(story: StoryView) -> Text:
    others = len(story.also) + story.also_more
    outlets = f"{story.outlet} and {others} more" if others else story.outlet
    found = Text(f"  {story.score:>3}  {story.headline}\n")
    return found.append(f"       {outlets}; matched {', '.join(story.terms[:4])}", "dim")


def _folded(story: StoryView) -> str:
    also = ", ".join(outlet.name for outlet in story.also)
    more = f" and {story.also_more} more" if story.also_more else ""
    same = f" ({story.same_text} with the same text)" if story.same_text else ""
    return f"  {story.headline}\n    {story.outlet}, also in {also}{more}{same}"


def _left_out(article: ArchivedArticle) -> Text:
    """The two strongest reasons; `hotline explain` has them all."""
    reasons = ", ".join(re.split(r"(?<=\d), ", article.reason.removesuffix("."))[:2])
    told = f"score {article.score}: {reasons}" if article.score else reasons
    return Text(f"  {article.title}\n").append(f"       {told}", "dim")


def _health(tour: Tour) -> Iterator[str]:
    view = tour.issue.view.health
    yield from view.lines
    yield from view.notices
    not_modified = tour.answers.get(304, 0)
    yield f"{not_modified} feeds answered the second crawl with 304, not modified: nothing was sent twice."
    yield f"{tour.first.pages + tour.second.pages} pages were read where the feed alone could not decide."


def _data(tour: Tour, files: list[Path], took: float) -> dict[str, object]:
    view = tour.issue.view
    return {
        "config": tour.config,
        "files": files,
        "seconds": round(took, 1),
        "answers": tour.answers,
        "polled": len(tour.first.polled) + len(tour.second.polled),
        "pages": tour.first.pages + tour.second.pages,
        "failed_feeds": sorted({feed.name for feed in tour.second.failed}),
        "stories": [_story_data(story) for story in view.stories],
        "left_out": [
            {"title": article.title, "score": article.score, "reason": article.reason}
            for article in tour.left_out
        ],
        "digests": len(tour.digests),
        "alerts": [_subject(mail) for mail in tour.alerts],
    }


def _story_data(story: StoryView) -> dict[str, object]:
    return {
        "headline": story.headline,
        "outlet": story.outlet,
        "score": story.score,
        "terms": story.terms,
        "also": [outlet.name for outlet in story.also],
        "also_more": story.also_more,
    }
