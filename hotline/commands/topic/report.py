"""`hotline topic report`: precision from judgements, and the terms that mislead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from hotline.bootstrap import open_application
from hotline.config_file import find_config, load_config
from hotline.result import Result
from storage.engine import reading
from storage.judgements import JudgedArticle, read_judgements

_TERMS = 15


def topic_report(config_path: Path | None, environ: Mapping[str, str]) -> Result:
    """Say how many judged matches were right, and which terms stand in most of the wrong ones."""
    config = load_config(find_config(config_path, environ), environ).config
    now = datetime.now(UTC)
    with open_application(config, now=now) as application, reading(application.engine) as connection:
        judged = read_judgements(connection)
    data = summarise(judged)
    return Result("topic report", data, report=tuple(_report(data)))


def summarise(judged: Sequence[JudgedArticle]) -> dict[str, object]:
    """Precision of the matches (None without a judged one), missed articles, terms with their errors."""
    matched = [article for article in judged if article.matched]
    right = sum(article.right for article in matched)
    return {
        "judged": len(judged),
        "matches": len(matched),
        "right": right,
        "precision": round(right / len(matched), 4) if matched else None,
        "missed": [{"id": one.id, "title": one.title} for one in judged if not (one.matched or one.right)],
        "wrong": [{"id": one.id, "title": one.title} for one in matched if not one.right],
        "terms": _misleading(matched),
    }


def _misleading(matched: Sequence[JudgedArticle]) -> list[dict[str, object]]:
    wrong: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for article in matched:
        terms = {str(hit["term"]) for hit in article.hits}
        total.update(terms)
        if not article.right:
            wrong.update(terms)
    worst = sorted(wrong, key=lambda term: (-wrong[term], total[term], term))[:_TERMS]
    return [{"term": term, "wrong": wrong[term], "matches": total[term]} for term in worst]


def _report(data: Mapping[str, object]) -> list[str | Table]:
    if not data["matches"]:
        return ["No match was judged yet.", "Say `hotline mark ID right` or `hotline mark ID wrong`."]
    lines: list[str | Table] = [
        f"{data['right']} of {data['matches']} judged matches are right: {data['precision']:.0%}."
    ]
    terms = data["terms"]
    if isinstance(terms, list) and terms:
        table = Table("term", "wrong", "of matches", box=None, pad_edge=False)
        for row in terms:
            table.add_row(escape(str(row["term"])), str(row["wrong"]), str(row["matches"]))
        lines.append(table)
    return lines
