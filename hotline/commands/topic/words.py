"""`hotline topic words`: frequent names that no list holds, beside those the topic knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from hotline.archived import document_of
from hotline.bootstrap import make_matcher, open_application
from hotline.config_file import find_config, load_config
from hotline.result import Result
from storage.archive import Filter, read_articles
from storage.engine import reading
from topics.candidates import Candidate, candidates


def topic_words(config_path: Path | None, environ: Mapping[str, str], *, days: int, limit: int) -> Result:
    """List candidates for the word lists from the articles that matched in the last `days` days."""
    config = load_config(find_config(config_path, environ), environ).config
    matcher = make_matcher(config)
    now = datetime.now(UTC)
    with open_application(config, now=now) as application, reading(application.engine) as connection:
        matched = read_articles(connection, Filter(since=now - timedelta(days=days)))
        found = candidates(map(document_of, matched), matcher)[:limit]
    return Result("topic words", {"words": found}, report=(_table(found),))


def _table(found: list[Candidate]) -> Table | str:
    if not found:
        return "No name stands in three matched articles or more that the lists do not hold."
    table = Table("name", "articles", "beside", box=None, pad_edge=False)
    for candidate in found:
        table.add_row(escape(candidate.name), str(candidate.articles), escape(", ".join(candidate.beside)))
    return table
