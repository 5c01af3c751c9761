"""The process that asks: what is this article? `python -m benchmarks.corpus.asking QUESTIONS.json`.

It knows the database's address and the questions, and prints what the answers cost as JSON: first as
after a start, with dictionaries to load and every word new, then as after a day, with the words known. The
memory of all that is counted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from benchmarks.corpus.databases import insert_rows
from benchmarks.corpus.filling import END, article
from benchmarks.corpus.newsroom import Asked, Newsroom
from storage.config import StorageConfig
from storage.corpus.copies import copy_of
from storage.corpus.fingerprints import candidates
from storage.corpus.reading import texts_of
from storage.corpus.signature import sign, wording
from storage.corpus.store import place
from storage.corpus.stories import decide, profile_of, term_key
from storage.corpus.story_index import neighbourhood, window_of
from storage.corpus.terms import terms_of
from storage.engine import make_engine, reading, writing
from storage.tables.core import ARTICLE, ARTICLE_TEXT

_NEW = 100_000_000  # numbers of the articles asked: above all that the corpus has
_POLL = 50
_BEFORE_THE_HOUR = timedelta(minutes=45)  # so that the window moves on while articles are placed


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of which database."""

    url: str
    asked: tuple[Asked, ...]

    def save(self, path: Path) -> None:
        """Write them for `load`."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def load(path: Path) -> Questions:
    """Read what `save` wrote."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Questions(data["url"], tuple(Asked(**row) for row in data["asked"]))


def ask(questions: Questions) -> dict[str, Any]:
    """The figures of one database."""
    half = len(questions.asked) // 2
    asked, vocabulary = questions.asked[half:], list(Newsroom().vocabulary())
    before = resident()
    engine = make_engine(StorageConfig(url=questions.url))
    with reading(engine) as connection:
        first, _, _ = _timed(lambda one: what_is(connection, one), questions.asked[:half])
        for words in vocabulary:
            terms_of("", "", words)
        cpu, clock, found = _timed(lambda one: what_is(connection, one), asked)
    grown = resident() - before
    right = [hit == one.copies for hit, one in zip(found, asked, strict=True)]
    copies = [cost for cost, one in zip(cpu, asked, strict=True) if one.copies]
    others = [cost for cost, one in zip(cpu, asked, strict=True) if not one.copies]
    return {
        "lookup_ms": _summary(cpu),
        "lookup_after_start_ms": _summary(first),
        "lookup_of_copies_ms": _summary(copies),
        "lookup_of_others_ms": _summary(others),
        "lookup_clock_ms": _summary(clock),
        "answers_right": sum(right) / len(right),
        "memory_growth_mb": round(grown, 1),
        **_placing(engine, asked),
    }


def what_is(connection: Connection, asked: Asked) -> int | None:
    """The whole answer without writing it down: copy and story."""
    signature = sign(asked.title, "", asked.text)
    likely = candidates(connection, 0, signature).article_ids
    known = ((id_, wording(*parts)) for id_, parts in texts_of(connection, likely).items())
    copy = copy_of(signature, known)
    terms = {term_key(name): term for name, term in terms_of(asked.title, "", asked.text).items()}
    window = window_of(connection, terms)
    profile = profile_of(0, END, terms, window.common)
    near = neighbourhood(connection, profile, window)
    decide(profile, near.profiles, near.sizes)
    return copy.of if copy else None


def _placing(engine: Any, asked: Sequence[Asked]) -> dict[str, Any]:
    """Each alone, then in polls of fifty. Nothing is kept. The window moves on by an hour meanwhile."""
    with writing(engine) as connection:
        ids = _stored(connection, asked)
        later = iter(range(len(ids)))

        def place_one(id_: int) -> None:
            place(connection, [id_], now=END + _BEFORE_THE_HOUR + timedelta(seconds=8.64 * next(later)))

        cpu, clock, _ = _timed(place_one, ids)
        connection.rollback()
    with writing(engine) as connection:
        ids = _stored(connection, asked)
        polls = [ids[n : n + _POLL] for n in range(0, len(ids), _POLL)]
        each, _, _ = _timed(lambda poll: place(connection, poll, now=END), polls)
        connection.rollback()
    return {
        "place_ms": _summary(cpu),
        "place_clock_ms": _summary(clock),
        "place_in_polls_of_50_ms": round(sum(each) / len(ids), 3),
    }


def _stored(connection: Connection, asked: Sequence[Asked]) -> list[int]:
    """The articles stored, as a poll does before it places them."""
    ids = [_NEW + one.number for one in asked]
    rows = [article(id_) | {"title": one.title} for id_, one in zip(ids, asked, strict=True)]
    insert_rows(connection, ARTICLE, rows)
    texts = [{"article_id": id_, "text": one.text} for id_, one in zip(ids, asked, strict=True)]
    connection.execute(insert(ARTICLE_TEXT), texts)
    return ids


def _timed(run: Callable[[Any], Any], over: Sequence[Any]) -> tuple[list[float], list[float], list[Any]]:
    """CPU milliseconds of this process, those on the clock, and the answers."""
    cpu, clock, answers = [], [], []
    for one in over:
        worked, began = time.process_time(), time.perf_counter()
        answers.append(run(one))
        clock.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return cpu, clock, answers


def _summary(costs: list[float]) -> dict[str, float]:
    ordered = sorted(costs)
    return {
        "median": round(ordered[len(ordered) // 2], 3),
        "mean": round(sum(ordered) / len(ordered), 3),
        "p99": round(ordered[int(len(ordered) * 0.99)], 3),
    }


def resident() -> float:
    """Megabytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    print(json.dumps(ask(load(Path(sys.argv[1])))))
