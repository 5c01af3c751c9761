"""How well articles are grouped into stories: `python -m benchmarks.stories FILE.jsonl`.

The kind of labelled set is told from the file. Sets of articles are streamed in date order, one pass,
with no decision revised, through the product's own decision; pairs are streams of two undated
articles. A single pass over TF-IDF vectors, at the threshold that serves it best, runs beside it.
The last line is JSON.

The window is the product's seven days. The set of events alone carries the dates of a crawl, months
off in places: there the figure without a window is `f1` and the other one is given as well.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.bcubed import mean_scores, pair_f1
from benchmarks.story_stream import Item, Stream
from benchmarks.tfidf import single_pass

Record = dict[str, Any]
_WEEK = timedelta(days=7)


def main() -> None:
    """Print a table and, as the last line, the figures as JSON."""
    figures = measure(read_records(Path(sys.argv[1])))
    for name, value in figures.items():
        print(f"{name:28} {value}")
    print(json.dumps(figures))


def read_records(path: Path) -> list[Record]:
    """The labelled set as it is."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measure(records: Sequence[Record], *, baseline: bool = True) -> dict[str, Any]:
    """The figures of one labelled set, `f1` first."""
    if "a" in records[0]:
        return _measure_pairs(records)
    if "articles" in records[0]:
        return _measure_stream(_roundups(records), _WEEK, baseline=baseline)
    if "cluster_2" in records[0]:
        items = _headlines(records)
        return _measure_stream(items, _WEEK, baseline=baseline) | _across_languages(items)
    items = _events(records)
    inside = mean_scores(items, _streamed(items, _WEEK))[2]
    return _measure_stream(items, None, baseline=baseline) | {"f1_window_of_seven_days": inside}


def _measure_stream(items: list[Item], window: timedelta | None, *, baseline: bool) -> dict[str, Any]:
    precision, recall, f1 = mean_scores(items, _streamed(items, window))
    figures: dict[str, Any] = {"f1": f1, "precision": precision, "recall": recall, "articles": len(items)}
    figures["f1_singletons"] = mean_scores(items, list(range(len(items))))[2]
    if baseline:
        threshold, f1 = single_pass(items, window, lambda stories: mean_scores(items, stories)[2])
        figures |= {"f1_tfidf": f1, "tfidf_threshold": threshold}
    return figures


def _measure_pairs(records: Sequence[Record]) -> dict[str, Any]:
    truth = [record["label"] == "OK" for record in records]
    pairs = [(_article(record["a"]), _article(record["b"])) for record in records]
    answers = [_streamed(pair, None) for pair in pairs]
    same = [first == second for first, second in answers]
    return {"f1": _f1(truth, same), "pairs": len(pairs), "f1_all_same": _f1(truth, [True] * len(truth))}


def _streamed(items: Sequence[Item], window: timedelta | None) -> list[int]:
    stream = Stream(window)
    return [stream.place(item) for item in items]


def _across_languages(items: list[Item]) -> dict[str, Any]:
    found = pair_f1(items, _streamed(items, _WEEK), lambda one, other: {one.lang, other.lang} == {"en", "ru"})
    return {"f1_pairs_english_russian": found}


def _f1(truth: Sequence[bool], answers: Sequence[bool]) -> float:
    hits = sum(t and a for t, a in zip(truth, answers, strict=True))
    wrong = sum(t != a for t, a in zip(truth, answers, strict=True))
    return round(2 * hits / (2 * hits + wrong), 4) if hits else 0.0


def _article(record: Record) -> Item:
    return Item(record["title"], record.get("summary") or "", record.get("text") or "")


def _events(records: Sequence[Record]) -> list[Item]:
    items = [replace(_article(r), at=_date(r), gold=(str(r["cluster"]),)) for r in records]
    return sorted(items, key=_at)


def _headlines(records: Sequence[Record]) -> list[Item]:
    """Russian headlines are dated by when they were first seen. The first poll brought a backlog of any
    day: those are undated, as in the product."""
    backlog = min((_date(r) for r in records if r["lang"] == "ru"), default=None)
    items = [
        replace(
            _article(r),
            at=_date(r),
            dated=r["lang"] != "ru" or _date(r) != backlog,
            lang=r["lang"],
            gold=(r["cluster"], r["cluster_2"]),
        )
        for r in records
    ]
    return sorted(items, key=_at)


def _roundups(records: Sequence[Record]) -> list[Item]:
    items = [
        Item(article["title"], "", article["lead"] or "", _date(record), gold=(record["event_id"],))
        for record in records
        for article in record["articles"]
    ]
    return sorted(items, key=_at)


def _date(record: Record) -> datetime:
    return datetime.fromisoformat(record["date"])


def _at(item: Item) -> datetime:
    assert item.at is not None
    return item.at


if __name__ == "__main__":
    main()
