"""From stories to one issue for one reader: a pure function of its data, no clock, no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from digest import announcement, ranking, wording
from digest.chart import chart_of
from digest.health import health_of
from digest.setting import Density, IssueFrame, Setting
from digest.stories import DigestStory, IssueMaterial, Subtopic
from digest.story_view import deserves_excerpt, view_story
from digest.view import DigestView, Reference, SectionView, StoryView, Tier

FULL_IN_SECTION = 4  # a section with more goes on in briefs: the mail must have an end
_OTHER = Subtopic(key="", label="Also on the subject")


def compose(material: IssueMaterial, frame: IssueFrame, density: Density | None = None) -> DigestView:
    """Return the issue that `material` makes for the reader of `frame`. Same data, same view."""
    setting = Setting(material, frame, density or Density(stories=frame.digest.maximum))
    ranked = ranking.ranked(material.stories, order=frame.digest.order)
    printed, left_out = ranked[: setting.density.stories], ranked[setting.density.stories :]
    numbers = count(1)
    leaders = ranking.top_stories(printed, sections=frame.section_keys)
    top = {story.id: view_story(setting, story, Tier.TOP, next(numbers)) for story in leaders}
    sections = tuple(_sections(setting, printed, top, numbers))
    shown = [*top.values(), *(view for section in sections for view in section.stories)]
    headlines = [view.headline for view in shown]
    summary = announcement.summary(material)
    now = setting.now
    return DigestView(
        subject=announcement.subject(setting, headlines),
        preheader=announcement.preheader(headlines[1:], summary),
        heading=frame.digest.heading,
        date=f"{now:%A} {now.day} {now:%B} {now.year}",
        window=f"{wording.span(material.since, material.until)} to {now:%H:%M} {wording.zone_label(now)}",
        at=now,
        summary=summary,
        remarks=tuple(announcement.remarks(setting)),
        chart=chart_of(material.volume),
        top=tuple(top.values()),
        sections=sections,
        quiet=_quiet(frame, sections),
        remainder=tuple(announcement.remainder(setting, left_out=len(left_out))),
        health=health_of(material.health, now=now),
        legend=tuple(announcement.legend(setting, printed)),
        reader=frame.reader,
        unsubscribe_url=_unsubscribe_url(frame),
        postal=frame.mail.postal,
        printed=tuple(story.id for story in printed),
        left_out=tuple(story.id for story in left_out),
    )


def _sections(
    setting: Setting, printed: Sequence[DigestStory], top: Mapping[int, StoryView], numbers: Iterator[int]
) -> Iterator[SectionView]:
    """Yield the sections that have stories, in their fixed order; the rest of the topic last."""
    keys = setting.frame.section_keys
    homes = {story.id: (ranking.subtopics_of(story, keys) or [_OTHER.key])[0] for story in printed}
    for section in (*setting.frame.sections, _OTHER):
        mine = [story for story in printed if homes[story.id] == section.key]
        if mine:
            yield _section(setting, section, mine, top, numbers)


def _section(
    setting: Setting,
    section: Subtopic,
    mine: Sequence[DigestStory],
    top: Mapping[int, StoryView],
    numbers: Iterator[int],
) -> SectionView:
    above = [Reference(top[story.id].number, top[story.id].headline) for story in mine if story.id in top]
    below = [story for story in mine if story.id not in top]
    worth = [story for story in below if deserves_excerpt(setting, story)]
    full = [story for at, story in enumerate(worth) if at < FULL_IN_SECTION or story.update]
    brief = [story for story in below if story not in full]
    tiers = [*((story, Tier.FULL) for story in full), *((story, Tier.BRIEF) for story in brief)]
    return SectionView(
        label=section.label,
        count=len(mine),
        above=tuple(above),
        stories=tuple(view_story(setting, story, tier, next(numbers)) for story, tier in tiers),
    )


def _quiet(frame: IssueFrame, sections: Sequence[SectionView]) -> str:
    if not sections:
        return ""
    spoken = {section.label for section in sections}
    return ", ".join(section.label for section in frame.sections if section.label not in spoken)


def _unsubscribe_url(frame: IssueFrame) -> str:
    if frame.links:
        return frame.links.unsubscribe(digest=frame.digest.name, address=frame.reader)
    return f"mailto:{frame.mail.unsubscribe_mailbox}?subject=unsubscribe%20{frame.digest.name}"
