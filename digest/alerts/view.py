"""What an alert says, made once for mail and for every other channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.alerts.config import AlertConfig
from digest.alerts.rules import Alarm
from digest.excerpt import excerpt, mark_terms
from digest.href import safe_href
from digest.view import Segment
from digest.wording import counted, language_label, moment, zone_label
from language.clean import clean_text
from storage.ledger import UntoldArticle

_EXCERPT = 300
_HEADLINE = 300
_OUTLETS = 8


@dataclass(frozen=True, slots=True)
class AlertStory:
    """One story as an alert shows it. `flag` is its language's mark, empty for English."""

    headline: str
    outlet: str
    url: str
    language: str
    flag: str
    reason: str
    at: str
    excerpt: tuple[Segment, ...]  # whole sentences, the matched terms strong
    also: tuple[str, ...]
    also_more: int
    whats_new: tuple[str, ...]
    score: int


@dataclass(frozen=True, slots=True)
class AlertView:
    """One message: a single story, or the summary of what was held back."""

    name: str
    subject: str
    heading: str
    intro: str
    stories: tuple[AlertStory, ...]
    footer: str


def single_view(alarm: Alarm, rule: AlertConfig, *, now: datetime) -> AlertView:
    """The message of one alarm."""
    story = _story(alarm, rule, now=now)
    mark = "Update" if alarm.update else "Alert"
    return AlertView(
        name=rule.name,
        subject=clean_text(f"{mark}: {story.headline}", limit=160),
        heading=mark,
        intro=f"{rule.name}: {story.reason}",
        stories=(story,),
        footer=_footer(rule),
    )


def summary_view(alarms: Sequence[Alarm], rule: AlertConfig, *, now: datetime) -> AlertView:
    """One message for all that was held back, in the order it came."""
    count = counted(len(alarms), "story", "stories")
    return AlertView(
        name=rule.name,
        subject=f"Held alerts: {count}",
        heading="Held alerts",
        intro=f"{rule.name}: {count} came in quiet hours or beyond {rule.hourly_cap} an hour.",
        stories=tuple(_story(alarm, rule, now=now) for alarm in alarms),
        footer=_footer(rule),
    )


def _story(alarm: Alarm, rule: AlertConfig, *, now: datetime) -> AlertStory:
    first, *_ = alarm.story.articles
    local = now.astimezone(rule.zone)
    also = [outlet for outlet in alarm.story.outlets if outlet != first.outlet]
    seen = (first.published_at or first.first_seen_at).astimezone(rule.zone)
    return AlertStory(
        headline=clean_text(first.title, limit=_HEADLINE) or "(no headline)",
        outlet=first.outlet,
        url=safe_href(first.url),
        language=first.language,
        flag="" if first.language in {"", "en"} else language_label(first.language),
        reason=alarm.story.reason,
        at=f"{moment(seen, now=local)} {zone_label(seen)}",
        excerpt=_excerpt(first),
        also=tuple(also[:_OUTLETS]),
        also_more=max(0, len(also) - _OUTLETS),
        whats_new=alarm.whats_new,
        score=first.score,
    )


def _excerpt(article: UntoldArticle) -> tuple[Segment, ...]:
    terms = tuple(dict.fromkeys(str(hit["found"]) for hit in article.hits))
    text = article.text or article.summary
    return mark_terms(excerpt(text, terms=terms, limit=_EXCERPT, headline=article.title), terms)


def _footer(rule: AlertConfig) -> str:
    return f"Sent by the alert “{rule.name}”. A digest tells the story as well."
