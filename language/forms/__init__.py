"""All written forms of a word or phrase, made once when a topic is compiled.

Expanding the query instead of stemming every article is four times as fast and finds more
(docs/decisions/word-forms.md).
"""

from __future__ import annotations

from functools import cache

from language.forms.english import english_forms
from language.forms.slavic import slavic_forms
from language.forms.stemmed import stemmed_forms
from language.words import fold

LANGUAGES = ("en", "ru", "uk", "de", "fr", "es")

__all__ = ["LANGUAGES", "forms"]


@cache
def forms(term: str, lang: str) -> frozenset[str]:
    """Return every form of `term`, folded (see `fold`), itself included.

    `lang` is one of LANGUAGES or empty: then the script decides, Cyrillic is inflected as Russian
    and as Ukrainian, Latin as English. A phrase is inflected as a phrase: `Белый дом` gives
    `белого дома`, never `белого дом`.
    """
    plain = fold(term).strip()
    cyrillic = any("\u0400" <= char <= "\u04ff" for char in plain)
    if not lang:
        return forms(term, "ru") | forms(term, "uk") if cyrillic else forms(term, "en")
    if lang in {"ru", "uk"}:
        return (slavic_forms(term, lang) if cyrillic else frozenset()) | {plain}
    return (english_forms(plain) if lang == "en" else stemmed_forms(plain, lang)) | {plain}
