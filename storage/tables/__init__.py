"""All tables; importing this package fills `metadata`."""

from __future__ import annotations

from sqlmodel import SQLModel

from storage.tables.articles import Alias, Article, ArticleText, Judgement, Page, Sighting, Version
from storage.tables.corpus import (
    Correction,
    Fingerprint,
    Link,
    Story,
    StoryProfile,
    StoryTerm,
)
from storage.tables.feeds import Feed, FeedMemory, Host, Poll, Subscription
from storage.tables.outbox import Alert, Flag, Issue, Ledger, Notice, Outbox, Reader, Suppression

metadata = SQLModel.metadata

__all__ = [
    "Alert",
    "Alias",
    "Article",
    "ArticleText",
    "Correction",
    "Feed",
    "FeedMemory",
    "Fingerprint",
    "Flag",
    "Host",
    "Issue",
    "Judgement",
    "Ledger",
    "Link",
    "Notice",
    "Outbox",
    "Page",
    "Poll",
    "Reader",
    "Sighting",
    "Story",
    "StoryProfile",
    "StoryTerm",
    "Subscription",
    "Suppression",
    "Version",
    "metadata",
]
