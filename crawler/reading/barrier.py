"""Pages that answer 200 and are no article: paywalls, consent walls, robot checks, empty shells."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final
from urllib.parse import urlsplit

from crawler.reading.phrases import any_of


class Barrier(Enum):
    """What stands between us and the article."""

    NONE = auto()
    PAYWALL = auto()
    CHECK = auto()  # consent, robot check, error page, nothing at all


SHORTEST: Final = 150  # characters of an article
_TEASER: Final = 1_200  # a text this short may be the open beginning of a closed article
_NOTICE: Final = 1_500  # a text this short may be nothing but a notice

_CONSENT_HOSTS = re.compile(r"(?:^|\.)(?:consent\.|guce\.|privacy\.)|(?:^|\.)myprivacy\.", re.IGNORECASE)
_CHECK_TITLE = re.compile(
    any_of(r"""
    just a moment|attention required|robot check|security check|ddos-guard|before you continue
    access (?:to this page )?(?:has been )?denied|are you (?:a )?(?:robot|human)
    checking your browser|verify(?:ing)? you are human
    403 forbidden|404 not found|502 bad gateway|503 service|page (?:not found|unavailable)
    доступ (?:к (?:ресурсу|сайту) )?(?:ограничен|запрещ)|вы не робот|проверка браузера
    страница не найдена|ошибка 404|доступ обмежено|сторінку не знайдено
    """),
    re.IGNORECASE,
)
_CHECK = re.compile(
    any_of(r"""
    checking your browser|unusual traffic from|ray id|captcha|access denied|you don't have permission
    verify (?:that )?you(?:'re| are) (?:not a robot|(?:a )?human)
    before you continue to|(?:enable|turn on) (?:javascript|cookies)(?: and|,| in| to)
    we (?:and our (?:\d+ )?partners|value your privacy|use cookies)
    your (?:privacy|cookie) (?:choices|settings|preferences)|(?:accept|reject|manage) (?:all )?cookies
    мы используем (?:файлы )?cookie|подтвердите, что (?:вы|запросы)|включите (?:javascript|куки)
    ми використовуємо (?:файли )?cookie
    """),
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    any_of(r"""
    (?:subscribe|sign up|register|log ?in|sign in)(?: now| today| here)? (?:to|and) (?:continue|finish|read)
    (?:subscribe|sign up|register|log ?in|sign in)(?: now| today| here)? (?:to|for) (?:access|unlimited|full)
    (?:this|the full|the rest of this) (?:article|story|content|text) is .{0,30}(?:subscribers|members)
    already (?:a |have a )?(?:subscri\w+|member)|(?:subscribers?|members?)[- ]only
    you(?:'ve| have) (?:reached|read) your .{0,30}(?:limit|free articles)
    to continue reading|unlock this article
    (?:оформите|купите|активируйте) подписку|для продолжения чтения|уже (?:есть подписка|подписаны)
    (?:материал|текст|статья) доступ\w+ (?:только )?(?:для |по )?подпис\w+|только для подписчиков
    (?:оформіть|придбайте) п[еі]редплату|тільки для передплатників|щоб читати далі
    """),
    re.IGNORECASE,
)


def find_barrier(text: str, *, title: str, url: str, free: bool | None) -> Barrier:
    """Judge an extracted `text`. `free` is what the page declares (schema.org isAccessibleForFree):
    a closed page with a long text shows it to everybody who asks; one with a teaser does not."""
    if len(text) < _NOTICE and _is_check(text, title=title, url=url):
        return Barrier.CHECK
    if len(text) < _TEASER and (free is False or _PAYWALL.search(text)):
        return Barrier.PAYWALL
    return Barrier.CHECK if len(text) < SHORTEST else Barrier.NONE


def _is_check(text: str, *, title: str, url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return bool(_CONSENT_HOSTS.search(host) or _CHECK_TITLE.search(title) or _CHECK.search(text))
