"""`hotline topic backtest`: what a changed topic would have gained and lost, before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hotline.archived import document_of
from hotline.bootstrap import make_matcher, open_application
from hotline.config_file import find_config, load_config
from hotline.result import Result
from storage.archive import Filter, read_articles
from storage.engine import reading
from topics.backtest import Backtest, Change, backtest
from topics.matcher import Matcher


def topic_backtest(
    config_path: Path | None, environ: Mapping[str, str], *, changed: Path, days: int
) -> Result:
    """Judge the articles of the last `days` days by the topic in force and by that of the file `changed`.

    Of rejected articles only title and lead are kept, and no longer than `storage.rejected_days`.
    Raises ConfigError for either file.
    """
    config = load_config(find_config(config_path, environ), environ).config
    after = make_matcher(load_config(changed, environ).config)
    before = make_matcher(config)
    now = datetime.now(UTC)
    with open_application(config, now=now) as application, reading(application.engine) as connection:
        wanted = Filter(since=now - timedelta(days=days), decision=None)
        documents = ((article.id, document_of(article)) for article in read_articles(connection, wanted))
        found = backtest(documents, before, after)
    return Result("topic backtest", _data(found), report=tuple(_report(found, after)))


def _data(found: Backtest) -> dict[str, object]:
    return {
        "documents": found.documents,
        "matched_before": found.matched_before,
        "matched_after": found.matched_after,
        "gained": [_change(change) for change in found.changes if change.gained],
        "lost": [_change(change) for change in found.changes if not change.gained],
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "id": change.key,
        "title": change.title,
        "score_before": change.before.score,
        "score_after": change.after.score,
        "reason": change.after.reason,
        "terms": list(dict.fromkeys(hit.term for hit in change.after.hits)),
    }


def _report(found: Backtest, after: Matcher) -> list[str]:
    counts = f"{found.matched_before} matched before, {found.matched_after} after"
    lines = [f"{found.documents} articles: {counts} (from {after.config.threshold} on)."]
    for name, gained in (("Gained", True), ("Lost", False)):
        changes = [change for change in found.changes if change.gained is gained]
        lines.append(f"{name}: {len(changes)}")
        lines += [_line(change) for change in changes]
    return lines


def _line(change: Change) -> str:
    scores = f"{change.before.score:3} → {change.after.score:3}"
    return f"  {scores}  {change.key}  {change.title}\n              {change.after.reason}"
