"""How one story is printed: who speaks for it, its details, its excerpt, its other outlets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from digest import ranking, wording
from digest.excerpt import excerpt, mark_terms, other_words
from digest.href import safe_href
from digest.setting import Setting
from digest.stories import DigestArticle, DigestStory
from digest.view import OutletLink, Sibling, StoryView, Tier

FULL_SCORE = 70  # from here on a story may have an excerpt
TOP_EXCERPT = 280
_MOST_CHIPS = 2
_MOST_NEWS = 5
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as feeds write it


def deserves_excerpt(setting: Setting, story: DigestStory) -> bool:
    """True for a story that is important or an update, and has a text to show."""
    important = ranking.score(story) >= FULL_SCORE or story.update is not None
    return important and bool(_excerpt(setting, _speaker(setting, story), Tier.FULL))


def view_story(setting: Setting, story: DigestStory, tier: Tier, number: int) -> StoryView:
    """Return `story` as printed under `number`."""
    speaker = _speaker(setting, story)
    others = ranking.other_outlets(story, speaker)
    shown, more = ranking.shown_outlets(others, limit=setting.density.also, language=speaker.language)
    body = mark_terms(_excerpt(setting, speaker, tier), speaker.terms)
    visible = [segment.text for segment in body if segment.strong]
    return StoryView(
        id=story.id,
        number=number,
        tier=tier,
        headline=speaker.title,
        url=safe_href(speaker.url),
        language=speaker.language if _LANGUAGE.fullmatch(speaker.language) else "",
        flag=_flag(speaker, others),
        outlet=speaker.outlet,
        details=tuple(_details(setting, story, speaker, others)),
        chips=tuple(_chips(setting, story, tier)),
        excerpt=body,
        score=ranking.score(story),
        also=tuple(OutletLink(article.outlet, safe_href(article.url)) for article in shown),
        also_more=more,
        same_text=_same_text(speaker, others),
        terms=other_words(speaker.terms)[: setting.density.terms],
        unseen_terms=other_words(speaker.terms, beyond=visible)[: setting.density.terms],
        sibling=_sibling(story, speaker),
        updated=_updated(setting, story),
        whats_new=story.update.new[:_MOST_NEWS] if story.update else (),
        judge_url=_judge_url(setting, speaker),
    )


def _speaker(setting: Setting, story: DigestStory) -> DigestArticle:
    return ranking.representative(story, languages=setting.frame.digest.languages)


def _excerpt(setting: Setting, speaker: DigestArticle, tier: Tier) -> str:
    if tier is Tier.BRIEF:
        return ""
    limit = TOP_EXCERPT if tier is Tier.TOP else setting.density.excerpt
    text = speaker.text or speaker.summary
    return excerpt(text, terms=speaker.terms, limit=limit, headline=speaker.title)


def _details(
    setting: Setting, story: DigestStory, speaker: DigestArticle, others: Sequence[DigestArticle]
) -> Iterator[str]:
    yield wording.moment(speaker.at, now=setting.now)
    spread = wording.spread([speaker.language, *(article.language for article in others)])
    if spread:
        yield spread
    age = (setting.material.until - story.first_seen) // timedelta(days=1)
    if age > 0:
        yield f"day {age + 1}"
    if story.alerted_at:
        yield f"alerted {wording.moment(story.alerted_at, now=setting.now)}"


def _chips(setting: Setting, story: DigestStory, tier: Tier) -> list[str]:
    """Subtopics that the place in the mail does not already say."""
    keys = ranking.subtopics_of(story, setting.frame.section_keys)
    labels = setting.frame.section_labels
    return [labels[key] for key in (keys if tier is Tier.TOP else keys[1:])][:_MOST_CHIPS]


def _updated(setting: Setting, story: DigestStory) -> str:
    if story.update is None:
        return ""
    return f"New {wording.since_phrase(story.update.sent_at, now=setting.now)}"


def _judge_url(setting: Setting, speaker: DigestArticle) -> str:
    frame = setting.frame
    if frame.links is None:
        return ""
    return frame.links.judge(digest=frame.digest.name, address=frame.reader, article=speaker.id)


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
