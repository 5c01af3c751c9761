"""The alert rules of the configuration, made ready to watch."""

from __future__ import annotations

from digest.alerts.config import AlertConfig
from digest.alerts.step import AlertRule
from hotline.config import Config
from topics.lists import shipped_lists
from topics.search import compile_query


def make_rules(config: Config) -> list[AlertRule]:
    """All rules with their compiled queries. Raises QueryError."""
    return [_rule(config, alert) for alert in config.alerts]


def _rule(config: Config, alert: AlertConfig) -> AlertRule:
    if not alert.query:
        return AlertRule(alert, config.mail)
    lists = {**shipped_lists(), **config.topics[alert.topic].lists}
    return AlertRule(alert, config.mail, compile_query(alert.query, lists))
