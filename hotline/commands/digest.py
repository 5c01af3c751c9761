"""`hotline digest`: compose now, to look at, to try out, or to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from digest.addresses import Mailbox
from digest.issue import Copy, Edition, IssueSlot, preview_issue, send_issue, send_test
from hotline.bootstrap import Application, open_application
from hotline.config_explain import suggest
from hotline.config_file import find_config, load_config
from hotline.editions import make_edition
from hotline.moment import parse_since
from hotline.result import ExitCode, Problem, Result
from hotline.sending import make_sender, send_waiting
from language.errors import HotlineError
from storage.outbox import OutboxStatus, QueuedMessage, read_messages


class NoSuchDigest(HotlineError):
    """The name is not that of a configured digest, or none is configured."""

    code = "no-such-digest"


class NotAnAddress(HotlineError):
    """The text is no mail address."""

    code = "not-an-address"


@dataclass(frozen=True, slots=True)
class DigestOptions:
    """What to do with the composed digest; without any of it the text is printed.

    `preview` is a folder for .html, .txt and .eml; `test` an address that gets one copy which no
    ledger knows of; `send` an extra issue to all readers. `since` is a span ("2 d") or a date.
    """

    preview: Path | None = None
    send: bool = False
    test: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """A copy on its way; without an id it was not queued."""

    edition: Edition
    copy: Copy
    message_id: int | None


def digest(
    config_path: Path | None, environ: Mapping[str, str], *, name: str = "", options: DigestOptions
) -> Result:
    """Compose the digest called `name`, or all. Raises HotlineError."""
    now = datetime.now(UTC)
    since = parse_since(options.since, now=now) if options.since else None
    config = load_config(find_config(config_path, environ), environ).config
    editions = [make_edition(config, digest, environ) for digest in config.digests]
    chosen = _named(editions, name)
    with open_application(config, now=now) as application:
        if options.send:
            return _send(application, environ, chosen, now=now, since=since)
        if options.test:
            reader = _reader(options.test)
            return _test(application, environ, chosen, reader, now=now, since=since)
        copies = [
            preview_issue(application.engine, edition, edition.digest.readers[0], now=now, since=since)
            for edition in chosen
        ]
    return _preview(chosen, copies, options.preview)


def _named(found: Sequence[Edition], name: str) -> list[Edition]:
    if not found:
        raise NoSuchDigest(
            "No digest is configured.", hint="Add one under digests: with a name and its readers."
        )
    chosen = [edition for edition in found if name in {"", edition.digest.name}]
    if not chosen:
        names = [edition.digest.name for edition in found]
        raise NoSuchDigest(f"There is no digest named {name}.", hint=suggest(name, names))
    return chosen


def _reader(text: str) -> Mailbox:
    try:
        return Mailbox.model_validate(text)
    except ValidationError as error:
        raise NotAnAddress(
            f"{text!r} is not a mail address.", hint="Write it as reader@example.org."
        ) from error


def write_copy(copy: Copy, folder: Path, name: str) -> list[Path]:
    """Write one copy as `name`.html, .txt and .eml; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {
        ".html": copy.rendered.html.encode(),
        ".txt": copy.rendered.text.encode(),
        ".eml": copy.raw,
    }
    paths = [folder / f"{name}{suffix}" for suffix in parts]
    for path, content in zip(paths, parts.values(), strict=True):
        path.write_bytes(content)
    return paths


def _preview(chosen: Sequence[Edition], copies: Sequence[Copy], folder: Path | None) -> Result:
    if folder is None:
        report = tuple(copy.rendered.text for copy in copies)
        items = [_data(edition, copy) for edition, copy in zip(chosen, copies, strict=True)]
        return Result("digest", {"digests": items}, report=report)
    items, lines = [], []
    for edition, copy in zip(chosen, copies, strict=True):
        paths = write_copy(copy, folder, edition.digest.name)
        items.append(_data(edition, copy) | {"files": paths})
        lines.append(f"{edition.digest.name}: {_summary(copy)}")
        lines += [f"  {path}" for path in paths]
    return Result("digest", {"digests": items}, report=("\n".join(lines),))


def _test(
    application: Application,
    environ: Mapping[str, str],
    chosen: Sequence[Edition],
    reader: Mailbox,
    *,
    now: datetime,
    since: datetime | None,
) -> Result:
    sender = make_sender(application.config, application.engine, environ)
    outgoing = []
    for edition in chosen:
        copy = preview_issue(application.engine, edition, reader, now=now, since=since)
        message_id = send_test(application.engine, edition, copy, now=now)
        outgoing.append(_Outgoing(edition, copy, message_id))
    send_waiting(sender)
    return _sent(application, outgoing)


def _send(
    application: Application,
    environ: Mapping[str, str],
    chosen: Sequence[Edition],
    *,
    now: datetime,
    since: datetime | None,
) -> Result:
    sender = make_sender(application.config, application.engine, environ)
    outgoing: list[_Outgoing] = []
    for edition in chosen:
        slot = IssueSlot.by_hand(now, edition.digest)
        report = send_issue(application.engine, edition, slot, now=now, since=since)
        for copy in report.copies if report else ():
            assert report is not None
            outgoing.append(_Outgoing(edition, copy, report.message_ids.get(copy.reader.address)))
    send_waiting(sender)
    return _sent(application, outgoing)


def _sent(application: Application, outgoing: Sequence[_Outgoing]) -> Result:
    ids = [each.message_id for each in outgoing if each.message_id is not None]
    messages = {message.id: message for message in read_messages(application.engine, ids)}
    states = [_state(messages.get(each.message_id or 0)) for each in outgoing]
    problems = tuple(
        _problem(message) for message in messages.values() if message.status is not OutboxStatus.SENT
    )
    return Result(
        "digest",
        {
            "digests": [
                _data(each.edition, each.copy) | {"mail": state}
                for each, state in zip(outgoing, states, strict=True)
            ]
        },
        problems,
        tuple(
            f"{each.edition.digest.name} to {each.copy.reader.address}: {state}. {_summary(each.copy)}"
            for each, state in zip(outgoing, states, strict=True)
        ),
        ExitCode.PARTIAL if problems else ExitCode.OK,
    )


def _state(message: QueuedMessage | None) -> str:
    return "skipped, an empty day" if message is None else str(message.status)


def _problem(message: QueuedMessage) -> Problem:
    return Problem(
        "mail-not-sent",
        f"The mail to {message.recipient} was not sent: {message.error or 'it waits for its turn'}.",
        "It stays queued: `hotline run` tries again, `hotline outbox list` shows it.",
    )


def _data(edition: Edition, copy: Copy) -> dict[str, object]:
    return {
        "name": edition.digest.name,
        "reader": copy.reader.address,
        "subject": copy.view.subject,
        "stories": len(copy.view.printed),
        "left_out": len(copy.view.left_out),
        "articles": len(copy.states),
    }


def _summary(copy: Copy) -> str:
    return "".join(segment.text for segment in copy.view.summary)
