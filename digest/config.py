"""The `digests:` and `mail:` parts of hotline.yaml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from digest.addresses import EmailAddress, Mailbox
from language.clean import clean_header, clean_text


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weekday(StrEnum):
    """Days as written in the configuration, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def number(self) -> int:
        """Monday is 0, as in `datetime.weekday`."""
        return list(Weekday).index(self)


_DAY_GROUPS = {
    "daily": tuple(Weekday),
    "weekdays": tuple(Weekday)[:5],
    "weekends": tuple(Weekday)[5:],
}
DayGroup = Literal["daily", "weekdays", "weekends"]


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _as_days(value: Any) -> Any:
    return _DAY_GROUPS[value] if isinstance(value, str) and value in _DAY_GROUPS else _as_list(value)


def _check_times(times: tuple[time, ...]) -> tuple[time, ...]:
    if any(at.second or at.microsecond or at.tzinfo for at in times):
        raise ValueError("write times of day as HH:MM; the zone has its own key")
    return tuple(sorted(set(times)))


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; write an IANA name such as Europe/Berlin") from error
    return name


TimeZone = Annotated[str, AfterValidator(_check_zone)]
"""An IANA name, such as Europe/Berlin."""


def _sort_days(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    return tuple(day for day in Weekday if day in days)


class Schedule(_Part):
    """When a digest is issued: local times of day on certain weekdays in one zone.

    Weekly means one day: `days: mon`.
    """

    at: Annotated[
        tuple[time, ...],
        BeforeValidator(_as_list, json_schema_input_type=time | list[time]),
        AfterValidator(_check_times),
        Field(min_length=1, description="One or several local times of day, HH:MM."),
    ] = (time(6, 30),)
    days: Annotated[
        tuple[Weekday, ...],
        BeforeValidator(_as_days, json_schema_input_type=DayGroup | Weekday | list[Weekday]),
        AfterValidator(_sort_days),
        Field(
            min_length=1,
            description="daily, weekdays, weekends, or a list: mon, tue, wed, thu, fri, sat, sun.",
        ),
    ] = tuple(Weekday)
    timezone: TimeZone = Field(
        default="UTC",
        description="An IANA name such as Europe/Berlin; also the zone of the times in the mail.",
    )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the schedule and of every time that the digest shows."""
        return ZoneInfo(self.timezone)


class Outlets(_Part):
    """Which outlets may appear, by country (ISO 3166 alpha-2, upper case) or kind of feed.

    An empty list allows all; `exclude_…` wins over its counterpart.
    """

    countries: tuple[str, ...] = Field(default=(), description="Only outlets of these countries; else all.")
    kinds: tuple[str, ...] = Field(default=(), description="Only outlets of these kinds; else all.")
    exclude_countries: tuple[str, ...] = Field(default=(), description="No outlet of these countries.")
    exclude_kinds: tuple[str, ...] = Field(default=(), description="No outlet of these kinds.")

    def allow(self, *, country: str, kind: str) -> bool:
        """True when an outlet of this country and kind may appear."""
        return _allows(country, self.countries, self.exclude_countries) and _allows(
            kind, self.kinds, self.exclude_kinds
        )


def _allows(value: str, allowed: Sequence[str], refused: Sequence[str]) -> bool:
    folded = value.casefold()
    if any(folded == word.casefold() for word in refused):
        return False
    return not allowed or any(folded == word.casefold() for word in allowed)


class Order(StrEnum):
    """What comes first among the stories of an issue. Ties fall to the others, then the headline."""

    SCORE = "score"
    OUTLETS = "outlets"
    NEWEST = "newest"


class EmptyDay(StrEnum):
    """What happens when nothing matched: silence is ambiguous, so the default is to say so."""

    SEND = "send"
    SKIP = "skip"


def _check_name(name: str) -> str:
    if not name.isascii() or not all(part.isalnum() and part == part.lower() for part in name.split("-")):
        raise ValueError("use small letters, digits and single hyphens: it becomes the list's address")
    return name


Name = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_check_name)]


class DigestConfig(_Part):
    """One digest: who gets which stories when."""

    name: Name = Field(description="Small letters, digits and hyphens; keep it, readers' ledgers hang on it.")
    title: Annotated[str, AfterValidator(clean_header)] = Field(
        default="", description="What readers see; else the name."
    )
    readers: tuple[Mailbox, ...] = Field(
        min_length=1, description="Mail addresses: a@example.org or Name <a@example.org>."
    )
    topic: str = Field(default="us-russia", description="The topic whose articles it tells.")
    subtopics: tuple[str, ...] = Field(default=(), description="Only these subtopics; else all.")
    schedule: Schedule = Schedule()
    languages: tuple[str, ...] = Field(
        default=(), description="Only these languages, two letters each; else all."
    )
    min_score: int = Field(default=0, ge=0, le=100, description="Leave out articles that score less.")
    outlets: Outlets = Outlets()
    order: Order = Field(default=Order.SCORE, description="What comes first.")
    maximum: int = Field(
        default=40, ge=1, le=200, description="How many stories at most; the rest is counted."
    )
    empty_day: EmptyDay = Field(
        default=EmptyDay.SEND, description="When nothing matched: send a line that says so, or skip."
    )
    repeat: bool = Field(
        default=False, description="Tell stories again that the reader has from another digest."
    )

    @model_validator(mode="after")
    def _readers_once(self) -> Self:
        addresses = [reader.address for reader in self.readers]
        if len(set(addresses)) < len(addresses):
            raise ValueError(f"digest {self.name!r} names a reader twice")
        return self

    @property
    def heading(self) -> str:
        """The title, or the name made readable."""
        return self.title or self.name.replace("-", " ").capitalize()


def _check_base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write the listener's public address, such as https://hotline.example.org")
    return url.rstrip("/")


def _check_file(path: Path) -> Path:
    return path.expanduser()


SecretFile = Annotated[Path, AfterValidator(_check_file)]


class Dkim(_Part):
    """Sign mail here. Leave it out when the mail server signs, which is the usual case."""

    domain: str = Field(description="The domain that signs.")
    selector: str = Field(description="The selector under which DNS has the public key.")
    key_file: SecretFile = Field(description="A file that holds the private key (PEM).")


class MailConfig(_Part):
    """Who the mail is from. The server that takes it is configured under `smtp:`.

    With `base_url` mails carry one-click unsubscribe and feedback links that the listener answers
    (RFC 8058); without it a mailto: address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    sender: Mailbox = Field(
        alias="from",
        default=Mailbox(address="hotline@localhost", name="Hotline"),
        description="The sender: Name <address>.",
    )
    base_url: Annotated[str, AfterValidator(_check_base_url)] | None = Field(
        default=None,
        description="The public address of the listener, if one runs: links for one-click unsubscribing.",
    )
    link_secret_file: SecretFile | None = Field(
        default=None, description="A file with the secret that signs such links; else $HOTLINE_LINK_SECRET."
    )
    list_domain: str = Field(default="", description="In List-Id and Message-ID; else the domain of from.")
    unsubscribe_address: EmailAddress | None = Field(
        default=None, description="Where a mail asking to unsubscribe goes; else from."
    )
    postal: Annotated[str, AfterValidator(clean_text)] = Field(
        default="", description="A postal address for the foot of the mail, where the law wants one."
    )
    dkim: Dkim | None = None

    @property
    def domain(self) -> str:
        """The domain of List-Id and Message-ID."""
        return self.list_domain or self.sender.address.rpartition("@")[2]

    @property
    def unsubscribe_mailbox(self) -> str:
        """Where a mail asking to unsubscribe goes."""
        return self.unsubscribe_address or self.sender.address
