"""Keep a mail under the size at which Gmail cuts it off (about 102 kB), by printing less per story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from digest.compose import compose
from digest.message import encoded_size
from digest.render import RenderedDigest, render
from digest.setting import Density, IssueFrame
from digest.stories import IssueMaterial
from digest.view import DigestView

HTML_LIMIT = 90_000  # bytes of UTF-8
ENCODED_LIMIT = 102_000  # as transferred; reports differ on which of the two Gmail counts
_FEWER = 5


def fit(material: IssueMaterial, frame: IssueFrame) -> tuple[DigestView, RenderedDigest]:
    """Return the issue in the fullest density that stays under both limits.

    Fewer "also in" first, then shorter excerpts, then fewer stories, which the mail counts as not
    fitting. One story is always printed.
    """
    for density in _densities(frame.digest.maximum, len(material.stories)):
        view = compose(material, frame, density)
        rendered = render(view)
        if len(rendered.html.encode()) < HTML_LIMIT and encoded_size(rendered.html) < ENCODED_LIMIT:
            break
    return view, rendered


def _densities(maximum: int, stories: int) -> Iterator[Density]:
    full = Density(stories=min(maximum, max(stories, 1)))
    yield full
    yield replace(full, also=2)
    yield replace(full, also=0)
    least = replace(full, also=0, excerpt=160)
    yield least
    for count in range(full.stories - _FEWER, 1, -_FEWER):
        yield replace(least, stories=count)
    yield replace(least, stories=1)
