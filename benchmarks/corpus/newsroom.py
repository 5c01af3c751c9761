"""Texts, terms and fingerprints of a newsroom without end, the same ones in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from storage.corpus.stories import term_key
from storage.corpus.terms import LEAD_WORDS, terms_of

WORDS = 500
_PRINTS = 13
_TERMS = 70
_VOCABULARY = 30_000
_SMALL = "the of and to in that for on with by at from was be are и в на с что не по о из для за от к его как"
_SMALL_WORDS = _SMALL.split()
_SHARE_OF_SMALL = 0.5  # so that an article has 67 terms; recorded ones have 66


@dataclass(frozen=True, slots=True)
class Asked:
    """An article that the corpus does not know, and the one that it copies, if it does."""

    number: int
    title: str
    text: str
    copies: int | None


class Newsroom:
    """Texts of words as common as in a language (Zipf)."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        self._numbers = np.random.default_rng(7)
        self._words = [f"слово{n}" if n % 3 else f"word{n}" for n in range(_VOCABULARY)]
        weights = 1 / np.arange(10, _VOCABULARY + 10)
        self._shares = np.cumsum(weights / weights.sum())
        self._keys: dict[int, int] = {}
        self.texts: dict[int, list[str]] = {}

    def words(self, count: int) -> list[str]:
        """Random words, among them those that say nothing."""
        small = self._numbers.random(count) < _SHARE_OF_SMALL
        which = self._numbers.integers(0, len(_SMALL_WORDS), count)
        return [
            _SMALL_WORDS[n] if is_small else self._words[rank]
            for is_small, n, rank in zip(small, which, self._ranks(count), strict=True)
        ]

    def vocabulary(self) -> Iterator[str]:
        """Texts that have every word once: what a day of ten thousand articles makes known."""
        for first in range(0, _VOCABULARY, LEAD_WORDS):
            yield " ".join(self._words[first : first + LEAD_WORDS])

    def terms(self) -> list[int]:
        """The terms of an article, the rarest first."""
        return [self._key(rank) for rank in dict.fromkeys(np.sort(self._ranks(_TERMS))[::-1].tolist())]

    def prints(self, articles: int) -> list[list[int]]:
        """For each article the fingerprints of a text that nobody copied."""
        drawn: list[list[int]] = self._numbers.integers(-(2**31), 2**31, (articles, _PRINTS)).tolist()
        return drawn

    def asked(self, count: int) -> Iterator[Asked]:
        """New articles, half of them copies of `texts`."""
        known = list(self.texts)
        for number in range(count):
            title = " ".join(self.words(9))
            if number % 2:
                yield Asked(number, title, " ".join(self.words(WORDS)), None)
            else:
                original = self._chance.choice(known)
                yield Asked(number, title, " ".join(self._edited(self.texts[original])), original)

    def _edited(self, text: list[str]) -> list[str]:
        return [f"new{n}" if self._chance.random() < 1 / 12 else word for n, word in enumerate(text)]

    def _ranks(self, count: int) -> Any:
        return np.searchsorted(self._shares, self._numbers.random(count))

    def _key(self, rank: int) -> int:
        """The term that the word of this rank becomes."""
        if rank not in self._keys:
            self._keys[rank] = term_key(next(iter(terms_of(self._words[rank])), "-"))
        return self._keys[rank]
