"""The `channels:` part of the configuration: ways to a reader beside mail."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from language.errors import HotlineError


class ChannelUrlMissing(HotlineError):
    """Neither the environment nor a file gives a channel's URL, or Apprise cannot read it."""

    code: ClassVar[str] = "channel-url-missing"


def _check_name(name: str) -> str:
    if not name.isascii() or not all(part.isalnum() and part == part.lower() for part in name.split("-")):
        raise ValueError("use small letters, digits and single hyphens")
    if name == "mail":
        raise ValueError("mail is there already; give this channel another name")
    return name


ChannelName = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_check_name)]


class ChannelConfig(BaseModel):
    """A place that Apprise reaches: Slack, Telegram, ntfy, a webhook and a hundred more.

    Its URL holds the access token, so it stands in a variable or a file: slack://…, tgram://…,
    ntfys://…, jsons://host/path (https://appriseit.com/services/).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ChannelName = Field(description="What alerts call it.")
    url_env: str = Field(default="", description="The environment variable that holds the Apprise URL.")
    url_file: Path | None = Field(default=None, description="Or a file that holds it.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.url_env) == (self.url_file is not None):
            raise ValueError("name either url_env or url_file: the place that holds the Apprise URL")
        return self

    def url(self, environ: Mapping[str, str]) -> str:
        """Return the Apprise URL. Raises ChannelUrlMissing."""
        found = environ.get(self.url_env, "") if self.url_file is None else self._from_file(self.url_file)
        if not found.strip():
            place = self.url_file or f"the variable {self.url_env}"
            raise ChannelUrlMissing(
                f"The channel {self.name} has no URL: {place} is empty.",
                hint="Put an Apprise URL there, such as slack://… or jsons://host/path.",
            )
        return found.strip()

    def _from_file(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise ChannelUrlMissing(
                f"The URL of the channel {self.name} cannot be read from {path}: {error.strerror}.",
                hint="Check url_file and the file's permissions.",
            ) from error
