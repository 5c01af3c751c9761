"""What an issue says of itself: subject, first sentences, what is missing and why, how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest import wording
from digest.excerpt import cut_at_word
from digest.setting import Setting
from digest.stories import DigestStory, IssueMaterial
from digest.view import Segment
from language.clean import clean_header

_SUBJECT_LENGTH = 78
_SUBJECT_HEADLINE = 63
_PREHEADER = 140  # the first 40 always show


def nothing_collected(material: IssueMaterial) -> bool:
    """True when no feed answered at all: the monitor is broken, or cut off."""
    return not (material.stories or material.read or material.health.answered)


def subject(setting: Setting, headlines: Sequence[str]) -> str:
    """The first headline, how many more stories, and the day, which keeps each subject unique: a mail
    client that threads issues hides what they have in common."""
    date = wording.day(setting.now)
    if not headlines:
        broken = nothing_collected(setting.material)
        text = "Nothing collected, check Hotline" if broken else "No new stories"
        heading = f"{text}: {setting.frame.digest.heading}"
        return clean_header(heading, limit=_SUBJECT_HEADLINE) + f" · {date}"
    more = len(setting.material.stories) - 1
    rest = (f" (+{more})" if more else "") + f" · {date}"
    room = min(_SUBJECT_HEADLINE, _SUBJECT_LENGTH - len(rest))
    return clean_header(cut_at_word(clean_header(headlines[0]), limit=room)) + rest


def preheader(headlines: Sequence[str], summary: Sequence[Segment]) -> str:
    """What the inbox shows beside the subject: the next headlines, then the summary."""
    said = "".join(segment.text for segment in summary)
    return cut_at_word(" · ".join([*headlines[:2], said]), limit=_PREHEADER)


def summary(material: IssueMaterial) -> tuple[Segment, ...]:
    """One or two sentences that say what the issue holds, and how that compares."""
    health = material.health
    past = wording.past(material.since, material.until)
    if nothing_collected(material):
        return (
            Segment("Nothing was collected", strong=True),
            Segment(f" in {past}: no feed answered. Please check the service: hotline status."),
        )
    if not material.stories:
        read = wording.counted(material.read, "article")
        verb = "was" if material.read == 1 else "were"
        return (
            Segment("No new story matched", strong=True),
            Segment(f" in {past}: {read} {verb} read from {health.answered} of {health.total} feeds."),
        )
    articles = sum(len(story.articles) for story in material.stories)
    return (
        Segment(wording.counted(len(material.stories), "story", "stories"), strong=True),
        Segment(" from "),
        Segment(wording.counted(articles, "article"), strong=True),
        Segment(_trend(material, articles)),
    )


def _trend(material: IssueMaterial, articles: int) -> str:
    values = [day.matched for day in material.volume]
    trend = wording.trend(values) if values else ""
    if not trend:
        return "."
    if values[-1] == articles:
        return f", {trend}."
    return f". {wording.counted(values[-1], 'article')} matched in the last 24 hours, {trend}."


def remarks(setting: Setting) -> Iterator[str]:
    """What the reader must know before reading: that this is a catch-up, and since when."""
    if setting.material.missed:
        missed = wording.counted(setting.material.missed, "issue")
        since = wording.since_phrase(setting.material.since, now=setting.now)
        yield f"This issue makes up for {missed} that could not be sent: it covers everything {since}."


def remainder(setting: Setting, *, left_out: int) -> Iterator[str]:
    """What was not printed, and why."""
    material = setting.material
    if left_out:
        yield f"{wording.counted(left_out, 'more story', 'more stories')} did not fit."
    if material.nothing_new:
        more = wording.counted(material.nothing_new, "article")
        yield f"{more} on stories you already have brought nothing new."
    if material.below:
        below = wording.counted(material.below, "article")
        yield f"{below} scored below this digest’s threshold of {setting.frame.digest.min_score}."
    if material.stories and material.read:
        read = wording.counted(material.read, "article")
        yield f"{read} read from {material.health.answered} of {material.health.total} feeds."


def legend(setting: Setting, printed: Sequence[DigestStory]) -> Iterator[str]:
    """How to read the mail."""
    if printed:
        yield (
            "Score, 0 to 100, says how strongly a story matches the watched terms; matched terms are marked."
        )
    languages = {article.language for story in printed for article in story.articles if article.language}
    if len(languages) > 1:
        labels = sorted(wording.language_label(language) for language in languages)
        names = ", ".join(f"{label} is {wording.language_name(label)}" for label in labels)
        yield f"Outlets are counted by language: {names}."
    label, zone = wording.zone_label(setting.now), setting.frame.digest.schedule.timezone
    yield f"Times are {label}." if label == zone else f"Times are {label} ({zone})."
