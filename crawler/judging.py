"""Asking the topic about entries and pages, and deciding whose page is wanted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.config import PagesPolicy
from crawler.ports import Judge
from storage.records import DueFeed, DuePage, Entry, JudgedEntry, PageText
from topics.document import Document, Match, Verdict

_NEWS = timedelta(hours=24)  # entries of a first poll that are older never reach a digest


@dataclass(frozen=True, slots=True)
class PageRules:
    """When the page behind an entry is wanted; a feed text below `short_text` characters is short."""

    policy: PagesPolicy
    short_text: int


def judge_entries(
    entries: tuple[Entry, ...], feed: DueFeed, *, judge: Judge, rules: PageRules, backfill: int, now: datetime
) -> tuple[JudgedEntry, ...]:
    """Judge each entry by what the feed gives; order is kept.

    Of a feed's first poll only entries that can still become news (dated within a day, or among the
    `backfill` newest) have their pages read: a thousand pages for a baseline would be no good guest.
    """
    baseline = feed.state.baseline_at is None
    judged = []
    for position, entry in enumerate(entries):
        match = _judge(_document(entry, feed), judge, rules)
        reason = _page_reason(entry, match, rules)
        if baseline and position >= backfill and not _is_recent(entry, now):
            reason = ""
        judged.append(JudgedEntry(entry, match, reason))
    return tuple(judged)


def judge_page(page: DuePage, text: PageText, *, judge: Judge) -> Match:
    """Judge an article again, with its page's text; without one, by what the feed gave."""
    return judge.match(
        Document(
            title=page.title or text.title,
            summary=page.summary,
            text=text.text or page.text,
            lang=page.language or text.language,
            url=page.url,
            author=page.author or text.author,
            feed=page.feed,
            country=page.country,
            kind=page.kind,
        )
    )


def _judge(document: Document, judge: Judge, rules: PageRules) -> Match:
    """A long feed text decides as its page would; a short one can say yes, but not no."""
    if not document.text:
        return judge.triage(document)
    match = judge.match(document)
    if match.matched or len(document.text) >= rules.short_text:
        return match
    return judge.triage(document)


def _document(entry: Entry, feed: DueFeed) -> Document:
    return Document(
        title=entry.title,
        summary=entry.summary,
        text=entry.text,
        lang=entry.language or feed.language,
        url=entry.url,
        author=entry.author,
        feed=feed.name,
        country=feed.country,
        kind=feed.kind,
    )


def _page_reason(entry: Entry, match: Match, rules: PageRules) -> str:
    if not entry.url or rules.policy is PagesPolicy.NEVER:
        return ""
    if match.verdict is Verdict.UNDECIDED:
        return "undecided"
    if rules.policy is PagesPolicy.ALWAYS:
        return "short"
    is_short = len(entry.text or entry.summary) < rules.short_text
    return "short" if match.matched and is_short else ""


def _is_recent(entry: Entry, now: datetime) -> bool:
    return entry.published_at is not None and entry.published_at > now - _NEWS
