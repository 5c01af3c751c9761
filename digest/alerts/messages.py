"""From an alert to the message that waits in the outbox: a mail, or a short text for a channel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from digest.addresses import Mailbox
from digest.alerts.view import AlertView
from digest.channels.apprise import encode
from digest.config import MailConfig
from digest.message import Envelope, build_message, to_bytes
from digest.render import RenderedDigest, templates
from storage.outbox import NewMessage


@dataclass(frozen=True, slots=True)
class _List:
    """The mailing list of a rule: a digest may have the same name."""

    name: str


def alert_message(
    view: AlertView, *, recipient: str, key: str, mail: MailConfig, kind: str, now: datetime
) -> NewMessage:
    """Return the message for `recipient`: mail for an address, else text for the channel of that name.

    `key` makes it one, for the outbox and for the Message-ID.
    """
    text = templates().get_template("alert.txt.j2").render(alert=view)
    if "@" not in recipient:
        body = encode(view.subject, text)
        return NewMessage(
            key=key, recipient=recipient, body=body, kind=kind, channel=recipient, subject=view.subject
        )
    html = templates().get_template("alert.html.j2").render(alert=view)
    envelope = Envelope(view.subject, Mailbox(address=recipient), _token(key), now)
    message = build_message(
        RenderedDigest(html=html, text=text), envelope, digest=_List(f"{kind}-{view.name}"), mail=mail
    )
    return NewMessage(
        key=key,
        recipient=recipient,
        body=to_bytes(message, mail),
        kind=kind,
        sender=mail.sender.address,
        subject=view.subject,
        message_id=str(message["Message-ID"]),
    )


def _token(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
