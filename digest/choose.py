"""Which articles go to which reader: a pure decision, with a state for every single article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from digest import ranking
from digest.config import DigestConfig
from digest.stories import DigestArticle, DigestStory, StoryUpdate
from digest.view import DigestView
from storage.ledger import LedgerState, ToldStory, UntoldArticle

Novelty = Callable[[Sequence[str], Sequence[str]], tuple[str, ...]]
"""What later texts say that earlier ones did not: numbers, names, quotes; empty when nothing counts."""

FRESH = timedelta(hours=24)  # of a feed's first poll only what is this young is news
_COPY_PENALTY = 50  # an original speaks before its copies
_MOST_TERMS = 40  # marked in the excerpt; the mail lists fewer


class _Filed(Protocol):
    """What a digest's filter looks at."""

    @property
    def score(self) -> int: ...
    @property
    def language(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def subtopics(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class ReaderState:
    """What the database knows about one reader of one digest: what she was not told, the stories of
    those articles that she has (from this digest, or from any where she wants nothing twice), the
    articles that another digest brought her, and the alerts she got."""

    untold: Sequence[UntoldArticle]
    told: Mapping[int, ToldStory] = field(default_factory=dict)
    elsewhere: Collection[int] = frozenset()
    alerted: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """The stories to print, and the state of every article that will not be among them."""

    stories: tuple[DigestStory, ...]
    states: Mapping[int, LedgerState]

    def count(self, state: LedgerState) -> int:
        """How many articles ended in `state`."""
        return sum(each is state for each in self.states.values())


def choose(state: ReaderState, digest: DigestConfig, novelty: Novelty) -> Choice:
    """Decide about every untold article: into a story to print, or why not.

    A story that the reader has comes again only when `novelty` finds something in its new articles;
    copies of told texts do not count.
    """
    states: dict[int, LedgerState] = {}
    groups: dict[int, list[UntoldArticle]] = defaultdict(list)
    for article in state.untold:
        refused = _refusal(article, digest, state)
        if refused:
            states[article.id] = refused
        else:
            groups[story_key(article)].append(article)
    stories = []
    for key, articles in groups.items():
        told = state.told.get(key)
        new = _whats_new(told, articles, novelty) if told else ()
        if told and not new:
            seen_here = told.digest == digest.name
            unprinted = LedgerState.NOTHING_NEW if seen_here else LedgerState.ELSEWHERE
            states |= dict.fromkeys((article.id for article in articles), unprinted)
            continue
        update = StoryUpdate(told.told_at, new) if told else None
        stories.append(_story(key, articles, update, state.alerted.get(key)))
    return Choice(tuple(stories), states)


def story_key(article: UntoldArticle) -> int:
    """The story's id, or one of its own for an article without a story."""
    return -article.id if article.story_id is None else article.story_id


def accounted(choice: Choice, view: DigestView, digest: DigestConfig) -> dict[int, LedgerState]:
    """Return the state of every article once the issue is composed: printed, folded, not fitting."""
    states = dict(choice.states)
    printed = frozenset(view.printed)
    for story in choice.stories:
        speaker = ranking.representative(story, languages=digest.languages)
        for article in story.articles:
            if story.id not in printed:
                states[article.id] = LedgerState.NOT_FITTING
            else:
                states[article.id] = LedgerState.PRINTED if article is speaker else LedgerState.FOLDED
    return states


def wanted(article: _Filed, digest: DigestConfig) -> bool:
    """True when language, outlet and subtopic are those that the digest wants; the score apart."""
    return (
        (not digest.languages or article.language in digest.languages)
        and (not digest.subtopics or not set(digest.subtopics).isdisjoint(article.subtopics))
        and digest.outlets.allow(country=article.country, kind=article.kind)
    )


def _refusal(article: UntoldArticle, digest: DigestConfig, state: ReaderState) -> LedgerState | None:
    if article.backfill or (article.baseline and not _is_fresh(article)):
        return LedgerState.BACKLOG
    if not wanted(article, digest):
        return LedgerState.EXCLUDED
    if article.score < digest.min_score:
        return LedgerState.BELOW
    return LedgerState.ELSEWHERE if article.id in state.elsewhere else None


def _is_fresh(article: UntoldArticle) -> bool:
    return article.published_at is not None and article.published_at >= article.first_seen_at - FRESH


def _whats_new(told: ToldStory, articles: Iterable[UntoldArticle], novelty: Novelty) -> tuple[str, ...]:
    own = ["\n".join(filter(None, (article.title, article.summary, article.text))) for article in articles]
    return novelty(told.texts, own)


def _story(
    key: int, articles: Sequence[UntoldArticle], update: StoryUpdate | None, alerted_at: datetime | None
) -> DigestStory:
    began = [article.story_first_seen_at or article.first_seen_at for article in articles]
    return DigestStory(
        id=key,
        articles=tuple(_article(article) for article in articles),
        first_seen=min(began),
        update=update,
        alerted_at=alerted_at,
    )


def _article(article: UntoldArticle) -> DigestArticle:
    return DigestArticle(
        id=article.id,
        url=article.url,
        title=article.title,
        outlet=article.outlet,
        language=article.language,
        at=article.published_at or article.first_seen_at,
        score=article.score,
        country=article.country,
        kind=article.kind,
        priority=article.priority + (_COPY_PENALTY if article.copy_of else 0),
        summary=article.summary,
        text=article.text,
        terms=_terms(article.hits),
        subtopics=tuple(article.subtopics),
        copy_of=article.copy_of,
    )


def _terms(hits: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The words as found, each once, in reading order."""
    found: dict[str, str] = {}
    for hit in hits:
        found.setdefault(str(hit["found"]).casefold(), str(hit["found"]))
    return tuple(found.values())[:_MOST_TERMS]
