"""The same question about copies, asked of datasketch in memory: `python -m benchmarks.corpus.rival N`."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH

from benchmarks.corpus.asking import resident
from benchmarks.corpus.newsroom import WORDS, Newsroom


def measure(articles: int) -> dict[str, Any]:
    """Cost of a look-up and memory, with `articles` in the index."""
    newsroom = Newsroom()
    before = resident()
    index = MinHashLSH(threshold=0.3, num_perm=128)
    scheme = MinHash(num_perm=128).scheme
    generator = np.random.default_rng(1)
    with index.insertion_session() as session:
        for number in range(articles):
            hashes = generator.integers(0, 2**32, 128, dtype=np.uint64)
            session.insert(number, MinHash(num_perm=128, hashvalues=hashes, scheme=scheme))
    costs = sorted(_ask(index, newsroom.words(WORDS)) for _ in range(200))
    return {
        "articles": articles,
        "lookup_ms": {"median": round(costs[100], 3), "p99": round(costs[197], 3)},
        "bytes_per_article": round((resident() - before) * 2**20 / articles),
    }


def _ask(index: MinHashLSH, words: list[str]) -> float:
    began = time.process_time()
    sketch = MinHash(num_perm=128)
    sketch.update_batch([" ".join(words[n : n + 8]).encode() for n in range(len(words) - 7)])
    index.query(sketch)
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
