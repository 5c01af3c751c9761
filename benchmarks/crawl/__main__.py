"""`python -m benchmarks.crawl`: ratios as a table, and everything as one JSON line at the end.

Each subject runs in a process of its own against a server in another; CPU is the subject's, workers
included, but not what starting costs. `--quick` takes a few minutes, `--crawls 500` is the memory run of
the acceptance. reader is taken from `--reader-python PATH` (an environment with lemon24's reader in it) or
this one, else left out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.crawl.subjects import Measured, Plan

Figures = dict[str, Any]


@contextmanager
def server() -> Iterator[int]:
    """The port of a running feed server."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.crawl.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.communicate()


def measure(subject: str, plan: Plan, *, python: str = sys.executable) -> list[Measured]:
    """Run one subject against a fresh server; one Measured per step, the first poll first."""
    with server() as port, tempfile.TemporaryFile("w+") as log:
        arguments = [python, "-m", "benchmarks.crawl.subjects", subject, str(port), json.dumps(vars(plan))]
        done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=log, check=False, text=True)
        if done.returncode:
            log.seek(0)
            raise SystemExit(f"{subject} failed:\n{log.read()[-2000:]}")
        output = done.stdout
    return [Measured(**json.loads(line)) for line in output.splitlines()]


def per_poll(step: Measured) -> float:
    """Milliseconds of CPU."""
    return step.cpu / step.polls * 1000


def not_modified(subjects: dict[str, str], *, quick: bool) -> Iterator[Figures]:
    """304s: few and many feeds per crawl, kept and new connections."""
    for kind in ("keep", "close"):
        for feeds, rounds in ((20, 25), (300 if quick else 1000, 2)):
            plan = Plan(feeds, feeds, ((None, 1), (None, rounds)), kind)
            steps = {name: measure(name, plan, python=python)[-1] for name, python in subjects.items()}
            connection = "new connection" if kind == "close" else "keep-alive"
            yield {"scenario": f"304, {feeds} feeds a crawl, {connection}", **compared(steps)}


def bodies(subjects: dict[str, str], *, quick: bool) -> Iterator[Figures]:
    """First polls, and changed bodies of 50 entries with 0, 1 and 3 new ones, the median of three."""
    feeds = 40 if quick else 100
    plan = Plan(feeds, feeds, ((None, 1), *((new, 1) for new in (0, 1, 3) for _ in range(3))))
    results = {name: measure(name, plan, python=python) for name, python in subjects.items()}
    places = {"first poll": (0, 1), "0 of 50 new": (2, 5), "1 of 50 new": (5, 8), "3 of 50 new": (8, 11)}
    for label, (start, end) in places.items():
        yield {
            "scenario": f"200, {label}",
            **compared({name: middle(steps[start:end]) for name, steps in results.items()}),
        }


def middle(steps: Sequence[Measured]) -> Measured:
    """The step that is dearer than one half of them."""
    return sorted(steps, key=per_poll)[len(steps) // 2]


def compared(steps: dict[str, Measured]) -> Figures:
    """CPU per poll of each subject, and how many times ours the others take."""
    ours = steps["hotline"]
    figures: Figures = {"polls_per_s": round(ours.polls / ours.wall, 1)}
    for name, step in steps.items():
        figures[f"{name}_ms"] = round(per_poll(step), 3)
        if name != "hotline":
            figures[f"{name}_ratio"] = round(per_poll(step) / per_poll(ours), 1)
    return figures


def many_hosts(*, quick: bool) -> Figures:
    """5,000 feeds on 2,000 hosts: a first poll and a warm one."""
    feeds, hosts = (1000, 400) if quick else (5000, 2000)
    first, warm = measure("hotline", Plan(feeds, hosts, ((None, 1),)))
    return {
        "scenario": f"{feeds} feeds on {hosts} hosts",
        "first_polls_per_s": round(first.polls / first.wall, 1),
        "polls_per_s": round(warm.polls / warm.wall, 1),
        "hotline_ms": round(per_poll(warm), 3),
        "memory_mb": round(warm.memory_mb, 1),
    }


def memory(crawls: int) -> Figures:
    """Resident memory over many crawls of eight feeds."""
    tenth = max(1, crawls // 10)
    steps = measure("hotline", Plan(8, 8, tuple((None, tenth) for _ in range(10))))
    return {
        "scenario": f"memory over {tenth * 10} crawls of 8 feeds",
        "memory_mb": [round(step.memory_mb, 1) for step in steps[1:]],
        "cpu_ms_per_crawl": round(steps[-1].cpu / tenth * 1000, 1),
    }


def reader_python(named: str) -> str:
    """An interpreter that has lemon24's reader; empty when there is none."""
    for python in filter(None, (named, sys.executable)):
        probe = [python, "-c", "import reader; assert hasattr(reader, 'make_reader')"]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return python
    return ""


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--crawls", type=int, default=50)
    parser.add_argument("--reader-python", default="")
    options = parser.parse_args()
    subjects = {"hotline": sys.executable, "scrapy": sys.executable}
    python = reader_python(options.reader_python)
    if python:
        subjects["reader"] = python
    else:
        print("reader is not installed (pip install reader sgmllib3k); measured without it")
    results: list[Figures] = []
    for figures in _all(subjects, quick=options.quick, crawls=options.crawls):
        print("  ".join(f"{name}={value}" for name, value in figures.items()), flush=True)
        results.append(figures)
    print(json.dumps({"benchmark": "crawl", "results": results}))


def _all(subjects: dict[str, str], *, quick: bool, crawls: int) -> Iterator[Figures]:
    yield from not_modified(subjects, quick=quick)
    yield from bodies(subjects, quick=quick)
    yield many_hosts(quick=quick)
    yield memory(crawls)


if __name__ == "__main__":
    main()
