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

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

SHINGLE_WORDS = 8
STORED_WINDOW = 80
PROBED_WINDOW = 16
_SHORT_TEXT_PRINTS = 6  # a text shorter than a few windows is kept with about so many fingerprints
_MAX_STORED = 48  # beyond about 1,500 words a text is known by its beginning
_MAX_PROBED = 160
_MAX_CHARACTERS = 400_000  # a long book; what stands behind is not read

# Scripts written without spaces count every character as a word.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
)
_NO_WORD, _LETTER, _ALONE = 0, 1, 2
_KNOWN_CHARACTERS = 0x20000  # emoji, and ideographs above, are no words

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_POSITION_FACTORS = np.array(
    [
        0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93,
        0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3,
    ],
    dtype=np.uint64,
)  # fmt: skip

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Wording:
    """A text for comparison: how many `words` it has, and its distinct `shingles`, sorted."""

    words: int
    shingles: Hashes


@dataclass(frozen=True, slots=True)
class Signature(Wording):
    """A text that can be found: `prints` are to be stored, `probes` to be looked up (they include the
    prints). Prints are signed 32-bit, the smallest row that a database keeps well; a chance collision
    costs one comparison of texts."""

    prints: tuple[int, ...]
    probes: tuple[int, ...]


def sign(*texts: str) -> Signature:
    """Sign the parts of an article (title, summary, text), in any script; case and punctuation are
    nothing. Stable across processes and versions: prints are kept for years."""
    words = _word_hashes("\n".join(texts))
    hashes = _shingle_hashes(words)
    if not hashes.size:
        return Signature(0, hashes, (), ())
    stored = min(STORED_WINDOW, max(PROBED_WINDOW, len(hashes) // _SHORT_TEXT_PRINTS))
    return Signature(
        words=words.size,
        shingles=_distinct(hashes),
        prints=_winnow(hashes, stored, _MAX_STORED),
        probes=_winnow(hashes, PROBED_WINDOW, _MAX_PROBED),
    )


def wording(*texts: str) -> Wording:
    """What of a signature is compared."""
    words = _word_hashes("\n".join(texts))
    return Wording(words.size, _distinct(_shingle_hashes(words)))


def _word_hashes(text: str) -> Hashes:
    """One hash for every word, in order, without cutting the text into strings, which would cost
    more than all the rest.

    A polynomial over the characters, taken from running sums (Karp and Rabin 1987): what stands
    before the word is subtracted, and its place in the text divided out.
    """
    folded = text[:_MAX_CHARACTERS].casefold().encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(folded, dtype=np.uint32)
    begin, end = _words_in(_kinds().take(codes, mode="clip"))
    sums = np.zeros(codes.size + 1, dtype=np.uint64)
    np.cumsum(codes * _powers(_BASE, codes.size), out=sums[1:])
    return (sums[end] - sums[begin]) * _powers(_INVERSE, codes.size)[begin]


def _words_in(kinds: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where words begin, and where they have ended."""
    changes = np.ones(kinds.size + 1, dtype=bool)
    changes[1:-1] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == _ALONE)
    bounds = np.flatnonzero(changes)
    are_words = kinds[bounds[:-1]] != _NO_WORD
    return bounds[:-1][are_words], bounds[1:][are_words]


@cache
def _kinds() -> NDArray[np.uint8]:
    """For every character whether it belongs to a word, or is one."""
    kinds = np.array([chr(code).isalnum() for code in range(_KNOWN_CHARACTERS)], dtype=np.uint8)
    for first, last in _UNSPACED:
        kinds[first : last + 1] = _ALONE
    kinds[-1] = _NO_WORD  # stands for all that follow
    return kinds


def _powers(base: int, count: int) -> Hashes:
    """1, base, base², …"""
    return _many_powers(base, 1 << count.bit_length())[:count]


@cache
def _many_powers(base: int, count: int) -> Hashes:
    powers = np.full(count, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers, out=powers)


def _shingle_hashes(words: Hashes) -> Hashes:
    """One hash for every run of words, in order; a text shorter than one run is one shingle."""
    if not words.size:
        return words
    if words.size < SHINGLE_WORDS:
        words = np.append(words, np.zeros(SHINGLE_WORDS - words.size, dtype=np.uint64))
    return _mixed(np.correlate(words, _POSITION_FACTORS))


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _distinct(hashes: Hashes) -> Hashes:
    """Sorted, each once. (numpy.unique builds a hash table, at ten times the cost for so few.)"""
    return _changes(np.sort(hashes))


def _changes(values: Hashes) -> Hashes:
    """Each value that differs from the one before."""
    kept = np.ones(values.size, dtype=bool)
    np.not_equal(values[1:], values[:-1], out=kept[1:])
    return values[kept]


def _winnow(hashes: Hashes, window: int, limit: int) -> tuple[int, ...]:
    """The smallest hash of each window, in the order of the text, as signed 32-bit integers."""
    smallest = _changes(_window_minima(hashes, min(window, hashes.size)))
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
