"""What a text looks like to the corpus: hashed word sequences, and a few of them as fingerprints.

Texts are compared by their shingles (runs of eight words; Broder 1997, "On the resemblance and
containment of documents"). Eight, because market and weather reports repeat a form with other
figures: shorter runs take them for copies.

Fingerprints are chosen by winnowing (Schleimer, Wilkerson, Aiken 2003): the smallest hash of every
window of `w` shingles. Two texts that share a run of `w` + 7 words share at least one, wherever it
stands, so a cut is found in the wire it was taken from, which MinHash bands over whole texts cannot
promise. What a narrower window chooses includes what a wider one does, so few fingerprints are stored
and many are looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

SHINGLE_WORDS = 8
STORED_WINDOW = 80
PROBED_WINDOW = 16
_SHORT_TEXT_PRINTS = 6  # a text shorter than a few windows is kept with about so many fingerprints
_MAX_STORED = 48  # beyond about 1,500 words a text is known by its beginning
_MAX_PROBED = 160

# Scripts written without spaces count every character as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_POSITION_FACTORS = np.array(
    [
        0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93,
        0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3,
    ],
    dtype=np.uint64,
)  # fmt: skip

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Signature:
    """`shingles` are sorted and distinct; `prints` are to be stored, `probes` to be looked up (they
    include the prints). Prints are signed 32-bit, the smallest row that a database keeps well; a
    chance collision costs one comparison of texts. `words` counts the words signed."""

    words: int
    shingles: Hashes
    prints: tuple[int, ...]
    probes: tuple[int, ...]


def sign(*texts: str) -> Signature:
    """Sign the parts of an article (title, summary, text), in any script; case and punctuation are
    nothing. Stable across processes and versions: prints are kept for years."""
    words = [word for text in texts for word in _WORD.findall(text.casefold())]
    hashes = _shingle_hashes(words)
    if not hashes.size:
        return Signature(len(words), hashes, (), ())
    stored = min(STORED_WINDOW, max(PROBED_WINDOW, len(hashes) // _SHORT_TEXT_PRINTS))
    return Signature(
        words=len(words),
        shingles=np.unique(hashes),
        prints=_winnow(hashes, stored, _MAX_STORED),
        probes=_winnow(hashes, PROBED_WINDOW, _MAX_PROBED),
    )


def _shingle_hashes(words: list[str]) -> Hashes:
    """One hash for every run of words, in order; a text shorter than one run is one shingle."""
    if not words:
        return np.empty(0, dtype=np.uint64)
    padded = words + [""] * (SHINGLE_WORDS - len(words))
    hashed = np.fromiter(map(_word_hash, padded), dtype=np.uint64, count=len(padded))
    count = len(padded) - SHINGLE_WORDS + 1
    runs = np.zeros(count, dtype=np.uint64)
    for position, factor in enumerate(_POSITION_FACTORS):
        runs += hashed[position : position + count] * factor
    return _mixed(runs)


@lru_cache(maxsize=50_000)
def _word_hash(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _winnow(hashes: Hashes, window: int, limit: int) -> tuple[int, ...]:
    """The smallest hash of each window, in the order of the text, as signed 32-bit integers."""
    smallest = _window_minima(hashes, min(window, hashes.size))
    chosen = dict.fromkeys((smallest >> np.uint64(32)).astype(np.uint32).view(np.int32).tolist())
    return tuple(chosen)[:limit]


def _window_minima(hashes: Hashes, window: int) -> Hashes:
    """The minimum of every window, by doubling: log2(window) passes over the text."""
    width = 1
    while width * 2 <= window:
        hashes = np.minimum(hashes[:-width], hashes[width:])
        width *= 2
    rest = window - width
    return np.minimum(hashes[:-rest], hashes[rest:]) if rest else hashes
