"""Which story comes first, which article speaks for it, and in which section it stands.

Every order is total, so that the same data always gives the same mail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from digest.config import Order
from digest.stories import DigestArticle, DigestStory

TOP_STORIES = 3
TOP_SCORE = 80
ENGLISH = "en"


def score(story: DigestStory) -> int:
    """The best score of the story's articles."""
    return max(article.score for article in story.articles)


def outlets(story: DigestStory) -> tuple[str, ...]:
    """The names of the outlets, sorted."""
    return tuple(sorted({article.outlet for article in story.articles}))


def ranked(stories: Iterable[DigestStory], *, order: Order) -> list[DigestStory]:
    """Return the stories, most important first; ties fall to the other measures, the title, the id."""
    return sorted(stories, key=lambda story: _rank(story, order))


def _rank(story: DigestStory, order: Order) -> tuple[Any, ...]:
    measures = {
        Order.SCORE: -score(story),
        Order.OUTLETS: -len(outlets(story)),
        Order.NEWEST: -max(article.at for article in story.articles).timestamp(),
    }
    first = measures.pop(order)
    return (first, *measures.values(), min(article.title for article in story.articles), story.id)


def representative(story: DigestStory, *, languages: Sequence[str]) -> DigestArticle:
    """Return the article that is printed: the reader's first language, then one with text, then the
    outlet's priority, then the text that most outlets carry, then the earliest. Without `languages`
    English is the first.

    The earliest alone would let a comment that was written before the event speak for it.
    """
    carried = Counter(article.copy_of or article.id for article in story.articles)

    def rank(article: DigestArticle) -> tuple[Any, ...]:
        silent, priority, *rest = _outlet_rank(article)
        outlets = carried[article.copy_of or article.id]
        return (_language_rank(article, languages), silent, priority, -outlets, *rest)

    return min(story.articles, key=rank)


def english_sibling(story: DigestStory, speaker: DigestArticle) -> DigestArticle | None:
    """Return the English article to name beside a speaker in another language, if there is one."""
    if speaker.language == ENGLISH:
        return None
    english = [article for article in story.articles if article.language == ENGLISH]
    return min(english, key=_outlet_rank, default=None)


def other_outlets(story: DigestStory, speaker: DigestArticle) -> list[DigestArticle]:
    """Return the best article of each other outlet, by the outlet's priority."""
    best: dict[str, DigestArticle] = {}
    for article in sorted(story.articles, key=_outlet_rank):
        best.setdefault(article.outlet, article)
    best.pop(speaker.outlet, None)
    return list(best.values())


def shown_outlets(
    others: Sequence[DigestArticle], *, limit: int, language: str
) -> tuple[list[DigestArticle], int]:
    """Return the outlets to name and how many are not named.

    One in another language than `language` is among them where there is one; one more than `limit`
    is named rather than called "1 more".
    """
    if limit == 0 or len(others) <= limit + 1:
        return (list(others), 0) if limit else ([], len(others))
    shown = list(others[:limit])
    if all(article.language == language for article in shown):
        foreign = next((article for article in others if article.language != language), None)
        if foreign is not None:
            shown[-1] = foreign
    return shown, len(others) - len(shown)


def subtopics_of(story: DigestStory, sections: Sequence[str]) -> list[str]:
    """Return the story's subtopics among `sections`: those that most of its articles have first, then
    those that an article names first."""
    named = [
        (place, sections.index(key), key)
        for article in story.articles
        for place, key in enumerate(article.subtopics)
        if key in sections
    ]
    votes = Counter(key for _, _, key in named)
    first = {key: (place, index) for place, index, key in sorted(named, reverse=True)}
    return sorted(votes, key=lambda key: (-votes[key], first[key]))


def top_stories(stories: Sequence[DigestStory], *, sections: Sequence[str]) -> list[DigestStory]:
    """Return up to three leading stories of a ranked list, at most one of a subtopic."""
    chosen: list[DigestStory] = []
    taken: set[str] = set()
    for story in stories:
        section = (subtopics_of(story, sections) or [""])[0]
        has_text = any(article.text or article.summary for article in story.articles)
        if section in taken or not has_text or score(story) < TOP_SCORE:
            continue
        taken.add(section)
        chosen.append(story)
        if len(chosen) == TOP_STORIES:
            break
    return chosen


def _language_rank(article: DigestArticle, languages: Sequence[str]) -> int:
    if not languages:
        return int(article.language != ENGLISH)
    return languages.index(article.language) if article.language in languages else len(languages)


def _outlet_rank(article: DigestArticle) -> tuple[Any, ...]:
    return (not (article.text or article.summary), article.priority, article.at, article.outlet, article.id)
