"""What the templates print: one frozen value per issue and reader, every choice already made.

The HTML and the text part are made from the same view, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text; `strong` marks a matched term or a figure."""

    text: str
    strong: bool = False


class Tier(StrEnum):
    """How much room a story gets."""

    TOP = "top"
    FULL = "full"
    BRIEF = "brief"


@dataclass(frozen=True, slots=True)
class OutletLink:
    """An outlet and its article; `url` is empty where the article's address is not safe to link."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Sibling:
    """The same story in the reader's first language."""

    headline: str
    outlet: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story as printed. `details` are time, spread, day and alert, in that order."""

    id: int
    number: int
    tier: Tier
    headline: str
    url: str
    language: str
    flag: str  # "RU", "RU only"; empty for English
    outlet: str
    details: tuple[str, ...]
    chips: tuple[str, ...]
    excerpt: tuple[Segment, ...]
    score: int
    also: tuple[OutletLink, ...]
    also_more: int
    same_text: int  # how many of the other outlets carry this article's text
    terms: tuple[str, ...]
    unseen_terms: tuple[str, ...]  # those not visible in the excerpt
    sibling: Sibling | None = None
    updated: str = ""  # "Updated since Wed 18 Nov"
    whats_new: tuple[str, ...] = ()
    judge_url: str = ""

    @property
    def others(self) -> int:
        """How many other outlets have the story."""
        return len(self.also) + self.also_more

    @property
    def marked(self) -> bool:
        """True when the excerpt shows a matched term."""
        return any(segment.strong for segment in self.excerpt)


@dataclass(frozen=True, slots=True)
class Reference:
    """A line in a section that points to a top story above."""

    number: int
    headline: str


@dataclass(frozen=True, slots=True)
class SectionView:
    """One subtopic: references to top stories, then stories with an excerpt, then briefs."""

    label: str
    count: int
    above: tuple[Reference, ...]
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart; `share` is 0–1 of the highest bar, None before records began."""

    weekday: str
    day: str
    month: str
    value: int | None
    share: float
    weekend: bool
    today: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The last days' volume, oldest first, with a sentence that says the same."""

    bars: tuple[Bar, ...]
    caption: str
    spoken: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """The state of the feeds: `headline` is set when some fail, `all_well` otherwise."""

    headline: str
    lines: tuple[str, ...]
    all_well: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DigestView:
    """One issue to one reader. `printed` and `left_out` are story ids, for the ledger."""

    subject: str
    preheader: str
    heading: str
    date: str
    window: str
    at: datetime  # aware, in the reader's zone
    summary: tuple[Segment, ...]
    remarks: tuple[str, ...]  # catch-up, below the summary
    chart: Chart | None
    top: tuple[StoryView, ...]
    sections: tuple[SectionView, ...]
    quiet: str  # "Prisoners, Syria"
    remainder: tuple[str, ...]  # what was left out and why, full sentences
    health: HealthView
    legend: tuple[str, ...]
    reader: str
    unsubscribe_url: str
    postal: str
    printed: tuple[int, ...]
    left_out: tuple[int, ...]

    @property
    def stories(self) -> tuple[StoryView, ...]:
        """All stories as printed, by number."""
        return self.top + tuple(story for section in self.sections for story in section.stories)
