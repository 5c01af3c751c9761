"""What every part of composing looks at: the data of one issue, for whom, and how densely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.config import DigestConfig, MailConfig
from digest.links import SignedLinks
from digest.stories import IssueMaterial, Subtopic


@dataclass(frozen=True, slots=True)
class Density:
    """How much is printed. A mail too big for Gmail, which clips at 102 kB, is composed again denser."""

    stories: int = 40
    also: int = 4
    excerpt: int = 230
    terms: int = 5


@dataclass(frozen=True, slots=True)
class IssueFrame:
    """What an issue needs beside its material: the digest, its sections in their fixed order, who
    sends and who reads. Without `links` the mail has no feedback links and unsubscribes by mail."""

    digest: DigestConfig
    sections: tuple[Subtopic, ...]
    mail: MailConfig
    reader: str  # address
    links: SignedLinks | None = None

    @property
    def section_keys(self) -> Sequence[str]:
        """The keys of the sections, in their order."""
        return [section.key for section in self.sections]

    @property
    def section_labels(self) -> Mapping[str, str]:
        """Key → label."""
        return {section.key: section.label for section in self.sections}


@dataclass(frozen=True, slots=True)
class Setting:
    """One issue to one reader, in one density."""

    material: IssueMaterial
    frame: IssueFrame
    density: Density

    @property
    def now(self) -> datetime:
        """The moment of the issue in the reader's zone."""
        return self.material.until.astimezone(self.frame.digest.schedule.zone)
