"""`hotline export`: the archive as CSV for a spreadsheet, or as JSON Lines for a program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from hotline.bootstrap import open_application
from hotline.config_file import find_config, load_config
from hotline.moment import parse_since
from hotline.result import Result
from hotline.whole_file import whole_file
from language.errors import HotlineError
from storage.archive import ArchivedArticle, Filter, read_articles
from storage.engine import reading
from storage.records import Decision

# A spreadsheet takes a cell that begins so for a formula, whoever wrote it (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = tuple(field.name for field in fields(ArchivedArticle) if field.name not in {"hits", "text"})


class UnknownFormat(HotlineError):
    """The name of the file does not tell in which format to write it."""

    code = "unknown-format"


def export(
    config_path: Path | None,
    environ: Mapping[str, str],
    target: Path,
    *,
    since: str = "",
    everything: bool = False,
) -> Result:
    """Write the matched articles (or all) to `target`, newest first; .csv or .jsonl tells the format.

    The file is written whole or not at all. Raises HotlineError.
    """
    write = _writer_of(target)
    now = datetime.now(UTC)
    wanted = Filter(
        since=parse_since(since, now=now) if since else None,
        decision=None if everything else Decision.MATCHED,
    )
    config = load_config(find_config(config_path, environ), environ).config
    with (
        open_application(config, now=now) as application,
        reading(application.engine) as connection,
        whole_file(target) as file,
    ):
        count = write(read_articles(connection, wanted), file)
    report = f"Wrote {count} articles to {target}."
    return Result("export", {"file": target, "articles": count}, report=(report,))


def neutral(value: object) -> object:
    """`value` as a cell that no spreadsheet runs."""
    text = isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA)
    return f"'{value}" if text else value


def _writer_of(target: Path) -> Callable[[Iterable[ArchivedArticle], IO[bytes]], int]:
    writers = {".csv": _write_csv, ".jsonl": _write_json_lines}
    if target.suffix.lower() not in writers:
        raise UnknownFormat(f"{target} tells no format.", hint="End its name in .csv or .jsonl.")
    return writers[target.suffix.lower()]


def _write_csv(articles: Iterable[ArchivedArticle], file: IO[bytes]) -> int:
    count = 0
    # The mark at the start tells spreadsheets that it is UTF-8.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    rows = csv.writer(text)
    rows.writerow(_COLUMNS)
    for article in articles:
        count += 1
        rows.writerow([neutral(_plain(getattr(article, column))) for column in _COLUMNS])
    text.flush()
    text.detach()
    return count


def _write_json_lines(articles: Iterable[ArchivedArticle], file: IO[bytes]) -> int:
    count = 0
    for article in articles:
        count += 1
        data = {field.name: getattr(article, field.name) for field in fields(ArchivedArticle)}
        file.write(json.dumps(data, default=_plain, ensure_ascii=False).encode() + b"\n")
    return count


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return value
