"""How much of an article the extraction finds, and how much beside it.

    python -m benchmarks.extraction FOLDER

FOLDER holds ground-truth.json and html/*.html.gz in the form of scrapinghub's
article-extraction-benchmark; scored with its measure (benchmarks.shingles). Ours stands beside every
setting that trafilatura's documentation names, comments left out in all of them.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trafilatura import extract, load_html

from benchmarks.shingles import Score, score
from crawler.reading.decode import decode
from crawler.reading.extract import article_text, extract_page
from storage.records import TextSource


@dataclass(frozen=True, slots=True)
class Page:
    """One page with the text that people found on it."""

    url: str
    body: bytes
    gold: str


@dataclass(frozen=True, slots=True)
class Row:
    """One way of extracting: its score and its CPU time per page."""

    name: str
    score: Score
    milliseconds: float


def read_pages(folder: Path) -> list[Page]:
    """Read the benchmark's pages, in its order."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    return [
        Page(
            gold["url"],
            gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()),
            gold["articleBody"],
        )
        for key, gold in truth.items()
    ]


def measure(name: str, pages: list[Page], find: Callable[[Page], str]) -> Row:
    """Run one way over all pages."""
    started = time.process_time()
    texts = [find(page) for page in pages]
    spent = time.process_time() - started
    golds = (page.gold for page in pages)
    return Row(name, score(zip(golds, texts, strict=True)), 1000 * spent / len(pages))


def ours(page: Page) -> str:
    """What Hotline takes for the article's text."""
    tree = load_html(decode(page.body, content_type="text/html"))
    return article_text(tree, url=page.url) if tree is not None else ""


def theirs(**options: bool) -> Callable[[Page], str]:
    """trafilatura with `options`, given the same decoded text."""

    def find(page: Page) -> str:
        markup = decode(page.body, content_type="text/html")
        return extract(markup, url=page.url, include_comments=False, **options) or ""  # type: ignore[arg-type]

    return find


def compare(pages: list[Page]) -> list[Row]:
    """Ours first, then trafilatura's settings."""
    return [
        measure("hotline", pages, ours),
        measure("trafilatura", pages, theirs()),
        measure("trafilatura fast", pages, theirs(fast=True)),
        measure("trafilatura precision", pages, theirs(favor_precision=True)),
        measure("trafilatura recall", pages, theirs(favor_recall=True)),
        measure("trafilatura without tables", pages, theirs(include_tables=False)),
    ]


def main(arguments: list[str]) -> int:
    """Print the table; 1 when any documented setting is better than ours."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    pages = read_pages(Path(arguments[0]))
    rows = compare(pages)
    print(f"{len(pages)} pages{'':18}precision  recall     F1   CPU ms/page")
    for row in rows:
        found = row.score
        print(
            f"{row.name:28}{found.precision:9.4f}{found.recall:8.4f}{found.f1:7.4f}{row.milliseconds:14.1f}"
        )
    walls = [
        page.url for page in pages if extract_page(page.body, url=page.url).source is not TextSource.PAGE
    ]
    print(f"{len(walls)} pages are told as paywalled or empty, and scored above by their teaser:")
    print("\n".join(f"  {url}" for url in walls))
    return int(max(row.score.f1 for row in rows[1:]) > rows[0].score.f1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
