"""Fill, ask at every power of ten, print: `python -m benchmarks.corpus --articles 1000000`.

The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from benchmarks.corpus.asking import Questions
from benchmarks.corpus.databases import DATABASES, bytes_of
from benchmarks.corpus.filling import A_DAY, fill_day, index_week, open_feed, settle
from benchmarks.corpus.newsroom import Newsroom
from storage.engine import reading

_ASKED = 400  # half of them after the start, half as after a day
_MOST_IN_MEMORY = 100_000  # datasketch takes 6 KB an article
_TABLES = ("fingerprint", "link", "story", "story_term", "story_profile")


def main() -> None:
    """Measure up to the articles wanted, on the databases wanted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    parser.add_argument("--folder", type=Path, default=None, help="where the databases are built")
    arguments = parser.parse_args()
    figures: dict[str, Any] = {}
    for name in DATABASES if arguments.database == "both" else (arguments.database,):
        with (
            tempfile.TemporaryDirectory(dir=arguments.folder) as folder,
            DATABASES[name](Path(folder)) as engine,
        ):
            figures[name] = measure(engine, arguments.articles, Path(folder))
    figures["datasketch"] = _in_another_process("rival", str(min(arguments.articles, _MOST_IN_MEMORY)))
    print(json.dumps(figures))


def measure(engine: Engine, articles: int, folder: Path) -> list[dict[str, Any]]:
    """Fill the database; ask at every power of ten on the way."""
    newsroom = Newsroom()
    open_feed(engine)
    figures: list[dict[str, Any]] = []
    filled = 0
    for size in [10**power for power in range(4, 10) if 10**power < articles] + [articles]:
        began = time.monotonic()
        for day in range(filled // A_DAY, size // A_DAY):
            fill_day(engine, newsroom, day, articles // A_DAY)
        filled = size
        index_week(engine, newsroom, size)
        settle(engine)
        spent = round(time.monotonic() - began, 1)
        figures.append({"articles": size, **_asked(engine, newsroom, folder), **_sizes(engine, size)})
        print(engine.dialect.name, figures[-1], f"filled in {spent} s", flush=True)
    return figures


def _asked(engine: Engine, newsroom: Newsroom, folder: Path) -> dict[str, Any]:
    url = engine.url.render_as_string(hide_password=False)
    path = folder / "questions.json"
    Questions(url, tuple(newsroom.asked(_ASKED))).save(path)
    return _in_another_process("asking", str(path))


def _sizes(engine: Engine, articles: int) -> dict[str, Any]:
    with reading(engine) as connection:
        sizes = bytes_of(connection, _TABLES)
    each = {name: round(size / articles, 1) for name, size in sizes.items()}
    return {"bytes_per_article": round(sum(sizes.values()) / articles, 1), "bytes_by_table": each}


def _in_another_process(module: str, argument: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.corpus.{module}", argument]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    figures: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
