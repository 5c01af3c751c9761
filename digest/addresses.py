"""Mail addresses as the configuration writes them: `reader@example.org` or `Name <reader@example.org>`."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, Any

import email_validator
from pydantic import AfterValidator, BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from language.clean import clean_header

_LOCAL_DOMAIN = re.compile(
    r"(?:[a-z0-9-]+\.)*(?:localhost|local|lan|home\.arpa|internal|test)", re.IGNORECASE
)


def _check_address(text: str) -> str:
    """Return the address as it goes on the wire: ASCII, the domain in IDNA.

    Domains of a local network, which the library refuses, are allowed: a mail server next door
    takes them.
    """
    address = text.strip()
    local, _, domain = address.rpartition("@")
    if _LOCAL_DOMAIN.fullmatch(domain):
        return f"{_validate(f'{local}@example.org', shown=address).local_part}@{domain.lower()}"
    found = _validate(address, shown=address).ascii_email
    assert found is not None  # allow_smtputf8=False promises it
    return found


def _validate(address: str, *, shown: str) -> email_validator.ValidatedEmail:
    try:
        return email_validator.validate_email(
            address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False
        )
    except email_validator.EmailNotValidError as error:
        raise ValueError(f"{shown!r} is not a mail address: {error}") from error


EmailAddress = Annotated[str, AfterValidator(_check_address)]


class Mailbox(BaseModel):
    """A named address. Written as one string, or as `{address: …, name: …}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: EmailAddress
    name: Annotated[str, AfterValidator(clean_header)] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        name, address = parseaddr(value) if "<" in value else ("", value)
        return {"address": address, "name": name}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(core_schema)]}

    def header(self) -> Address:
        """Return the value for a From or To header."""
        return Address(display_name=self.name, addr_spec=self.address)

    def __str__(self) -> str:
        return str(self.header())
