"""hotline.yaml as a whole: every room declares its part, this file puts them together."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from crawler.config import CrawlConfig, FeedConfig
from digest.alerts.config import AlertConfig, OperatorConfig
from digest.channels.config import ChannelConfig
from digest.config import DigestConfig, MailConfig
from digest.smtp_config import SmtpConfig
from hotline.yaml_tree import Path
from scheduler.config import ServiceConfig
from storage.config import StorageConfig
from topics.check import query_mistake, query_mistakes
from topics.config import TopicConfig, shipped_topics


class Config(BaseModel):
    """The configuration of one Hotline. Files named by `include` are merged before it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Hotline configuration")

    feeds: tuple[FeedConfig, ...] = Field(default=(), description="The feeds that are watched.")
    feeds_from: str = Field(
        default="", description="An OPML file with more feeds; the better place for more than 2,000."
    )
    crawl: CrawlConfig = Field(default=CrawlConfig(), description="How feeds and pages are fetched.")
    digests: tuple[DigestConfig, ...] = Field(default=(), description="Who gets which stories when.")
    mail: MailConfig = Field(default=MailConfig(), description="Who the mail is from.")
    smtp: SmtpConfig = Field(default=SmtpConfig(), description="The mail server that takes the mail.")
    channels: tuple[ChannelConfig, ...] = Field(
        default=(), description="Where alerts can go beside mail: Slack, Telegram, ntfy, a webhook …"
    )
    alerts: tuple[AlertConfig, ...] = Field(default=(), description="What is told at once, and to whom.")
    operator: OperatorConfig = Field(
        default=OperatorConfig(), description="Who is told when the service is in trouble."
    )
    topics: dict[str, TopicConfig] = Field(
        default_factory=shipped_topics, min_length=1, max_length=1, description="What to watch for."
    )
    service: ServiceConfig = Field(default=ServiceConfig(), description="The rhythm of `hotline run`.")
    storage: StorageConfig = Field(default=StorageConfig(), description="Where everything is kept.")


def contradictions(config: Config) -> Iterator[tuple[Path, str]]:
    """What is wrong between parts that are right by themselves: path of the key, and a sentence."""
    yield from _given_twice(("feeds",), "url", [feed.url for feed in config.feeds])
    if config.mail.base_url is not None and config.service.listen_at is None:
        yield ("mail", "base_url"), "its links need the listener that answers them: set service.listen"
    if not config.service.is_alone and not config.storage.url.startswith("postgresql"):
        yield ("service", "engine"), "many workers need one PostgreSQL: set storage.url"
    yield from _given_twice(("digests",), "name", [digest.name for digest in config.digests])
    yield from _mistaken_queries(config)
    yield from _given_twice(("channels",), "name", [channel.name for channel in config.channels])
    yield from _given_twice(("alerts",), "name", [alert.name for alert in config.alerts])
    yield from _unknown_channels(config)
    yield from _mistaken_alerts(config)
    for number, digest in enumerate(config.digests):
        topic = config.topics.get(digest.topic or next(iter(config.topics)))
        if topic is None:
            yield ("digests", number, "topic"), f"there is no topic {digest.topic}"
            continue
        for key in digest.subtopics:
            if key not in topic.subtopics:
                known = ", ".join(topic.subtopics)
                yield ("digests", number, "subtopics"), f"the topic has no subtopic {key}; it has {known}"


def _mistaken_queries(config: Config) -> Iterator[tuple[Path, str]]:
    for name, topic in config.topics.items():
        for path, error in query_mistakes(topic):
            yield ("topics", name, *path), f"in the query, {error}"


def _unknown_channels(config: Config) -> Iterator[tuple[Path, str]]:
    known = {channel.name for channel in config.channels}
    wanted: list[tuple[Path, tuple[str, ...]]] = [(("operator", "to"), config.operator.to)]
    wanted += [(("alerts", number, "to"), alert.to) for number, alert in enumerate(config.alerts)]
    for path, recipients in wanted:
        for name in recipients:
            if "@" not in name and name not in known:
                yield path, f"there is no channel {name}; write a mail address or a name of `channels:`"


def _mistaken_alerts(config: Config) -> Iterator[tuple[Path, str]]:
    for number, alert in enumerate(config.alerts):
        topic = config.topics.get(alert.topic)
        if topic is None:
            yield ("alerts", number, "topic"), f"there is no topic {alert.topic}"
            continue
        error = query_mistake(alert.query, topic) if alert.query else None
        if error is not None:
            yield ("alerts", number, "query"), f"in the query, {error}"


def _given_twice(section: Path, key: str, values: list[str]) -> Iterator[tuple[Path, str]]:
    first: dict[str, int] = {}
    for number, value in enumerate(values):
        if first.setdefault(value, number) != number:
            yield (*section, number, key), f"{value} is also the {key} of item {first[value] + 1}"
