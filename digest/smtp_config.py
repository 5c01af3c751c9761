"""How to reach the mail server: the `smtp:` part of the configuration."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from language.errors import HotlineError

PASSWORD_VARIABLE = "HOTLINE_SMTP_PASSWORD"  # noqa: S105 - the name of a variable, not its value


class PasswordMissing(HotlineError):
    """A user is configured, but no password was found in the environment or a file."""

    code = "smtp-password-missing"


class Security(StrEnum):
    """How the connection is encrypted. The certificate is verified in both encrypted modes."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


class SmtpTimeouts(BaseModel):
    """Seconds. RFC 5321 §4.5.3.2 wants ten minutes after the final dot: "a spurious timeout … would
    typically result in delivery of multiple copies"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect: PositiveFloat = Field(default=30, description="Seconds for the connection.")
    command: PositiveFloat = Field(default=60, description="Seconds for the answer to one command.")
    envelope: PositiveFloat = Field(
        default=240, description="Seconds for everything before the final dot, against a server that drips."
    )
    final: PositiveFloat = Field(default=600, description="Seconds for the answer to the final dot.")

    @property
    def longest(self) -> float:
        """The longest that one mail can take: a lease must outlive it."""
        return self.envelope + self.final


class SmtpConfig(BaseModel):
    """The mail server that takes Hotline's mail; who it is from stands under `mail:`.

    The password never stands in the configuration: it is read from `password_file` (the way of
    Docker and Kubernetes secrets) or from the environment variable HOTLINE_SMTP_PASSWORD.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="localhost", min_length=1, description="Name or address of the mail server.")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="Default: 587 for starttls, 465 for tls, 25 for none."
    )
    security: Security = Field(
        default=Security.STARTTLS,
        description="starttls, tls, or none; none is refused unless the server is this machine.",
    )
    user: str | None = Field(default=None, min_length=1, description="Login name; leave out for no login.")
    password_file: Path | None = Field(
        default=None,
        description=f"A file that holds the password; else the variable {PASSWORD_VARIABLE} is read.",
    )
    ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) to trust beside the system's.",
    )
    timeouts: SmtpTimeouts = SmtpTimeouts()

    @model_validator(mode="after")
    def _plain_only_on_this_machine(self) -> Self:
        if self.security is Security.NONE and not is_loopback(self.host):
            raise ValueError(
                f"security: none would send mail (and the password) to {self.host} unencrypted; "
                "use starttls or tls, or a server on this machine"
            )
        return self

    @property
    def server_port(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS[self.security]

    def password(self, environ: Mapping[str, str]) -> str | None:
        """Return the password for `user`, or None where no login is configured.

        Raises:
            PasswordMissing: a user is configured, but neither the file nor the variable gives one.
        """
        if self.user is None:
            return None
        found = self._password_from_file() if self.password_file else environ.get(PASSWORD_VARIABLE, "")
        if not found:
            raise PasswordMissing(
                f"There is no password for the mail server's user {self.user}.",
                hint=f"Set {PASSWORD_VARIABLE}, or name a file in smtp.password_file.",
            )
        return found

    def _password_from_file(self) -> str:
        assert self.password_file is not None
        try:
            return self.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise PasswordMissing(
                f"The mail password's file {self.password_file} cannot be read: {error.strerror}.",
                hint="Check smtp.password_file and the file's permissions.",
            ) from error


def is_loopback(host: str) -> bool:
    """Say whether `host` is this machine by its spelling; no name is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
