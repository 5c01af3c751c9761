"""Level 3, copies: is this text, as a whole or in part, a text that we know?

Containment is what counts: how much of the shorter text stands in the longer one. A wire story that
lost its last ten paragraphs, or gained a local one, is still that wire story.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from storage.corpus.signature import SHINGLE_WORDS, Signature, Wording

# Best on the labelled pairs between 0.25 and 0.40, where F1 changes by less than 0.005.
_CONTAINED = 0.33
_LEAST_PRINTS, _SHARE_OF_PRINTS = 3, 0.5
_LEAST_SHARED = 16  # sequences of eight words: one quotation in common makes no copy


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts share, in distinct sequences of eight words."""

    shared: int
    shorter: int
    longer: int

    @property
    def containment(self) -> float:
        """Share of the shorter text that stands in the longer one, 0–1."""
        return self.shared / self.shorter if self.shorter else 0.0

    @property
    def resemblance(self) -> float:
        """Jaccard's coefficient, 0–1."""
        union = self.shorter + self.longer - self.shared
        return self.shared / union if union else 0.0


@dataclass(frozen=True, slots=True)
class CopyDecision:
    """The text repeats that of article `of`; `score` is the containment, `reason` one sentence."""

    of: int
    score: float
    reason: str


def overlap(one: Wording, other: Wording) -> Overlap:
    """Compare two texts, exactly (no estimate)."""
    shared = np.intersect1d(one.shingles, other.shingles, assume_unique=True).size
    shorter, longer = sorted((one.shingles.size, other.shingles.size))
    return Overlap(int(shared), shorter, longer)


def copy_of(new: Wording, candidates: Iterable[tuple[int, Wording]]) -> CopyDecision | None:
    """Say which candidate `new` repeats most, None when it is a text of its own."""
    return next(iter(copies_among(new, candidates)), None)


def copies_among(new: Wording, candidates: Iterable[tuple[int, Wording]]) -> list[CopyDecision]:
    """All candidates that `new` repeats, the largest containment first; among equals the one that comes
    first, so give the earliest first."""
    overlaps = ((article_id, known, overlap(new, known)) for article_id, known in candidates)
    copies = [
        CopyDecision(article_id, found.containment, _told(found, longer=new.words >= known.words))
        for article_id, known, found in overlaps
        if is_copy(found)
    ]
    return sorted(copies, key=lambda copy: -copy.score)


def copy_by_prints(new: Signature, candidates: Iterable[tuple[int, int]]) -> CopyDecision | None:
    """As `copy_of`, for texts that retention has emptied: candidates come with how many fingerprints
    of `new` they share. Half of them, and three at least, make a copy."""
    for article_id, shared in candidates:
        share = shared / len(new.prints) if new.prints else 0.0
        if shared >= _LEAST_PRINTS and share >= _SHARE_OF_PRINTS:
            reason = f"{shared} of {len(new.prints)} fingerprints are the same; the older text was forgotten"
            return CopyDecision(article_id, share, reason)
    return None


def is_copy(found: Overlap) -> bool:
    """Whether so much in common makes one text a copy of the other."""
    if found.shared == found.shorter == found.longer:
        return found.shared > 0
    return found.containment >= _CONTAINED and found.shared >= _LEAST_SHARED


def _told(found: Overlap, *, longer: bool) -> str:
    if found.shared == found.shorter == found.longer:
        return "the same text, word for word"
    percent = f"{found.containment:.0%}"
    if found.resemblance >= _CONTAINED:
        return f"{percent} of the text is the same, in sequences of {SHINGLE_WORDS} words"
    whole, part = ("it", "that text") if longer else ("that text", "it")
    return f"{percent} of {part} stands in {whole}, in sequences of {SHINGLE_WORDS} words"
