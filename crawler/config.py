"""The crawler's part of the configuration: `crawl:` and each item of `feeds:`."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from language.duration import Duration

MIN_INTERVAL = timedelta(minutes=10)
MAX_INTERVAL = timedelta(hours=24)
BODY_LIMIT = 15 * 2**20  # bytes after decompression; Miniflux's default


class PagesPolicy(StrEnum):
    """When the page behind an entry is read: when title and summary cannot decide or the feed's
    text is short, for every entry, or not at all."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def without_login(url: str) -> tuple[str, str, str]:
    """`url` without the user and the password in it, and these two; empty where it has none."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url, "", ""
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, "", ""
    user, _, password = userinfo.partition(":")
    return urlunsplit(parts._replace(netloc=host)), unquote(user), unquote(password)


def _http_url(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError(f"{url!r} is not an address; it must start with https:// or http://")
    return urlunsplit(parts._replace(fragment=""))


def _host_and_port(value: str) -> str:
    parts = urlsplit(f"//{value.strip()}")
    if not parts.hostname or parts.path or "@" in value:
        raise ValueError(f"{value!r} is not a host; write for example rss-bridge.lan or 192.168.1.5:8080")
    return value.strip().lower()


_COLUMNS = {"url", "name", "language", "country", "kind"}  # of the feed's row
_SECRETS = {"username", "password", "password_env", "password_file"}

HttpUrl = Annotated[str, AfterValidator(_http_url)]
PrivateHost = Annotated[str, AfterValidator(_host_and_port)]


class FeedConfig(BaseModel):
    """One feed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: HttpUrl = Field(description="The address of the feed: RSS, Atom, RDF, JSON Feed, or a news sitemap.")
    name: str = Field(default="", max_length=120, description="What digests call it; else its host.")
    language: str = Field(default="", description="Two letters, for example en, ru, uk.")
    country: str = Field(default="", description="Two letters, for example US, RU, UA.")
    kind: str = Field(default="", description="For example newswire, state-broadcaster, think-tank.")
    priority: int = Field(
        default=100, ge=0, le=1000, description="Who speaks for a story in a digest: the smallest number."
    )
    pages: PagesPolicy | None = Field(default=None, description="auto, always or never; else as in crawl.")
    every: Duration | None = Field(
        default=None, description="A fixed interval between polls, instead of the feed's own rhythm."
    )
    min_every: Duration = Field(default=MIN_INTERVAL, description="Never poll more often than this.")
    max_every: Duration = Field(default=MAX_INTERVAL, description="Never poll less often than this.")
    backfill: int = Field(
        default=0, ge=0, description="How many entries of the first poll count as news; else a baseline."
    )
    allow_private: bool = Field(
        default=False, description="The feed lives on a private address, such as an RSS bridge of your own."
    )
    username: str = Field(default="", description="For feeds behind HTTP Basic authentication.")
    password: SecretStr = Field(default=SecretStr(""), exclude=True, json_schema_extra={"deprecated": True})
    password_env: str = Field(default="", description="The environment variable that holds the password.")
    password_file: str = Field(default="", description="A file that holds the password.")

    @model_validator(mode="before")
    @classmethod
    def _take_credentials_out_of_the_url(cls, data: Any) -> Any:
        """A user and a password in the URL would end in logs, the database and digests."""
        if not isinstance(data, dict) or "@" not in str(data.get("url", "")):
            return data
        url, user, password = without_login(str(data["url"]))
        return {
            **data,
            "url": url,
            "username": data.get("username") or user,
            "password": data.get("password") or SecretStr(password),
        }

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if self.min_every > self.max_every:
            raise ValueError("min_every is longer than max_every")
        return self

    @property
    def options(self) -> dict[str, object]:
        """What the feed's row keeps beside its own columns; nothing secret, only what was set."""
        return self.model_dump(mode="json", exclude=_COLUMNS | _SECRETS, exclude_defaults=True)

    @property
    def title(self) -> str:
        """The name, or the host where no name is given."""
        return self.name or (urlsplit(self.url).hostname or self.url)


class CrawlConfig(BaseModel):
    """How feeds and pages are fetched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact: str = Field(
        default="",
        max_length=200,
        pattern=r"^[\x20-\x7e]*$",
        description="Your address or page. Every server is told it in the User-Agent and can reach you.",
    )
    pages: PagesPolicy = Field(
        default=PagesPolicy.AUTO, description="When the pages behind entries are read."
    )
    spacing: Duration = Field(
        default=timedelta(seconds=1), description="The pause between two requests to one domain."
    )
    timeout: Duration = Field(default=timedelta(seconds=20), description="For one feed, from connect to end.")
    page_timeout: Duration = Field(default=timedelta(seconds=30), description="The same for one page.")
    concurrency: int = Field(default=32, ge=1, le=512, description="Requests at the same time, in all.")
    body_limit: int = Field(default=BODY_LIMIT, ge=1024, description="Bytes of a body, decompressed.")
    allow_private: tuple[PrivateHost, ...] = Field(
        default=(), description="Private hosts that may be fetched: name or address, with :port."
    )
    short_text: int = Field(
        default=600, ge=0, description="A feed's text below this many characters is short: its page is read."
    )

    @property
    def user_agent(self) -> str:
        """The honest User-Agent, with a contact where one is configured."""
        return f"Hotline/0.1 (+{self.contact})" if self.contact else "Hotline/0.1 (news monitor)"
