"""German, French, Spanish: every ending that the Snowball stemmer takes off again."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snowballstemmer.basestemmer import BaseStemmer

_INFLECTED_WORDS = 2
_ENDINGS = {
    "de": ("", "e", "en", "er", "es", "em", "n", "s"),
    "fr": ("", "s", "e", "es", "ne", "nes"),
    "es": ("", "s", "es", "a", "as", "o", "os"),
}
_STEMMERS = {"de": "german", "fr": "french", "es": "spanish"}


@cache
def _stemmer(lang: str) -> BaseStemmer:
    import snowballstemmer

    return snowballstemmer.stemmer(_STEMMERS[lang])


def stemmed_forms(plain: str, lang: str) -> frozenset[str]:
    """The forms of a folded word or phrase in German, French or Spanish (`lang`); of a long phrase
    only the last words inflect."""
    words = plain.split()
    fixed = max(0, len(words) - _INFLECTED_WORDS)
    options = [[word] for word in words[:fixed]] + [_stemmed(word, lang) for word in words[fixed:]]
    return frozenset(" ".join(choice) for choice in product(*options))


def _stemmed(word: str, lang: str) -> list[str]:
    """`word` and each variant with another ending that has the same Snowball stem."""
    if len(word) < 4 or not word.isalpha():
        return [word]
    stem = _stemmer(lang).stemWord(word)
    bases = {word[: len(stem)], stem}  # as written, and without its accents
    made = {base + ending for base in bases if len(base) > 2 for ending in _ENDINGS[lang]}
    return sorted({word} | {form for form in made if _stemmer(lang).stemWord(form) == stem})
