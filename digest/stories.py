"""What a digest is composed from: plain frozen values that the choosing step fills from the database.

Every datetime is aware and in UTC; every third-party string is clean (language.clean). Tuples keep
the order they are given in, composing decides what comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DigestArticle:
    """One matched article of a story, in one outlet.

    `terms` are the words as found, in reading order; `text` is the page's or the feed's text,
    `summary` the feed's own; `priority` is the outlet's rank, a smaller one speaks first.
    """

    id: int
    url: str
    title: str
    outlet: str
    language: str  # ISO 639-1
    at: datetime  # published, or first seen where the feed gives no date
    score: int = 0
    country: str = ""
    kind: str = ""
    priority: int = 100
    summary: str = ""
    text: str = ""
    terms: tuple[str, ...] = ()
    subtopics: tuple[str, ...] = ()  # keys, the strongest first where that is known
    copy_of: int | None = None  # id of the article whose text it repeats


@dataclass(frozen=True, slots=True)
class StoryUpdate:
    """The reader had this story before. `new` says what she did not have: numbers, names, quotes."""

    sent_at: datetime
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestStory:
    """The articles on one event that this issue covers: at least one, none that the reader had."""

    id: int
    articles: tuple[DigestArticle, ...]
    first_seen: datetime  # of the story, so that the mail can say "day 3"
    update: StoryUpdate | None = None
    alerted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subtopic:
    """A section of the digest; their order is the topic's and never changes from day to day."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class DayVolume:
    """How many articles matched in the 24 hours that ended at the issue's time of day on `day`."""

    day: date
    matched: int


@dataclass(frozen=True, slots=True)
class FailingFeed:
    """A feed that gives nothing. `problem` is a short phrase: "HTTP 403", "quiet for 9 days"."""

    name: str
    problem: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """All feeds watched, and those that fail. `answered` of them gave at least one good answer in the
    issue's window. `notices` are full sentences about the others: moved, gone, re-served old entries.
    """

    total: int
    answered: int = 0
    failing: tuple[FailingFeed, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueMaterial:
    """All that one issue to one reader is made from.

    The window `since`–`until` is what the issue says it covers. `read` counts articles collected in
    it from all feeds; `below` those that matched but stayed under the digest's minimum score. `volume`
    is oldest first and ends with the issue's day. `missed` are issues that could not be sent in time
    and are made up for by this one.
    """

    stories: tuple[DigestStory, ...]
    since: datetime
    until: datetime
    read: int = 0
    below: int = 0
    volume: tuple[DayVolume, ...] = ()
    health: FeedHealth = FeedHealth(total=0)
    missed: int = 0
    nothing_new: int = 0
