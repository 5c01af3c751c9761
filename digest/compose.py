"""From stories to one issue for one reader: a pure function of its data, no clock, no database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from digest import ranking, wording
from digest.chart import chart_of
from digest.config import DigestConfig, MailConfig
from digest.excerpt import cut_at_word, excerpt, mark_terms, other_words
from digest.health import health_of
from digest.href import safe_href
from digest.links import SignedLinks
from digest.stories import DigestArticle, DigestStory, IssueMaterial, Subtopic
from digest.view import (
    DigestView,
    OutletLink,
    Reference,
    SectionView,
    Segment,
    Sibling,
    StoryView,
    Tier,
)
from language.clean import clean_header

FULL_SCORE = 70  # from here on a story may have an excerpt
FULL_IN_SECTION = 4  # a section with more goes on in briefs: the mail must have an end
TOP_EXCERPT = 280
_SUBJECT_LENGTH = 78
_SUBJECT_HEADLINE = 63
_PREHEADER = 140  # the first 40 always show
_OTHER = Subtopic(key="", label="Also on the subject")
_MOST_CHIPS = 3
_MOST_NEWS = 5
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as feeds write it


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


def compose(material: IssueMaterial, frame: IssueFrame, density: Density | None = None) -> DigestView:
    """Return the issue that `material` makes for the reader of `frame`. Same data, same view."""
    return _Composer(material, frame, density or Density(stories=frame.digest.maximum)).view()


def nothing_collected(material: IssueMaterial) -> bool:
    """True when no feed answered at all: the monitor is broken, or cut off."""
    return not (material.stories or material.read or material.health.answered)


class _Composer:
    """One issue in the making; only the story counter changes."""

    def __init__(self, material: IssueMaterial, frame: IssueFrame, density: Density) -> None:
        self.material = material
        self.frame = frame
        self.density = density
        self.now = material.until.astimezone(frame.digest.schedule.zone)
        self.keys = [section.key for section in frame.sections]
        self.labels = {section.key: section.label for section in frame.sections}
        self.number = 0

    def view(self) -> DigestView:
        ranked = ranking.ranked(self.material.stories, order=self.frame.digest.order)
        printed, left_out = ranked[: self.density.stories], ranked[self.density.stories :]
        leaders = ranking.top_stories(printed, sections=self.keys)
        top = tuple(self.story(story, Tier.TOP) for story in leaders)
        numbers = {story.id: view for story, view in zip(leaders, top, strict=True)}
        sections = tuple(self.sections(printed, numbers))
        summary = self.summary()
        shown = [*top, *(view for section in sections for view in section.stories)]
        headlines = [view.headline for view in shown]
        return DigestView(
            subject=self.subject(headlines),
            preheader=self.preheader(headlines[1:], summary),
            heading=self.frame.digest.heading,
            date=f"{self.now:%A} {self.now.day} {self.now:%B} {self.now.year}",
            window=self.window(),
            at=self.now,
            summary=summary,
            remarks=tuple(self.remarks()),
            chart=chart_of(self.material.volume),
            top=top,
            sections=sections,
            quiet=self.quiet(sections),
            remainder=tuple(self.remainder(len(left_out))),
            health=health_of(self.material.health, now=self.now),
            legend=tuple(self.legend(printed)),
            reader=self.frame.reader,
            unsubscribe_url=self.unsubscribe_url(),
            postal=self.frame.mail.postal,
            printed=tuple(story.id for story in printed),
            left_out=tuple(story.id for story in left_out),
        )

    def sections(self, printed: Sequence[DigestStory], top: dict[int, StoryView]) -> Iterator[SectionView]:
        """Yield the sections that have stories, in their fixed order; the rest of the topic last."""
        homes = {story.id: self.home(story) for story in printed}
        for section in (*self.frame.sections, _OTHER):
            mine = [story for story in printed if homes[story.id] == section.key]
            if mine:
                yield self.section(section, mine, top)

    def home(self, story: DigestStory) -> str:
        return (ranking.subtopics_of(story, self.keys) or [_OTHER.key])[0]

    def section(
        self, section: Subtopic, mine: Sequence[DigestStory], top: dict[int, StoryView]
    ) -> SectionView:
        above = [Reference(top[story.id].number, top[story.id].headline) for story in mine if story.id in top]
        below = [story for story in mine if story.id not in top]
        worth = [story for story in below if self.deserves_excerpt(story)]
        full = [story for at, story in enumerate(worth) if at < FULL_IN_SECTION or story.update]
        brief = [story for story in below if story not in full]
        return SectionView(
            label=section.label,
            count=len(mine),
            above=tuple(above),
            stories=tuple(self.story(story, Tier.FULL) for story in full)
            + tuple(self.story(story, Tier.BRIEF) for story in brief),
        )

    def deserves_excerpt(self, story: DigestStory) -> bool:
        speaker = ranking.representative(story, languages=self.frame.digest.languages)
        important = ranking.score(story) >= FULL_SCORE or story.update is not None
        return important and bool(self.excerpt(speaker, Tier.FULL))

    def story(self, story: DigestStory, tier: Tier) -> StoryView:
        self.number += 1
        speaker = ranking.representative(story, languages=self.frame.digest.languages)
        others = ranking.other_outlets(story, speaker)
        shown, more = ranking.shown_outlets(others, limit=self.density.also, language=speaker.language)
        body = mark_terms(self.excerpt(speaker, tier), speaker.terms)
        terms = speaker.terms
        visible = [segment.text for segment in body if segment.strong]
        return StoryView(
            id=story.id,
            number=self.number,
            tier=tier,
            headline=speaker.title,
            url=safe_href(speaker.url),
            language=speaker.language if _LANGUAGE.fullmatch(speaker.language) else "",
            flag=_flag(speaker, others),
            outlet=speaker.outlet,
            details=tuple(self.details(story, speaker, others)),
            chips=tuple(self.chips(story, tier)),
            excerpt=body,
            score=ranking.score(story),
            also=tuple(OutletLink(article.outlet, safe_href(article.url)) for article in shown),
            also_more=more,
            same_text=_same_text(speaker, others),
            terms=other_words(terms)[: self.density.terms],
            unseen_terms=other_words(terms, beyond=visible)[: self.density.terms],
            sibling=_sibling(story, speaker),
            updated=self.updated(story),
            whats_new=story.update.new[:_MOST_NEWS] if story.update else (),
            judge_url=self.judge_url(speaker),
        )

    def excerpt(self, speaker: DigestArticle, tier: Tier) -> str:
        if tier is Tier.BRIEF:
            return ""
        limit = TOP_EXCERPT if tier is Tier.TOP else self.density.excerpt
        text = speaker.text or speaker.summary
        return excerpt(text, terms=speaker.terms, limit=limit, headline=speaker.title)

    def details(
        self, story: DigestStory, speaker: DigestArticle, others: Sequence[DigestArticle]
    ) -> Iterator[str]:
        yield wording.moment(speaker.at, now=self.now)
        spread = wording.spread([speaker.language, *(article.language for article in others)])
        if spread:
            yield spread
        age = (self.material.until - story.first_seen) // timedelta(days=1)
        if age > 0:
            yield f"day {age + 1}"
        if story.alerted_at:
            yield f"alerted {wording.moment(story.alerted_at, now=self.now)}"

    def chips(self, story: DigestStory, tier: Tier) -> list[str]:
        """Subtopics that the place in the mail does not already say."""
        keys = ranking.subtopics_of(story, self.keys)
        return [self.labels[key] for key in (keys if tier is Tier.TOP else keys[1:])][:_MOST_CHIPS]

    def updated(self, story: DigestStory) -> str:
        if story.update is None:
            return ""
        return f"New {wording.since_phrase(story.update.sent_at, now=self.now)}"

    def judge_url(self, speaker: DigestArticle) -> str:
        if self.frame.links is None:
            return ""
        return self.frame.links.judge(
            digest=self.frame.digest.name, address=self.frame.reader, article=speaker.id
        )

    def unsubscribe_url(self) -> str:
        frame = self.frame
        if frame.links:
            return frame.links.unsubscribe(digest=frame.digest.name, address=frame.reader)
        return f"mailto:{frame.mail.unsubscribe_mailbox}?subject=unsubscribe%20{frame.digest.name}"

    def window(self) -> str:
        span = wording.span(self.material.since, self.material.until)
        return f"{span} to {self.now:%H:%M} {wording.zone_label(self.now)}"

    def subject(self, headlines: Sequence[str]) -> str:
        date = wording.day(self.now)
        if not headlines:
            text = (
                "Nothing collected, check Hotline" if nothing_collected(self.material) else "No new stories"
            )
            return (
                clean_header(f"{text}: {self.frame.digest.heading}", limit=_SUBJECT_HEADLINE) + f" · {date}"
            )
        more = len(self.material.stories) - 1
        rest = (f" (+{more})" if more else "") + f" · {date}"
        room = min(_SUBJECT_HEADLINE, _SUBJECT_LENGTH - len(rest))
        return clean_header(cut_at_word(clean_header(headlines[0]), limit=room)) + rest

    def preheader(self, headlines: Sequence[str], summary: Sequence[Segment]) -> str:
        said = "".join(segment.text for segment in summary)
        return cut_at_word(" · ".join([*headlines[:2], said]), limit=_PREHEADER)

    def summary(self) -> tuple[Segment, ...]:
        """One or two sentences that say what the issue holds, and how that compares."""
        material, health = self.material, self.material.health
        past = wording.past(material.since, material.until)
        if nothing_collected(self.material):
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
            Segment(self.trend(articles)),
        )

    def trend(self, articles: int) -> str:
        values = [day.matched for day in self.material.volume]
        trend = wording.trend(values) if values else ""
        if not trend:
            return "."
        if values[-1] == articles:
            return f", {trend}."
        return f". {wording.counted(values[-1], 'article')} matched in the last 24 hours, {trend}."

    def remarks(self) -> Iterator[str]:
        if self.material.missed:
            missed = wording.counted(self.material.missed, "issue")
            since = wording.since_phrase(self.material.since, now=self.now)
            yield f"This issue makes up for {missed} that could not be sent: it covers everything {since}."

    def quiet(self, sections: Sequence[SectionView]) -> str:
        if not sections:
            return ""
        spoken = {section.label for section in sections}
        return ", ".join(section.label for section in self.frame.sections if section.label not in spoken)

    def remainder(self, left_out: int) -> Iterator[str]:
        material = self.material
        if left_out:
            yield f"{wording.counted(left_out, 'more story', 'more stories')} did not fit."
        if material.nothing_new:
            more = wording.counted(material.nothing_new, "article")
            yield f"{more} on stories you already have brought nothing new."
        if material.below:
            below = wording.counted(material.below, "article")
            yield f"{below} scored below this digest’s threshold of {self.frame.digest.min_score}."
        if material.stories and material.read:
            read = wording.counted(material.read, "article")
            yield f"{read} read from {material.health.answered} of {material.health.total} feeds."

    def legend(self, printed: Sequence[DigestStory]) -> Iterator[str]:
        label, name = wording.zone_label(self.now), self.frame.digest.schedule.timezone
        zone = f"Times are {label}." if label == name else f"Times are {label} ({name})."
        if not printed:
            yield zone
            return
        yield (
            "Score, 0 to 100, says how strongly a story matches the watched terms; matched terms are marked."
        )
        languages = {article.language for story in printed for article in story.articles if article.language}
        if len(languages) > 1:
            labels = sorted(wording.language_label(language) for language in languages)
            names = ", ".join(f"{label} is {wording.language_name(label)}" for label in labels)
            yield f"Outlets are counted by language: {names}."
        yield zone


def _flag(speaker: DigestArticle, others: Sequence[DigestArticle]) -> str:
    """Mark a headline that is not English, and say where no English outlet has the story."""
    if speaker.language in {ranking.ENGLISH, ""}:
        return ""
    label = wording.language_label(speaker.language)
    only = others and all(article.language == speaker.language for article in others)
    return f"{label} only" if only else label


def _same_text(speaker: DigestArticle, others: Sequence[DigestArticle]) -> int:
    """Count the outlets that carry the speaker's text, as the speaker or it copied it."""
    original = speaker.copy_of or speaker.id
    return sum(original in {article.id, article.copy_of} for article in others)


def _sibling(story: DigestStory, speaker: DigestArticle) -> Sibling | None:
    english = ranking.english_sibling(story, speaker)
    return Sibling(english.title, english.outlet) if english else None
