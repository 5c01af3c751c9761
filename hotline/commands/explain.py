"""`hotline explain`: why an article matched or not, what it duplicates, to whom it was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hotline.archived import document_of
from hotline.bootstrap import make_matcher, open_application
from hotline.commands.mark import no_such_article
from hotline.config import Config
from hotline.config_file import find_config, load_config
from hotline.result import Result
from language.clean import clean_lines, clean_text
from language.errors import HotlineError
from language.markup import text_of_html
from storage.archive import ArchivedArticle, find_article
from storage.engine import reading
from storage.ledger import LedgerState
from storage.records import Decision
from storage.traces import LinkedTo, ToldTo, Trace, trace_article
from topics.document import Document, Hit
from topics.matcher import Explanation

_MAX_TERMS = 25
_READ = 3 * 1024 * 1024  # bytes of a file


class UnreadableFile(HotlineError):
    """A file that holds no article."""

    code = "unreadable-file"


def explain(config_path: Path | None, environ: Mapping[str, str], *, name: str) -> Result:
    """Explain a file (.txt, .html, or .json with title, summary, text) or an article of the archive.

    Raises:
        NoSuchArticle: `name` is neither a file nor a known number or address.
        UnreadableFile: it is a file without an article in it.
    """
    if Path(name).is_file():
        return _explain_file(_config(config_path, environ), Path(name))
    config = load_config(find_config(config_path, environ), environ).config
    now = datetime.now(UTC)
    with open_application(config, now=now) as application, reading(application.engine) as connection:
        article = find_article(connection, name)
        if article is None:
            raise no_such_article(name)
        trace = trace_article(connection, article.id)
    return _explain_article(config, article, trace)


def _config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """A file can be explained without a configuration: with the shipped topic."""
    found = find_config(path, environ)
    return load_config(found, environ).config if path or found.is_file() else Config()


def _explain_file(config: Config, path: Path) -> Result:
    explanation = make_matcher(config).explain(read_document(path))
    return Result("explain", _data(explanation), report=tuple(_lines(explanation)))


def read_document(path: Path) -> Document:
    """The article in a file: JSON by its keys, HTML by its text, anything else as plain text."""
    try:
        raw = path.read_bytes()[:_READ].decode("utf-8-sig")
        if path.suffix == ".json":
            given = json.loads(raw)
            if not isinstance(given, dict):
                raise UnreadableFile(f"{path} holds no JSON object.")
            return document_from(given)
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}.") from error
    text = text_of_html(raw) if path.suffix in {".html", ".htm"} else clean_lines(raw)
    return Document(text=text)


def document_from(given: Mapping[str, object]) -> Document:
    """A document from a JSON object; what is missing or null is empty."""
    return Document(
        title=clean_text(str(given.get("title") or "")),
        summary=clean_lines(str(given.get("summary") or "")),
        text=clean_lines(str(given.get("text") or "")),
        lang=str(given.get("lang") or ""),
        url=str(given.get("url") or ""),
        author=str(given.get("author") or ""),
        feed=str(given.get("feed") or ""),
        country=str(given.get("country") or ""),
    )


def _explain_article(config: Config, article: ArchivedArticle, trace: Trace) -> Result:
    explanation = make_matcher(config).explain(document_of(article))
    stored = {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "decision": article.decision,
        "score": article.score,
        "reason": article.reason,
        "decided_at": article.decided_at,
    }
    data = {"article": stored, "trace": trace, "now": _data(explanation)}
    untold = article.decision == Decision.MATCHED and not trace.told
    waits = ["No reader was told yet: it waits for the next digest."] if untold else []
    report = [*_stored_lines(article), *_trace_lines(trace), *waits, "", "Judged now, by the topic as it is:"]
    return Result("explain", data, report=(*report, *_lines(explanation)))


def _stored_lines(article: ArchivedArticle) -> Sequence[str]:
    decided = _utc(article.decided_at) if article.decided_at else "not yet"
    return (
        f"{article.id}  {article.title}",
        article.url,
        f"Decided {decided}: {article.decision}, score {article.score}. {article.reason}",
    )


def _trace_lines(trace: Trace) -> list[str]:
    lines = [f"Seen in {seen.feed} at {_utc(seen.seen_at)}" for seen in trace.seen]
    lines += [_link_line(link) for link in trace.links]
    lines += [_told_line(told) for told in trace.told]
    return lines


_OUTCOMES = {
    LedgerState.PRINTED: "printed",
    LedgerState.FOLDED: "folded under a printed story",
    LedgerState.NOT_FITTING: "did not fit, counted",
    LedgerState.NOTHING_NEW: "nothing new on a story that the reader had",
    LedgerState.ELSEWHERE: "the reader had it from another digest",
    LedgerState.BELOW: "below the digest's minimum score",
    LedgerState.EXCLUDED: "another language, outlet or subtopic than the digest wants",
    LedgerState.BACKLOG: "old when first seen",
}


def _told_line(told: ToldTo) -> str:
    if told.sent_at is not None:
        mail = f"mail sent {_utc(told.sent_at)}"
    else:
        mail = f"mail {told.mail}" if told.mail else "no mail"
    outcome = _OUTCOMES[LedgerState(told.state)]
    return f"{told.address}, {told.digest} of {_utc(told.issued_at)}: {outcome}; {mail}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _link_line(link: LinkedTo) -> str:
    target = f"article {link.original_id}" if link.original_id else f"story {link.story_id}"
    ended = ", since undone" if link.ended_at else ""
    return f"{link.level} of {target} (by {link.by}, {link.score:.2f}{ended}): {link.reason}"


def _data(explanation: Explanation) -> dict[str, object]:
    match = explanation.match
    return {
        "matched": match.matched,
        "verdict": match.verdict,
        "score": match.score,
        "threshold": explanation.threshold,
        "language": match.lang,
        "subtopics": match.subtopics,
        "reason": match.reason,
        "evidence": explanation.evidence,
        "hits": match.hits,
    }


def _lines(explanation: Explanation) -> list[str]:
    match = explanation.match
    said = "Matches" if match.matched else "Does not match"
    lines = [
        f"{said}: score {match.score}, {explanation.threshold} needed.",
        f"Language {match.lang or 'unknown'}; subtopics {', '.join(match.subtopics) or 'none'}.",
    ]
    lines += [f"  {part.adds:+5.1f}  {part.name}" for part in explanation.evidence if abs(part.adds) >= 0.05]
    if not explanation.evidence:
        lines.append(f"  {match.reason}")
    lines += [_hit_line(hit) for hit in match.hits[:_MAX_TERMS]]
    if len(match.hits) > _MAX_TERMS:
        lines.append(f"  … and {len(match.hits) - _MAX_TERMS} more")
    return lines


def _hit_line(hit: Hit) -> str:
    return f"  {hit.field} {hit.start}–{hit.end}  “{hit.found}”  ({hit.term})"
