"""A mail server on loopback that keeps every mail it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Envelope, Session

from hotline.demo.background import loop_in_thread


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One accepted mail, byte for byte."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class Mailbox:
    """What was delivered, in order; `port` is where to deliver it."""

    def __init__(self) -> None:
        self.mails: list[CaughtMail] = []
        self.port = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accept everything (the name is aiosmtpd's)."""
        assert isinstance(envelope.content, bytes)
        mail = CaughtMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """Run the server until the block ends."""
    mailbox = Mailbox()
    with loop_in_thread("demo mailbox") as run:
        server = run(_serve(mailbox))
        mailbox.port = server.sockets[0].getsockname()[1]
        try:
            yield mailbox
        finally:
            run(_close(server))


async def _serve(mailbox: Mailbox) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: SMTP(mailbox, hostname="demo", loop=loop), "127.0.0.1", 0)


async def _close(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
