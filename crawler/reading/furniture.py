"""Lines that belong to a page, not to its article: icon names, newsletter calls, credits, share bars."""

from __future__ import annotations

import re

from crawler.reading.phrases import any_of

_LONGEST = 40  # words; a longer line is prose, whatever it begins with
_FEWEST_ICONS = 3  # one or two such words alone may be a heading

_ICONS = frozenset(
    any_of("""
    arrow|arrow-down|arrow-left|arrow-right|arrow-up|bars|bookmark|burger|calendar|camera|caret|chat
    chevron|chevron-down|chevron-right|clock|close|comment|comments|copy|cross|download|ellipsis|email
    envelope|expand|external|external-link|eye|facebook|filter|flag|flipboard|gallery|gear|globe|google
    hamburger|heart|home|icon|instagram|link|linkedin|list|location|logo|mail|menu|messenger|mobile|more
    more-arrow|next|no|pause|phone|pin|pinterest|play|plus|prev|previous|print|profile|reddit|reply|rss
    save|search|settings|share|speech|star|tag|telegram|threads|tiktok|time|tumblr|twitter|user|video
    viber|vk|whatsapp|x|yes|youtube
    """).split("|")
)

# A line is furniture when one of these is the whole of it.
_LABELS = any_of(r"""
    filed under
    tags?
    topics
    categor(?:y|ies)
    (?:related|recommended|more)(?: articles| stories| topics| content| for you| news| coverage)?
    share(?: this)?(?: article| story| page| post)?
    (?:story continues below )?advertisement
    sponsored(?: content| links)?
    skip (?:to (?:main )?content|advertisement)
    read (?:more|next|also)|up next|most (?:read|popular|viewed)|trending(?: now)?
    (?:leave a |post a |view |\d+ )?comments?
    теги|теми|темы|рубрик[аи]|реклама|на правах рекламы|новости партн[её]ров
    чита(?:йте|ть) также|смотрите также|(?:ещ[её] )?по теме|самое читаемое|главное сегодня
    читайте також|дивіться також|новини партнерів
    поделиться|поділитися|комментарии|коментарі
""")
_NETWORKS = any_of(r"""
    facebook|twitter|telegram|instagram|youtube|whatsapp|viber|vk|google news|messenger
    телеграм\w*|вконтакте|фейсбук\w*|твиттер\w*|дзен\w*|соцсетях|соцмережах
""")
_CALLS = any_of(rf"""
    (?:please )?(?:sign up|subscribe|register)\b.{{0,60}}\b(?:newsletters?|inbox|updates|alerts|podcast)\b.*
    (?:sign up|subscribe) (?:for|to) (?:our|the) .{{0,60}}
    (?:get|receive|want|enjoy|never miss)\b.{{0,120}}\b(?:newsletters?|inbox|our editors|e-?mail updates)\b.*
    (?:our|the|a) (?:free )?(?:daily|weekly|morning|evening)\b.{{0,40}}\bnewsletter\b.*
    by (?:signing up|subscribing|submitting your e-?mail)\b.{{0,80}}\b(?:agree|consent|terms|privacy)\b.*
    (?:follow|like|find|join) (?:us|our \w+|@?\w+(?: \w+)?) on (?:{_NETWORKS})\b.*
    подп(?:ишитесь|исывайтесь|исаться)\b.*\b(?:рассылк|канал|новост|нас\b|{_NETWORKS}).*
    п[іи]дп(?:ишіться|исуйтесь|исатися)\b.*\b(?:розсилк|канал|новини|нас\b|{_NETWORKS}).*
    (?:читайте|следите за|смотрите|стежте за)\b.{{0,40}}\b(?:{_NETWORKS})\b.*
    the post .{{1,300}} (?:appeared first|first appeared) on .{{1,100}}
    (?:continue|keep) reading(?:[….]| .{{0,150}})?
    (?:please |you (?:need|have) to )?(?:enable|turn on) javascript\b.*
    your browser does not support\b.*
""")
_CREDITS = any_of(r"""
    (?:photo|photograph|image|picture|illustration|credit)s?(?: credit)?(?: by| courtesy of|:|/) ?\S.{2,80}
    (?:фото|фотография|иллюстрация|світлина)\s?[:/©]\s?\S.{2,80}
    ©\s?\S.{2,80}
    (?:copyright )?(?:©|\(c\)|copyright) ?(?:\d{4})?.{0,60}all rights reserved\.?
    all rights reserved\.?
""")
# Apart: one alternation of all takes three times as long.
_FURNITURE = tuple(
    re.compile(pattern, re.IGNORECASE) for pattern in (rf"(?:{_LABELS})\s*[:.…»>]*", _CALLS, _CREDITS)
)
_NAME = re.compile(r"[\w-]+")


def without_furniture(text: str) -> str:
    """Drop furniture from `text`, one paragraph per line; what is left keeps its order."""
    return "\n".join(line for line in text.splitlines() if not is_furniture(line))


def is_furniture(line: str) -> bool:
    """Whether a line, as a whole, is no part of an article."""
    if len(line.split()) > _LONGEST:
        return False
    bare = line.strip(" \t•|–-")
    return any(pattern.fullmatch(bare) for pattern in _FURNITURE) or _is_icon_bar(line)


def _is_icon_bar(line: str) -> bool:
    names = _NAME.findall(line.lower())
    return len(names) >= _FEWEST_ICONS and all(name in _ICONS for name in names)
