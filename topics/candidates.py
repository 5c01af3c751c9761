"""Names that a topic does not know yet, beside those it knows: candidates for the word lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from language.sentences import sentence_spans
from topics.document import Document
from topics.matcher import Matcher

_LETTER = r"[^\W\d_a-zа-яёіїєґßàâäéèêëîïôöùûüñç]"
_NAME = re.compile(rf"{_LETTER}[\w’'-]+(?: {_LETTER}[\w’'-]+)*")
_LONGEST = 4  # words of a name
_BESIDE = 3  # known names that are told for each candidate
_READ = 4_000  # characters of a text: who matters is named early


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name in `articles` articles, with the known names that stand in its sentences most often."""

    name: str
    articles: int
    beside: tuple[str, ...]


def candidates(documents: Iterable[Document], matcher: Matcher, *, at_least: int = 3) -> list[Candidate]:
    """Names no list holds, from sentences that hold a known one; those in most articles first.

    A name is a run of capitalised words that does not begin its sentence. It must occur in
    `at_least` of the documents.
    """
    articles: Counter[str] = Counter()
    beside: dict[str, Counter[str]] = {}
    for document in documents:
        found = _names(document, matcher)
        articles.update(list(found))
        for name, known in found.items():
            beside.setdefault(name, Counter()).update(known)
    return [
        Candidate(name, count, tuple(known for known, _ in beside[name].most_common(_BESIDE)))
        for name, count in sorted(articles.items(), key=lambda item: (-item[1], item[0]))
        if count >= at_least
    ]


def _names(document: Document, matcher: Matcher) -> dict[str, set[str]]:
    """Each unknown name of one article with the known terms in the same sentences."""
    found: dict[str, set[str]] = {}
    for text in (document.title, document.summary, document.text[:_READ]):
        known = matcher.known(text)
        for start, end in sentence_spans(text):
            terms = {term for at, _, term in known if start <= at < end and term[0].isupper()}
            if not terms:
                continue
            for name in _NAME.finditer(text, start, end):
                if name.start() > start and _is_new(name, known):
                    found.setdefault(name[0], set()).update(terms)
    return found


def _is_new(name: re.Match[str], known: list[tuple[int, int, str]]) -> bool:
    if name[0].count(" ") >= _LONGEST:
        return False
    return not any(start < name.end() and name.start() < end for start, end, _ in known)
