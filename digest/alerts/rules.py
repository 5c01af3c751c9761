"""Which stories are urgent, and whom to tell now, later or not at all. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.alerts.config import AlertConfig
from language.duration import format_duration
from storage.ledger import UntoldArticle

FRESH = timedelta(hours=24)  # an article dated earlier is no news, whenever it came
LEAST_BURST = 5  # articles; three times next to nothing is nothing

Novelty = Callable[[Sequence[str], Sequence[str]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UrgentStory:
    """A story that a rule finds urgent: its articles within the span, the best first, and why."""

    story_id: int
    articles: tuple[UntoldArticle, ...]
    reason: str

    @property
    def outlets(self) -> tuple[str, ...]:
        """Who has it, each once, in the order of the articles."""
        return tuple(dict.fromkeys(article.outlet for article in self.articles))


@dataclass(frozen=True, slots=True)
class Told:
    """The last alert on a story to a recipient. `texts` are what the story said by then."""

    update: int
    at: datetime
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert to raise. `held_until`: it waits for the summary; `whats_new` is an update's news."""

    story: UrgentStory
    recipient: str
    update: int = 0
    held_until: datetime | None = None
    whats_new: tuple[str, ...] = ()


def counts(article: UntoldArticle, rule: AlertConfig, *, matches: Callable[[UntoldArticle], bool]) -> bool:
    """Say whether an article is news of the rule's kind, whenever it came; a feed's backlog is not."""
    if article.story_id is None or article.baseline or article.backfill or article.score < rule.min_score:
        return False
    return rule.outlets_among.allow(country=article.country, kind=article.kind) and matches(article)


def eligible(
    article: UntoldArticle, rule: AlertConfig, *, matches: Callable[[UntoldArticle], bool], now: datetime
) -> bool:
    """Say whether an article may raise an alert at `now`: it counts, and it is fresh."""
    if article.first_seen_at <= now - rule.within:
        return False
    if article.published_at is not None and article.published_at < now - FRESH:
        return False
    return counts(article, rule, matches=matches)


def find_urgent(rule: AlertConfig, articles: Iterable[UntoldArticle], *, usual: float) -> list[UrgentStory]:
    """Return the urgent stories among eligible `articles`, the widest spread first.

    `usual` is how many such articles a span of `rule.within` had over the last 14 days.
    """
    stories: defaultdict[int, list[UntoldArticle]] = defaultdict(list)
    for article in articles:
        if article.story_id is not None:
            stories[article.story_id].append(article)
    ranked = sorted(stories.items(), key=_spread, reverse=True)
    total = sum(map(len, stories.values()))
    found = []
    for place, (story_id, members) in enumerate(ranked):
        reason = _reason(rule, members, total=total, usual=usual, leads=place == 0)
        if reason:
            best = sorted(members, key=lambda each: (each.copy_of is not None, -each.score, each.id))
            found.append(UrgentStory(story_id, tuple(best), reason))
    return found


def decide(
    rule: AlertConfig,
    urgent: Sequence[UrgentStory],
    *,
    told: Mapping[tuple[str, int], Told],
    recent: Mapping[str, Sequence[datetime]],
    novelty: Novelty,
    now: datetime,
) -> list[Alarm]:
    """Return the alarms for `urgent` stories, one per recipient and story, in their order.

    `told` is by (recipient, story), `recent` when each recipient was alerted within the last hour.
    A story comes again only after the cooldown and with new material.
    """
    quiet_until = None if rule.quiet is None else rule.quiet.until(now, rule.zone)
    alarms = []
    for recipient in rule.to:
        raised = sorted(recent.get(recipient, ()))
        for story in urgent:
            alarm = _alarm(rule, story, recipient, told.get((recipient, story.story_id)), novelty, now)
            if alarm is None:
                continue
            held = quiet_until or _cap_until(rule, raised)
            if held is None:
                raised.append(now)
            alarms.append(Alarm(alarm.story, recipient, alarm.update, held, alarm.whats_new))
    return alarms


def _alarm(
    rule: AlertConfig, story: UrgentStory, recipient: str, told: Told | None, novelty: Novelty, now: datetime
) -> Alarm | None:
    if told is None:
        return Alarm(story, recipient)
    if now < told.at + rule.cooldown:
        return None
    later = [text_of(article) for article in story.articles if article.first_seen_at > told.at]
    whats_new = novelty(told.texts, later) if later else ()
    return Alarm(story, recipient, told.update + 1, whats_new=whats_new) if whats_new else None


def text_of(article: UntoldArticle) -> str:
    """Everything an article says."""
    return "\n".join(filter(None, (article.title, article.summary, article.text)))


def _cap_until(rule: AlertConfig, raised: Sequence[datetime]) -> datetime | None:
    if len(raised) < rule.hourly_cap:
        return None
    return raised[-rule.hourly_cap] + timedelta(hours=1)


def _spread(item: tuple[int, Sequence[UntoldArticle]]) -> tuple[int, int, int]:
    story_id, members = item
    return len({each.outlet for each in members}), max(each.score for each in members), -story_id


def _reason(
    rule: AlertConfig, members: Sequence[UntoldArticle], *, total: int, usual: float, leads: bool
) -> str:
    """Return why a story is urgent, in words, or nothing."""
    span = format_duration(rule.within)
    named = {source.casefold() for source in rule.sources}
    first = next((each.outlet for each in members if each.outlet.casefold() in named), None)
    if first is not None:
        return f"{first} has it"
    outlets = len({each.outlet for each in members})
    if rule.outlets is not None and outlets >= rule.outlets:
        return f"{outlets} outlets within {span}"
    if rule.burst is not None and leads and total >= max(LEAST_BURST, rule.burst * usual):
        return f"{total} articles within {span}, usually {usual:.1f}; this story leads"
    if rule.outlets is None and rule.burst is None and not named:
        return f"score {max(each.score for each in members)}"
    return ""
