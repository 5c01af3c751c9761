"""The MIME message: multipart/alternative, UTF-8, CRLF, one reader, the same bytes for the same issue."""

from __future__ import annotations

import base64
import hashlib
import quopri
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Protocol

import dkim

from digest.addresses import Mailbox
from digest.config import Dkim, MailConfig
from digest.render import RenderedDigest
from language.clean import clean_header
from language.errors import HotlineError

_VERBATIM = frozenset({"list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id"})
_SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id",
    "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted",
)  # fmt: skip


class MailPolicy(EmailPolicy):
    """`email.policy.SMTP`, except that addresses in List-* headers and Message-ID stay readable, and
    that no word of a long subject is glued to the next.

    CPython folds a long `<https://…>` into an encoded-word, in which no mail client finds the
    unsubscribe address (python/cpython#87659, odoo/odoo#289182). A larger `max_line_length` would cure
    that and break the 76 columns of quoted-printable bodies (RFC 2045), which even the stock 78 does.
    """

    def fold(self, name: str, value: str) -> str:
        """Fold one header; addresses are broken only between two of them."""
        if name.lower() == "subject" and not value.isascii():
            return self._fold_subject(name, str(value))
        if name.lower() not in _VERBATIM:
            return str(super().fold(name, value))
        folded = str(value).replace(", <", f",{self.linesep} <")
        return f"{name}: {folded}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """As `fold`, in ASCII."""
        if name.lower() not in _VERBATIM and name.lower() != "subject":
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")

    def _fold_subject(self, name: str, value: str) -> str:
        """As encoded-words that hold their spaces.

        CPython's folding leaves the space between two of them outside, where every reader must drop it
        (RFC 2047 §6.2): "США обменялись" arrives as "СШАобменялись". The older Header keeps it inside.
        """
        header = Header(value, "utf-8", maxlinelen=self.max_line_length, header_name=name)
        return f"{name}: {header.encode(linesep=self.linesep)}{self.linesep}"


POLICY = MailPolicy(linesep="\r\n", max_line_length=76, cte_type="7bit", raise_on_defect=False)


class CannotSign(HotlineError):
    """The DKIM key cannot be read or used."""

    code = "cannot-sign"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one mail is, apart from its text.

    `key` names the issue for good, such as "2026-11-19T06:30": digest, key and reader together make
    Message-ID and boundary, so that a mail sent again is the same mail. `unsubscribe_url` is https for
    one click (RFC 8058) or empty. `at` becomes the Date.
    """

    subject: str
    reader: Mailbox
    key: str
    at: datetime
    unsubscribe_url: str = ""


class MailingList(Protocol):
    """What a mail belongs to, such as a digest: its name goes into List-Id and Message-ID."""

    @property
    def name(self) -> str:
        """Small letters, digits and hyphens."""
        ...


def build_message(
    rendered: RenderedDigest, envelope: Envelope, *, digest: MailingList, mail: MailConfig
) -> EmailMessage:
    """Return the message for one reader. Raises nothing for any clean text: headers are cleaned again."""
    token = _token(digest.name, envelope.key, envelope.reader.address)
    message = EmailMessage(policy=POLICY)
    message["From"] = mail.sender.header()
    message["To"] = envelope.reader.header()
    message["Subject"] = clean_header(envelope.subject)
    message["Date"] = format_datetime(envelope.at)
    message["Message-ID"] = f"<{digest.name}.{token[:32]}@{mail.domain}>"
    message["List-Id"] = f"<{digest.name}.{mail.domain}>"
    _add_unsubscribe(message, envelope.unsubscribe_url, digest=digest, mail=mail)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(rendered.text, charset="utf-8", cte=_encoding(rendered.text))
    message.add_alternative(rendered.html, subtype="html", charset="utf-8", cte=_encoding(rendered.html))
    message["Content-Language"] = "en"  # only now: set_content drops earlier Content-* headers
    message.set_boundary(f"=_{token}")
    return message


def to_bytes(message: EmailMessage, mail: MailConfig) -> bytes:
    """Return the message as it goes on the wire, signed when the configuration has a DKIM key.

    Raises CannotSign.
    """
    raw = message.as_bytes()
    if mail.dkim is None:
        return raw
    names = [name for name in _SIGNED if message[name] is not None]
    return _signature(raw, mail.dkim, names) + raw


def check_signing(config: Dkim) -> None:
    """Try the key. Raises CannotSign."""
    _signature(b"From: a@example.org\r\n\r\n", config, ["From"])


def _signature(raw: bytes, config: Dkim, names: Sequence[str]) -> bytes:
    try:
        signature: bytes = dkim.sign(
            raw,
            selector=config.selector.encode(),
            domain=config.domain.encode("idna"),
            privkey=config.key_file.read_bytes(),
            include_headers=[name.encode() for name in names],
        )
    except (OSError, dkim.DKIMException) as error:
        raise CannotSign(
            f"Mail cannot be signed with {config.key_file}: {error}.",
            hint="mail.dkim.key_file must be a private key (PEM); leave mail.dkim out if the server signs.",
        ) from error
    return signature


def encoded_size(text: str) -> int:
    """Return the bytes that `text` takes in transfer encoding."""
    raw = text.encode()
    return min(len(quopri.encodestring(raw)), len(base64.encodebytes(raw)))


def _encoding(text: str) -> str:
    """Choose the shorter encoding: base64 for mostly Cyrillic text, quoted-printable otherwise."""
    raw = text.encode()
    return "base64" if len(base64.encodebytes(raw)) < len(quopri.encodestring(raw)) else "quoted-printable"


def _add_unsubscribe(message: EmailMessage, url: str, *, digest: MailingList, mail: MailConfig) -> None:
    by_mail = f"<mailto:{mail.unsubscribe_mailbox}?subject=unsubscribe%20{digest.name}>"
    if not url.startswith("https://"):
        message["List-Unsubscribe"] = by_mail
        return
    message["List-Unsubscribe"] = f"<{url}>, {by_mail}"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _token(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]
