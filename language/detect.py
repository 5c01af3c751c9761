"""The language of a text: by letters where the script tells, by a model among a few candidates else."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# What news about this subject is written in. A short list keeps the model from calling an English
# headline Welsh or Latin.
LATIN = ("en", "de", "fr", "es", "it", "pl", "pt", "nl", "sv", "tr", "cs", "ro", "lt", "lv", "et", "fi", "hu")
_READ = 400  # characters: enough for certainty, few enough to cost nothing
_SURE = 0.9
_ENGLISH_PRIOR = 5  # a headline of four names says little; most feeds are English
_ENGLISH_WORDS = "the of and to that is with for has by said have from it"
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_ENGLISH_ENOUGH = 4  # different ones: no other language has so many; saves asking the model
_LETTERS = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_UKRAINIAN = re.compile(r"[іїєґ]")
_OWN_LETTERS = (("be", "ў"), ("sr", "ђјљњћџ"), ("mk", "ѓѕќ"), ("kk", "әғқңөұүһ"))
_RUSSIAN = re.compile(r"[ыэёъ]")
_OTHER_LETTERS = re.compile(r"[\u0370-\u03ff\u0530-\u06ff\u10a0-\u10ff\u3040-\u9fff\uac00-\ud7af]")
_SCRIPTS = (
    ("ka", "\u10a0", "\u10ff"),
    ("hy", "\u0530", "\u058f"),
    ("el", "\u0370", "\u03ff"),
    ("he", "\u0590", "\u05ff"),
    ("ar", "\u0600", "\u06ff"),
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7af"),
    ("zh", "\u4e00", "\u9fff"),
)


def detect(text: str, *, hint: str = "") -> str:
    """Return the ISO 639-1 code of the language of `text`, or an empty string where nothing tells.

    `hint` is the language declared by the feed or page: it decides only where the text does not,
    because feeds often declare the language of their software.
    """
    head = text[:_READ]
    letters = sum(map(len, _LETTERS.findall(head)))
    declared = hint[:2].lower()
    if not letters:
        return declared
    cyrillic = len(_CYRILLIC.findall(head))
    if cyrillic * 2 > letters:
        return _cyrillic(head.lower(), declared)
    return _other_script(head, letters) or _latin(head, declared)


def _cyrillic(low: str, declared: str) -> str:
    for lang, own in _OWN_LETTERS:
        if sum(low.count(letter) for letter in own) * 60 > len(low):
            return lang
    ukrainian, russian = len(_UKRAINIAN.findall(low)), len(_RUSSIAN.findall(low))
    if ukrainian or russian:
        if "ъ" in low and not re.search("[ыэё]", low) and not ukrainian:
            return "bg" if low.count("ъ") * 80 > len(low) else "ru"
        return "uk" if ukrainian > russian else "ru"
    return declared if declared in {"ru", "uk", "be", "bg", "sr", "mk", "kk"} else "ru"


def _other_script(head: str, letters: int) -> str:
    if _OTHER_LETTERS.search(head) is None:
        return ""
    for lang, first, last in _SCRIPTS:
        if sum(first <= char <= last for char in head) * 2 > letters:
            return lang
    return ""


def _latin(head: str, declared: str) -> str:
    if len(_ENGLISH.intersection(head.lower().split())) >= _ENGLISH_ENOUGH:
        return "en"
    ranked = _identifier().rank(head)
    lang, sure = ranked[0]
    if sure >= _SURE:
        return str(lang)
    if declared in LATIN:
        return declared
    english = dict(ranked)["en"]
    return "en" if english * _ENGLISH_PRIOR >= sure else str(lang)


@cache
def _identifier() -> LanguageIdentifier:
    """The model, read once (0.6 s) and only by who needs it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LATIN)
    return identifier
