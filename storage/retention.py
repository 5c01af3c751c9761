"""What is forgotten after a while: texts, never identities, so that no old news comes back as new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from storage.config import RetentionConfig
from storage.outbox import empty_bodies
from storage.records import Decision
from storage.tables.core import ARTICLE, ARTICLE_TEXT, NOTICE, VERSION

_NOTICES = timedelta(days=90)
_AT_ONCE = 2_000  # rows in one transaction, so that a crawl's writes never wait for long


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much one step emptied; `more` when another step would find more."""

    texts: int = 0
    rejected: int = 0
    notices: int = 0
    mails: int = 0

    @property
    def more(self) -> bool:
        """True when a limit was reached."""
        return max(self.texts, self.rejected) >= _AT_ONCE


def forget(connection: Connection, config: RetentionConfig, *, now: datetime) -> Forgotten:
    """Empty what is older than `retention:` allows, at most two thousand articles of each kind."""
    return Forgotten(
        texts=_forget_texts(connection, now - timedelta(days=config.page_texts_days)),
        rejected=_forget_rejected(connection, now - timedelta(days=config.rejected_days)),
        mails=empty_bodies(connection, before=now - timedelta(days=config.mail_days)),
        notices=connection.execute(delete(NOTICE).where(NOTICE.c.ended_at < now - _NOTICES)).rowcount,
    )


def _forget_texts(connection: Connection, before: datetime) -> int:
    old = (
        select(ARTICLE_TEXT.c.article_id)
        .join(ARTICLE, ARTICLE.c.id == ARTICLE_TEXT.c.article_id)
        .where(ARTICLE.c.first_seen_at < before)
        .limit(_AT_ONCE)
    )
    return connection.execute(delete(ARTICLE_TEXT).where(ARTICLE_TEXT.c.article_id.in_(old))).rowcount


def _forget_rejected(connection: Connection, before: datetime) -> int:
    """Rejected articles keep their identity and lose their words, earlier versions and text too."""
    old = connection.execute(
        select(ARTICLE.c.id)
        .where(ARTICLE.c.decision == Decision.REJECTED, ARTICLE.c.decided_at < before, ARTICLE.c.title != "")
        .limit(_AT_ONCE)
    ).scalars()
    ids = list(old)
    if not ids:
        return 0
    connection.execute(delete(ARTICLE_TEXT).where(ARTICLE_TEXT.c.article_id.in_(ids)))
    connection.execute(delete(VERSION).where(VERSION.c.article_id.in_(ids)))
    connection.execute(
        update(ARTICLE)
        .where(ARTICLE.c.id.in_(ids))
        .values(title="", summary="", author="", hits=[], subtopics=[], reason="")
    )
    return len(ids)
