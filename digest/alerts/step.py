"""The tick of one alert rule: look at what came in, raise what is urgent, release what was held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from digest.alerts.config import AlertConfig
from digest.alerts.messages import alert_message
from digest.alerts.rules import (
    FRESH,
    Alarm,
    Novelty,
    Told,
    UrgentStory,
    counts,
    decide,
    eligible,
    find_urgent,
    text_of,
)
from digest.alerts.view import single_view, summary_view
from digest.config import MailConfig, Outlets
from digest.novelty import new_material
from storage import alerts
from storage.alerts import RaisedAlert
from storage.engine import reading, writing
from storage.ledger import UntoldArticle, matched_articles
from topics.document import Document
from topics.search import Query

USUAL = timedelta(days=14)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A rule made ready: its configuration, its compiled query (None: all of the topic), the sender."""

    config: AlertConfig
    mail: MailConfig
    query: Query | None = None

    def matches(self, article: UntoldArticle) -> bool:
        """Say whether the rule's query holds for an article."""
        return self.query is None or self.query.matches(
            Document(
                title=article.title,
                summary=article.summary,
                text=article.text,
                lang=article.language,
                url=article.url,
                feed=article.outlet,
                country=article.country,
                kind=article.kind,
            )
        )


class AlertStep:
    """Watches one rule. It remembers the last article it looked at, only to spare itself the work:
    what was raised stands in the database."""

    def __init__(self, engine: Engine, rule: AlertRule, *, novelty: Novelty = new_material) -> None:
        self._engine = engine
        self._rule = rule
        self._novelty = novelty
        self._looked_at: datetime | None = None
        self._usual_at: datetime | None = None
        self._usual_count = 0.0

    @property
    def name(self) -> str:
        """The rule's name."""
        return self._rule.config.name

    def run(self, now: datetime) -> int:
        """Raise what is urgent at `now` and release what was held; how many messages were queued.

        Every alert and its message are one transaction, so a crash raises it once or not yet.
        Raises StorageError.
        """
        return self._raise_new(now) + self._release(now)

    def _raise_new(self, now: datetime) -> int:
        config = self._rule.config
        with reading(self._engine) as connection:
            latest = alerts.latest_decision(connection, topic=config.topic)
            if latest is None or latest == self._looked_at:
                return 0
            pool = matched_articles(connection, topic=config.topic, since=now - FRESH - config.within)
            alarms = self._decide(connection, pool, now)
        queued = sum(self._raise(alarm, now) for alarm in alarms)
        self._looked_at = latest
        return queued

    def _decide(self, connection: Connection, pool: Sequence[UntoldArticle], now: datetime) -> list[Alarm]:
        config = self._rule.config
        fresh = [each for each in pool if eligible(each, config, matches=self._rule.matches, now=now)]
        urgent = find_urgent(config, fresh, usual=self._usual(connection, now))
        if not urgent:
            return []
        return decide(
            config,
            urgent,
            told=_told(connection, config.name, urgent, pool),
            recent=alerts.alerted_since(connection, rule=config.name, since=now - _HOUR),
            novelty=self._novelty,
            now=now,
        )

    def _usual(self, connection: Connection, now: datetime) -> float:
        """How many articles of the rule's kind a span had on average; looked up once an hour."""
        config = self._rule.config
        if config.burst is None:
            return 0.0
        if self._usual_at is None or now - self._usual_at >= _HOUR:
            until = now - config.within
            self._usual_count = self._count(connection, until - USUAL, until) / (USUAL / config.within)
            self._usual_at = now
        return self._usual_count

    def _count(self, connection: Connection, since: datetime, until: datetime) -> int:
        config = self._rule.config
        if self._rule.query is None and config.outlets_among == Outlets():
            return alerts.count_matched(
                connection, topic=config.topic, min_score=config.min_score, since=since, until=until
            )
        pool = matched_articles(connection, topic=config.topic, since=since)
        return sum(
            since < each.first_seen_at <= until and counts(each, config, matches=self._rule.matches)
            for each in pool
        )

    def _raise(self, alarm: Alarm, now: datetime) -> bool:
        config = self._rule.config
        key = f"alert:{config.name}:{alarm.story.story_id}:{alarm.update}:{alarm.recipient}"
        message = (
            alert_message(
                single_view(alarm, config, now=now),
                recipient=alarm.recipient,
                key=key,
                mail=self._rule.mail,
                kind="alert",
                now=now,
            )
            if alarm.held_until is None
            else None
        )
        with writing(self._engine, durable=True) as connection:
            raised = alerts.raise_alert(
                connection,
                rule=config.name,
                story_id=alarm.story.story_id,
                update_number=alarm.update,
                recipient=alarm.recipient,
                message=message,
                held_until=alarm.held_until,
                now=now,
            )
        return raised and message is not None

    def _release(self, now: datetime) -> int:
        """Send one summary per recipient once the last reason to hold is over."""
        with reading(self._engine) as connection:
            held = alerts.held_alerts(connection, rule=self._rule.config.name)
            waiting: dict[str, list[RaisedAlert]] = {}
            for alert in held:
                waiting.setdefault(alert.recipient, []).append(alert)
            due = {to: found for to, found in waiting.items() if _is_over(found, self._rule.config, now)}
            if not due:
                return 0
            first = min(alert.raised_at for found in due.values() for alert in found)
            since = first - self._rule.config.within
            pool = matched_articles(connection, topic=self._rule.config.topic, since=since)
        return sum(self._summarise(to, found, pool, now) for to, found in due.items())

    def _summarise(
        self, recipient: str, held: Sequence[RaisedAlert], pool: Sequence[UntoldArticle], now: datetime
    ) -> bool:
        config = self._rule.config
        alarms = [alarm for alert in held if (alarm := _remembered(alert, pool)) is not None]
        message = alert_message(
            summary_view(alarms, config, now=now),
            recipient=recipient,
            key=f"alerts-held:{config.name}:{held[0].id}-{held[-1].id}:{recipient}",
            mail=self._rule.mail,
            kind="alert",
            now=now,
        )
        with writing(self._engine, durable=True) as connection:
            # a story that was merged into another one since has nothing left to tell
            return alerts.release_held(connection, held, message if alarms else None, now=now)


def _told(
    connection: Connection, rule: str, urgent: Iterable[UrgentStory], pool: Sequence[UntoldArticle]
) -> dict[tuple[str, int], Told]:
    found: dict[tuple[str, int], Told] = {}
    for alert in alerts.raised_alerts(connection, rule=rule, story_ids={story.story_id for story in urgent}):
        said = tuple(
            text_of(each)
            for each in pool
            if each.story_id == alert.story_id and each.first_seen_at <= alert.raised_at
        )
        found[alert.recipient, alert.story_id] = Told(alert.update, alert.raised_at, said)
    return found


def _is_over(held: Sequence[RaisedAlert], config: AlertConfig, now: datetime) -> bool:
    if config.quiet is not None and config.quiet.until(now, config.zone) is not None:
        return False
    return all(alert.held_until is not None and alert.held_until <= now for alert in held)


def _remembered(alert: RaisedAlert, pool: Sequence[UntoldArticle]) -> Alarm | None:
    """The alarm that was held, made again from the story's articles as they are now."""
    articles = tuple(each for each in pool if each.story_id == alert.story_id)
    if not articles:
        return None
    best = sorted(articles, key=lambda each: (each.copy_of is not None, -each.score, each.id))
    time = f"alerted {alert.raised_at:%H:%M} UTC"
    return Alarm(UrgentStory(alert.story_id, tuple(best), time), alert.recipient, alert.update)
