"""The `service:` part of the configuration: how often `hotline run` looks what is due."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from language.duration import Duration


class EngineName(StrEnum):
    """Who does the crawls that the clock rings for."""

    LOCAL = "local"
    PROCRASTINATE = "procrastinate"


class ServiceConfig(BaseModel):
    """The rhythm of the service. What is due is decided by the database, not by these ticks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    crawl_every: Duration = Field(
        default=timedelta(seconds=20),
        gt=timedelta(0),
        description="How often to look for due feeds and pages.",
    )
    engine: EngineName = Field(
        default=EngineName.LOCAL,
        description="Who crawls: `local`, the service itself; `procrastinate`, it and every `hotline work` "
        "on one PostgreSQL.",
    )
    crawls_at_once: int = Field(
        default=5,
        ge=1,
        le=20,
        description="How many crawls may run at a time.",
    )
    digest_every: Duration = Field(
        default=timedelta(seconds=30), gt=timedelta(0), description="How often to look for due digests."
    )
    alert_every: Duration = Field(
        default=timedelta(minutes=1),
        gt=timedelta(0),
        description="How often to check new articles for alerts.",
    )
    send_every: Duration = Field(
        default=timedelta(seconds=10), gt=timedelta(0), description="How often to look for mail to send."
    )
    housekeeping_every: Duration = Field(
        default=timedelta(minutes=15),
        gt=timedelta(0),
        description="How often to see to disk and retention.",
    )
    stop_within: Duration = Field(
        default=timedelta(seconds=25),
        gt=timedelta(0),
        description="After SIGTERM: how long crawls and a running sending may take to end.",
    )
    listen: str = Field(
        default="",
        pattern=r"^$|^[^\s/]+:\d{1,5}$",
        description="Address and port of the listener for unsubscribing, feedback, WebSub, health, such as "
        "127.0.0.1:8971; off when empty.",
    )
    minimum_free_mb: int = Field(
        default=200,
        ge=0,
        description="Below this nothing is fetched; mail still goes out.",
    )

    @property
    def is_alone(self) -> bool:
        """True when no other process shares the crawls."""
        return self.engine is EngineName.LOCAL

    @property
    def listen_at(self) -> tuple[str, int] | None:
        """Host and port of the listener, or None when it is off."""
        host, _, port = self.listen.rpartition(":")
        return (host.strip("[]"), int(port)) if host else None
