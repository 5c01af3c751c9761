"""How well copies are recognised: `python -m benchmarks.near_duplicates FILE.jsonl`.

Every pair goes the way of the product: one text is known by its stored fingerprints among all others
of the file, the other asks for candidates and is compared with them. The last line is JSON.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from datasketch import MinHash, MinHashLSH

from storage.corpus.copies import copy_of
from storage.corpus.signature import Signature, sign

Pair = dict[str, Any]
Test = Callable[[Pair], bool]
_SUBSETS: dict[str, Test] = {
    "clear": lambda pair: pair["confidence"] == "clear",
    "all": lambda pair: True,
    "different_titles": lambda pair: pair["a"]["title"] != pair["b"]["title"],
}


def main() -> None:
    """Print a table and, as the last line, the figures as JSON."""
    pairs = read_pairs(Path(sys.argv[1]))
    full = [(signed(pair["a"]), signed(pair["b"])) for pair in pairs]
    lead = [(_lead_signed(pair["a"]), _lead_signed(pair["b"])) for pair in pairs]
    figures: dict[str, Any] = {}
    for name, value in scores(pairs, recognised(full)).items():
        figures[f"f1_{name}"] = value
    for name, value in scores(pairs, recognised(lead)).items():
        figures[f"f1_{name}_title_and_summary"] = value
    threshold, found = datasketch_best(pairs, full)
    figures["datasketch_threshold"] = threshold
    for name, value in scores(pairs, found).items():
        figures[f"f1_{name}_datasketch"] = value
    partial = [hit for pair, hit in zip(pairs, recognised(full), strict=True) if pair["label"] == "partial"]
    figures["partial_recognised"] = round(sum(partial) / len(partial), 4) if partial else None
    figures["pairs"] = len(pairs)
    for name, value in figures.items():
        print(f"{name:40} {value}")
    print(json.dumps(figures))


def read_pairs(path: Path) -> list[Pair]:
    """The pairs that can be scored: a URL whose text was replaced says nothing of copies."""
    with path.open(encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    return [pair for pair in pairs if pair["label"] in {"dup", "not_dup", "partial"}]


def recognised(pairs: list[tuple[Signature, Signature]]) -> list[bool]:
    """Whether the second text of each pair is told to be a copy of the first, all first ones known."""
    postings: dict[int, list[int]] = defaultdict(list)
    for number, (known, _) in enumerate(pairs):
        for print_ in known.prints:
            postings[print_].append(number)
    answers = []
    for number, (known, new) in enumerate(pairs):
        is_candidate = any(number in postings[probe] for probe in new.probes)
        answers.append(is_candidate and copy_of(new, [(number, known)]) is not None)
    return answers


def datasketch_best(pairs: list[Pair], texts: list[tuple[Signature, Signature]]) -> tuple[float, list[bool]]:
    """datasketch's MinHashLSH over the same shingles, at the threshold that serves `all` best."""
    sketches = [(_sketch(known), _sketch(new)) for known, new in texts]
    attempts = [(step / 20, _datasketch(sketches, step / 20)) for step in range(2, 17)]
    return max(attempts, key=lambda attempt: scores(pairs, attempt[1])["all"])


def _datasketch(sketches: list[tuple[MinHash, MinHash]], threshold: float) -> list[bool]:
    index = MinHashLSH(threshold=threshold, num_perm=128)
    for number, (known, _) in enumerate(sketches):
        index.insert(number, known)
    return [number in index.query(new) for number, (_, new) in enumerate(sketches)]


def scores(pairs: list[Pair], answers: Iterable[bool]) -> dict[str, float]:
    """F1 of "dup" against "not_dup", for each subset of the pairs."""
    judged = [(pair, hit) for pair, hit in zip(pairs, answers, strict=True) if pair["label"] != "partial"]
    return {
        name: _f1([(pair["label"] == "dup", hit) for pair, hit in judged if test(pair)])
        for name, test in _SUBSETS.items()
    }


def _f1(outcomes: list[tuple[bool, bool]]) -> float:
    hits = sum(truth and hit for truth, hit in outcomes)
    wrong = sum(truth != hit for truth, hit in outcomes)
    return round(2 * hits / (2 * hits + wrong), 4) if hits else 0.0


def signed(document: dict[str, Any]) -> Signature:
    """Title, summary and text as given."""
    return sign(document["title"], document.get("summary") or "", document.get("text") or "")


def _lead_signed(document: dict[str, Any]) -> Signature:
    return sign(document["title"], document.get("summary") or "")


def _sketch(signature: Signature) -> MinHash:
    sketch = MinHash(num_perm=128)
    sketch.update_batch([int(shingle).to_bytes(8, "little") for shingle in signature.shingles])
    return sketch


if __name__ == "__main__":
    main()
