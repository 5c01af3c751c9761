"""Which news agency a text is credited to, in its byline, its first words or its last.

A wire report is often first met in a paper that printed it. Only a credit for the whole text counts:
"said, as TASS reported" and "The Associated Press contributed to this report" name a source, not an author,
and a name under a photograph is the photographer's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIRST_WORDS, _LAST_WORDS = 120, 240  # characters, as far as a dateline or a closing line reaches


@dataclass(frozen=True, slots=True)
class Agency:
    """A news agency; the registrable `domains` of its own sites."""

    name: str
    domains: frozenset[str]


# name | domains | how its texts are signed
_TABLE = """
AFP | afp.com | AFP, Agence France-Presse, Agence France Presse, АФП, Франс Пресс
Anadolu | aa.com.tr | Anadolu Agency, Anadolu, AA
AP | apnews.com ap.org | AP, Associated Press, Ассошиэйтед Пресс
BelTA | belta.by | BelTA, БелТА
Bloomberg | bloomberg.com | Bloomberg, Bloomberg News
dpa | dpa.com dpa-international.com | dpa, DPA, ДПА
Interfax | interfax.ru interfax.com | Interfax, Интерфакс, INTERFAX.RU
Interfax-Ukraine | interfax.com.ua | Interfax-Ukraine, Интерфакс-Украина, Інтерфакс-Україна
Kyodo | kyodonews.net kyodo.co.jp | Kyodo, Kyodo News
Prime | 1prime.ru | ПРАЙМ, Прайм
Reuters | reuters.com | Reuters, Thomson Reuters, Рейтер, Рейтерс
RIA Novosti | ria.ru rian.ru | RIA Novosti, РИА Новости, РИА «Новости»
Sputnik | sputnikglobe.com sputniknews.com | Sputnik
TASS | tass.ru tass.com | TASS, ТАСС, ИТАР-ТАСС
Ukrinform | ukrinform.net ukrinform.ua ukrinform.ru | Ukrinform, Укринформ, Укрінформ
UNIAN | unian.net unian.ua unian.info | UNIAN, УНИАН, УНІАН
UPI | upi.com | UPI, United Press International
Xinhua | xinhuanet.com news.cn | Xinhua, Синьхуа
"""


def _by_sign() -> dict[str, Agency]:
    agencies: dict[str, Agency] = {}
    for line in _TABLE.strip().splitlines():
        name, domains, signs = (part.strip() for part in line.split("|"))
        agency = Agency(name, frozenset(domains.split()))
        for sign in signs.split(", "):
            agencies[sign] = agencies[sign.upper()] = agency
    return agencies


_AGENCIES = _by_sign()
_SIGN = rf"(?P<sign>{'|'.join(map(re.escape, sorted(_AGENCIES, key=len, reverse=True)))})"
_BYLINE = re.compile(
    rf"(?:^|[,|/;(]|\bof\b|\bfor\b)\s*(?:[Bb]y\s+)?(?:[Tt]he\s+)?{_SIGN}(?:\s+[Ss]taff)?\s*(?=$|[,|/;)])"
)
_FIRST = tuple(
    map(
        re.compile,
        (
            rf"\({_SIGN}\)\s*[-–—:]",  # WASHINGTON (AP) — · KYIV, Aug 12 (Reuters) -
            rf"[-–—.]\s+/?{_SIGN}/?\s*[-–—.:]",  # МОСКВА, 12 авг — РИА Новости. · 12 августа. /ТАСС/.
            rf"^\W*{_SIGN}(?:\s*[-–—:]\s|,\s+\d)",  # AFP – · ТАСС, 12 августа
        ),
    )
)
_LAST = re.compile(
    rf"(?:[.!?»”\"')\]]\s+|\n\s*)(?:\W*(?:©|\(c\)|[Cc]opyright|[Ss]ource:|Источник:|Джерело:|\d{{4}}|[Tt]he)\s*)*"
    rf"\W*{_SIGN}\W*(?:[Aa]ll rights reserved\W*)?$"
)  # © 2025 AFP · /ТАСС/ · Источник: Интерфакс
_DESK = re.compile(r"\(Reporting by [^()]+;[^()]+\)\W*$")  # as Reuters signs off


def credit_of(author: str, *texts: str) -> Agency | None:
    """The one agency that a byline, or else one of `texts`, names as the author of the whole; None when
    there is none, or more than one."""
    named = {_AGENCIES[found["sign"]] for found in _BYLINE.finditer(author)}
    for text in texts:
        if named:
            break
        named = _signed(text)
    return named.pop() if len(named) == 1 else None


def _signed(text: str) -> set[Agency]:
    for pattern in _FIRST:
        if found := pattern.search(text[:_FIRST_WORDS]):
            return {_AGENCIES[found["sign"]]}
    end = text.rstrip()[-_LAST_WORDS:]
    if found := _LAST.search(end):
        return {_AGENCIES[found["sign"]]}
    return {_AGENCIES["Reuters"]} if _DESK.search(end) else set()
