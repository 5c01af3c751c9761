"""What reading a feed costs: the first poll, an unchanged body, no, one and three new entries.

    python -m benchmarks.parsing FOLDER

FOLDER holds recorded feeds (shared/feeds). CPU time of one process, medians over documents of ratios
to feedparser's own defaults measured in the same round. Real bodies; "new" entries are ones taken out
of the memory, so that the very same bytes are read.
"""

from __future__ import annotations

import io
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import feedparser

from crawler.reading.decode import as_utf8
from crawler.reading.delta import scan
from crawler.reading.errors import ReadError
from crawler.reading.read import read_feed
from storage.records import FeedDocument, FeedMemory

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://paper.example/feed"
ROUNDS = 3
BARS = {"unchanged body": 50, "changed, none new": 50, "one new": 7, "three new": 0, "first poll": 2}


@dataclass(frozen=True, slots=True)
class Case:
    """One body with the hashes of its entries, in order."""

    name: str
    body: bytes
    blocks: tuple[bytes, ...]
    document: FeedDocument


def read_cases(folder: Path) -> Iterator[Case]:
    """One recorded body of each series, and the single ones: those with 20 entries or more."""
    for path in sorted(folder.glob("*/*")):
        for body in _bodies(path):
            layout = scan(as_utf8(body), url=URL)
            if layout and len(layout.blocks) >= 20:
                try:
                    document = read_feed(body, url=URL, now=NOW)
                except ReadError:
                    continue
                yield Case(path.stem, body, tuple(block.hash for block in layout.blocks), document)


def _bodies(path: Path) -> Iterator[bytes]:
    if path.suffix in {".xml", ".rss"}:
        yield path.read_bytes()
    elif path.suffix == ".xz":
        with tarfile.open(path) as archive:
            files = [member for member in archive.getmembers() if member.isfile()]
            file = archive.extractfile(files[len(files) // 2])
            assert file is not None
            yield file.read()


def measure(case: Case) -> dict[str, float]:
    """CPU milliseconds of each way, and of feedparser with its defaults under ""."""
    memory = case.document.memory
    seen = frozenset(case.blocks)

    def read(known: FeedMemory) -> Callable[[], object]:
        return lambda: read_feed(case.body, url=URL, now=NOW, memory=known)

    def missing(count: int) -> FeedMemory:
        return replace(memory, body_hash=b"another", blocks=seen - set(case.blocks[:count]))

    ways: dict[str, Callable[[], object]] = {
        "": lambda: feedparser.parse(io.BytesIO(case.body)),
        "unchanged body": read(memory),
        "changed, none new": read(missing(0)),
        "one new": read(missing(1)),
        "three new": read(missing(3)),
        "first poll": read(FeedMemory()),
    }
    return {name: _cpu(way) for name, way in ways.items()}


def _cpu(way: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        way()
        times.append(time.process_time() - started)
    return 1000 * median(times)


def main(arguments: list[str]) -> int:
    """Print the table; 1 when a bar is missed."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    results = [(case, measure(case)) for case in read_cases(Path(arguments[0]))]
    size = sum(len(case.body) for case, _ in results) // len(results) // 1024
    print(f"{len(results)} feeds of 20 entries or more, {size} KB on average")
    print(f"{'feedparser':20}{median(r[''] for _, r in results):8.2f} ms")
    missed = 0
    for name, bar in BARS.items():
        times = median(result[""] / result[name] for _, result in results)
        missed += times < bar
        bar_text = f"  (bar {bar}x)" if bar else ""
        print(f"{name:20}{median(r[name] for _, r in results):8.2f} ms{times:8.1f}x{bar_text}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
