"""What the corpus answers: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How a link holds two articles together. (Levels 1 and 2, one address and its versions, need no
    link: they are one article.)"""

    COPY = "copy"
    STORY = "story"


class CorrectionKind(StrEnum):
    """What a user said of two articles."""

    SPLIT = "split"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article found its place. `story_id` is None for an article that is not matched;
    `founded` when the story began with it."""

    article_id: int
    story_id: int | None = None
    copy_of: int | None = None
    founded: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """An article as the corpus reads it. `at` is when it was published, or first seen; `dated` when
    that is known to be near the event."""

    id: int
    title: str
    summary: str
    text: str
    at: datetime
    matched: bool
    story_id: int | None
    dated: bool = True
