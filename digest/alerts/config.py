"""The `alerts:` and `operator:` parts of the configuration."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from digest.addresses import EmailAddress
from digest.channels.config import ChannelName
from digest.config import Name, Outlets, TimeZone
from language.duration import Duration

_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)
_CHANNEL: TypeAdapter[str] = TypeAdapter(ChannelName)


def _recipient(text: str) -> str:
    return (_ADDRESS if "@" in text else _CHANNEL).validate_python(text)


Recipient = Annotated[str, AfterValidator(_recipient)]
"""A mail address, or the name of a channel."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class QuietHours(_Part):
    """From one time of day to another, usually over midnight, in the alert's zone."""

    start: time = Field(alias="from", description="When the quiet begins, such as 22:00.")
    end: time = Field(alias="to", description="When it ends, such as 07:00.")

    @model_validator(mode="after")
    def _some_hours(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours begin and end at the same time; leave them out instead")
        return self

    def until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet that holds at `now` ends; None outside of it."""
        local = now.astimezone(zone)
        days = (local.date() - timedelta(days=1), local.date())
        for day in days:
            begin = datetime.combine(day, self.start, tzinfo=zone)
            last = day if self.start < self.end else day + timedelta(days=1)
            end = datetime.combine(last, self.end, tzinfo=zone)
            if begin.timestamp() <= now.timestamp() < end.timestamp():
                return datetime.fromtimestamp(end.timestamp(), now.tzinfo)
        return None


class AlertConfig(_Part):
    """A rule: which articles it looks at, and what makes a story of them urgent.

    A story is urgent when any of `sources`, `outlets` and `burst` says so; when none is given, as
    soon as it has one article.
    """

    name: Name = Field(description="Short and lasting: it keeps a story from being told twice.")
    to: Annotated[tuple[Recipient, ...], Field(min_length=1)] = Field(
        description="Mail addresses and names of channels."
    )
    topic: str = Field(default="us-russia", description="The topic whose articles it looks at.")
    query: str = Field(default="", description="Only articles for which this holds; else all of the topic.")
    min_score: int = Field(default=60, ge=0, le=100, description="Only articles with this score or more.")
    outlets_among: Outlets = Field(default=Outlets(), description="Only these countries and kinds.")
    sources: tuple[str, ...] = Field(default=(), description="Feeds whose first word is urgent by itself.")
    outlets: int | None = Field(
        default=None, ge=2, description="Urgent when this many outlets have the story within `within`."
    )
    burst: float | None = Field(
        default=None, gt=1, description="Urgent when this many times the usual of 14 days comes in."
    )
    within: Duration = Field(default=timedelta(hours=1), description="The span for outlets and burst.")
    cooldown: Duration = Field(
        default=timedelta(hours=6), description="A story is told again after this at the earliest."
    )
    hourly_cap: int = Field(default=5, ge=1, description="Alerts an hour at most; the rest become a summary.")
    quiet: QuietHours | None = Field(default=None, description="What comes then is told in one summary.")
    timezone: TimeZone = Field(default="UTC", description="Of the quiet hours and of the times shown.")

    @property
    def zone(self) -> ZoneInfo:
        """The zone of quiet hours and of the times shown."""
        return ZoneInfo(self.timezone)


class OperatorConfig(_Part):
    """Who is told when the service itself is in trouble. Name a channel too: the trouble may be mail."""

    to: tuple[Recipient, ...] = Field(default=(), description="Mail addresses and names of channels.")
    silence: Duration = Field(
        default=timedelta(hours=1), description="No successful poll for this long is an alarm."
    )
    failing_share: float = Field(
        default=0.25, gt=0, le=1, description="An alarm when this share of the feeds died at once."
    )
