# ruff: noqa: E501 (data reads better unbroken)
"""An invented day for the digest: outlets, people and events are all made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.config import DigestConfig, MailConfig
from digest.setting import IssueFrame
from digest.stories import (
    DayVolume,
    DigestArticle,
    DigestStory,
    FailingFeed,
    FeedHealth,
    IssueMaterial,
    StoryUpdate,
    Subtopic,
)
from language.clean import clean_text

NOW = datetime(2026, 11, 19, 11, 30, tzinfo=UTC)  # 06:30 in New York
READER = "reader@example.net"

SECTIONS = tuple(
    Subtopic(key, label)
    for key, label in [
        ("diplomacy", "Diplomacy"),
        ("ukraine", "Ukraine war"),
        ("sanctions", "Sanctions & trade"),
        ("arms-control", "Arms control"),
        ("nato", "NATO"),
        ("energy", "Energy"),
        ("cyber", "Cyber & elections"),
        ("prisoners", "Prisoners"),
        ("syria", "Syria"),
    ]
)

# name, language, country, priority
OUTLETS = {
    "Potomac Post": ("en", "US", 10),
    "Hudson Chronicle": ("en", "US", 10),
    "Beltway Wire": ("en", "US", 20),
    "Thames Observer": ("en", "GB", 20),
    "Rhine Gazette": ("en", "DE", 30),
    "Fjord Daily": ("en", "NO", 30),
    "Arms Ledger": ("en", "US", 40),
    "Barrel & Pipeline": ("en", "GB", 40),
    "Kestrel Security": ("en", "US", 50),
    "Steppe Monitor": ("en", "KZ", 60),
    "Kyiv Lantern": ("en", "UA", 60),
    "Ока-Информ": ("ru", "RU", 40),
    "Ладожский вестник": ("ru", "RU", 40),
    "Волга Финанс": ("ru", "RU", 50),
    "Свободный канал": ("ru", "LV", 50),
    "Дніпровський час": ("uk", "UA", 60),
}


def article(
    number: int,
    outlet: str,
    title: str,
    *,
    hours: float,
    score: int = 70,
    text: str = "",
    terms: tuple[str, ...] = (),
    subtopics: tuple[str, ...] = (),
    copy_of: int | None = None,
) -> DigestArticle:
    """One article of the invented day, published `hours` before the issue."""
    language, country, priority = OUTLETS[outlet]
    return DigestArticle(
        id=number,
        url=f"https://news.example.com/{language}/2026/11/19/item-{number}",
        title=title,
        outlet=outlet,
        language=language,
        at=NOW - timedelta(hours=hours),
        score=score,
        country=country,
        priority=priority,
        text=text,
        terms=terms,
        subtopics=subtopics,
        copy_of=copy_of,
    )


def story(
    number: int,
    topic: str,
    score: int,
    hours: float,
    outlet: str,
    title: str,
    text: str = "",
    *,
    terms: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    also_title: str = "",
    copies: int = 0,
    more_topics: tuple[str, ...] = (),
    days: int = 0,
    update: StoryUpdate | None = None,
    alerted_hours: float | None = None,
) -> DigestStory:
    """A story led by one outlet; `also` are further outlets, the first `copies` with the same text."""
    first = number * 100
    subtopics = (topic, *more_topics)
    lead = article(
        first, outlet, title, hours=hours, score=score, text=text, terms=terms, subtopics=subtopics
    )
    others = tuple(
        replace(
            article(
                first + at,
                name,
                also_title or f"{name}: {title}",
                hours=hours - 0.1 * at,
                score=score - 5,
                terms=terms[:1],
                subtopics=subtopics,
                copy_of=first if at <= copies else None,
            ),
            priority=lead.priority + 10 + at if not also_title else 40,
        )
        for at, name in enumerate(also, start=1)
    )
    return DigestStory(
        id=number,
        articles=(lead, *others),
        first_seen=NOW - timedelta(hours=hours, days=days),
        update=update,
        alerted_at=NOW - timedelta(hours=alerted_hours) if alerted_hours else None,
    )


_RUSSIAN = ("Ока-Информ", "Ладожский вестник", "Волга Финанс")

STORIES = (
    story(
        1, "sanctions", 97, 2.2, "Hudson Chronicle",
        "Washington bars insurers of 42 tankers from U.S. ports over Russian oil",
        "The U.S. Treasury on Wednesday blacklisted nine insurers that cover 42 tankers carrying Russian "
        "oil above the price cap. Shipbrokers in Piraeus said charter rates rose within the hour. Moscow "
        "called the step “a blockade by paperwork”.",
        terms=("U.S. Treasury", "Russian oil", "price cap", "OFAC"), more_topics=("energy",), copies=3,
        also=("Potomac Post", "Beltway Wire", "Thames Observer", "Barrel & Pipeline", *_RUSSIAN, "Fjord Daily",
              "Rhine Gazette", "Steppe Monitor", "Свободный канал"), alerted_hours=1.3,
    ),
    story(
        2, "arms-control", 94, 5.3, "Potomac Post",
        "Russia offers to swap warhead counts with the United States until a new treaty is signed",
        "Russia’s deputy foreign minister told reporters in Vienna that Moscow would exchange warhead "
        "counts twice a year, as New START required. The State Department said it was studying the offer. "
        "No inspections are foreseen before spring.",
        terms=("warhead", "New START", "State Department", "Moscow"), more_topics=("diplomacy",), days=2,
        also=("Arms Ledger", "Thames Observer", "Ока-Информ", "Rhine Gazette", "Свободный канал", "Fjord Daily"),
        update=StoryUpdate(NOW - timedelta(days=1), ("“twice a year”", "Vienna", "exchange of warhead counts")),
    ),
    story(
        3, "ukraine", 92, 1.1, "Thames Observer",
        "U.S. mediator leaves Istanbul with two drafts of a truce around power plants",
        "The American mediator spent six hours with the Russian delegation before meeting Ukraine’s team. "
        "Both drafts would bar strikes within 30 kilometres of power plants; they differ on who watches. "
        "The Kremlin expects an answer by Friday.",
        terms=("American mediator", "Kremlin", "Russian delegation", "truce"), more_topics=("diplomacy",), days=4,
        also=("Potomac Post", "Kyiv Lantern", "Дніпровський час", "Ока-Информ", "Beltway Wire"),
    ),
    story(
        4, "diplomacy", 85, 9.0, "Beltway Wire", "Embassy in Moscow to reopen visa windows for students in January",
        "The U.S. embassy in Moscow will take student visa applications again from 11 January, a spokeswoman "
        "said. Russia will in turn let eight American consular officers return.",
        terms=("U.S. embassy", "Moscow", "consular"), also=("Ладожский вестник", "Hudson Chronicle"),
    ),
    story(
        5, "diplomacy", 78, 12.5, "Ладожский вестник", "США и Россия обсудят возвращение прямых рейсов в декабре",
        "Делегации США и России встретятся в Осло 3 декабря, чтобы обсудить прямые рейсы. По словам источника "
        "в ведомстве, речь идёт о двух городах с каждой стороны. Сроки пока не названы.",
        terms=("США", "России", "рейсы"), also=("Ока-Информ", "Fjord Daily"),
        also_title="Oslo to host talks on direct flights between Russia and the United States",
    ),
    story(
        6, "diplomacy", 64, 16.0, "Potomac Post", "Senator asks for a list of Russian diplomats who overstayed",
        terms=("Russian diplomats",), also=("Beltway Wire",),
    ),
    story(
        7, "diplomacy", 61, 20.0, "Rhine Gazette", "Geneva hotel owners prepare for another round of delegations",
        terms=("delegations", "Geneva"),
    ),
    story(
        8, "ukraine", 83, 3.5, "Kyiv Lantern", "Pentagon releases a third batch of generators for Kharkiv",
        "The Pentagon said 60 generators would reach Kharkiv by rail this week. Russian strikes cut power to "
        "two districts on Tuesday. City engineers expect repairs to take until December.",
        terms=("Pentagon", "Russian strikes"), also=("Дніпровський час", "Hudson Chronicle", "Ока-Информ", "Potomac Post"),
        more_topics=("nato",),
    ),
    story(
        9, "ukraine", 74, 14.2, "Дніпровський час", "У Білому домі назвали умови для нової зустрічі з Росією",
        "Речник Білого дому сказав, що зустріч з Росією можлива лише після тижня без ударів. Київ підтримав цю "
        "умову. Москва поки не відповіла.",
        terms=("Білого дому", "Росією", "Москва"), also=("Kyiv Lantern", "Свободный канал"),
        also_title="White House wants a week without strikes before it meets Russia again",
    ),
    story(
        10, "ukraine", 63, 18.0, "Свободный канал", "Конгресс отложил слушания о помощи Киеву",
        terms=("Конгресс",), also=("Ока-Информ",),
    ),
    story(
        11, "sanctions", 81, 4.4, "Barrel & Pipeline", "Gulf refiners ask Washington for a list of Russian cargoes they may touch",
        "Three refiners wrote to the U.S. Treasury for a white list of Russian cargoes, according to two people "
        "who saw the letter. Lawyers warn that secondary sanctions could reach their banks.",
        terms=("U.S. Treasury", "secondary sanctions", "Russian cargoes"), also=("Hudson Chronicle", "Волга Финанс"),
        more_topics=("energy",),
    ),
    story(
        12, "sanctions", 72, 15.5, "Волга Финанс", "Минфин оценил потери от новых санкций США в полтора миллиарда",
        "Министерство назвало оценку предварительной. Новые санкции США затронут страхование и ремонт судов.",
        terms=("санкции США", "Минфин"), also=("Ладожский вестник",),
    ),
    story(
        13, "sanctions", 66, 19.1, "Hudson Chronicle", "Two traders plead guilty to shipping sonar parts to Russia by way of Samarkand",
        terms=("Russia", "export controls"), also=("Potomac Post", "Steppe Monitor"), more_topics=("cyber",),
    ),
    story(
        14, "arms-control", 76, 13.0, "Arms Ledger", "Why 1,550 is still the number both sides quote",
        "The ceiling of a lapsed treaty keeps its hold because both staffs planned around it. Russian and American "
        "negotiators disagree about submarines, not about the number.",
        terms=("treaty", "negotiators", "Russian"), also=("Potomac Post",),
    ),
    story(
        15, "nato", 75, 6.1, "Fjord Daily", "American frigate shadows Russian survey ship off the Lofoten islands",
        "The frigate kept eight miles from the Russian vessel for two days. NATO said the ship had lingered above "
        "two cables; the Russian embassy in Oslo spoke of scientific work.",
        terms=("NATO", "Russian vessel", "Russian embassy"), also=("Thames Observer", "Ока-Информ"),
        update=StoryUpdate(NOW - timedelta(days=2), ("“scientific work”", "Lofoten")), days=3,
    ),
    story(
        16, "nato", 62, 21.0, "Rhine Gazette", "Allies argue over who pays for spare parts at the Polish depot",
        terms=("NATO",), also=("Fjord Daily",),
    ),
    story(
        17, "energy", 80, 7.7, "Barrel & Pipeline", "Enriched uranium from Russia leaves Savannah by truck for the last time",
        "The final delivery under the old contract went to three U.S. reactors on Tuesday. Operators have asked for "
        "a waiver to buy Russian uranium until 2028.",
        terms=("Russian uranium", "U.S. reactors"), also=("Beltway Wire", "Волга Финанс", "Hudson Chronicle"),
    ),
    story(
        18, "energy", 60, 22.4, "Steppe Monitor", "Pipeline operator denies that U.S. pressure moved its maintenance",
        terms=("U.S. pressure",),
    ),
    story(
        19, "cyber", 79, 2.9, "Kestrel Security", "Prosecutors tie a parking-app breach to Russian military intelligence",
        "An indictment unsealed in Ohio names four officers of Russian military intelligence. The breach exposed the "
        "movements of 300 U.S. officials for a summer.",
        terms=("Russian military intelligence", "U.S. officials"), also=("Hudson Chronicle", "Свободный канал", "Potomac Post"),
    ),
    story(
        20, "cyber", 65, 17.2, "Potomac Post", "State clerks find no trace of intruders in November’s rolls",
        terms=("election", "Russia"), also=("Beltway Wire",),
    ),
)  # fmt: skip

_EARLIER = [71, 48, 44, 80, 86, 73, 84, 69, 47, 52, 61, 79, 66]
_TODAY = sum(len(item.articles) for item in STORIES)
VOLUME = tuple(
    DayVolume(day=(NOW - timedelta(days=13 - at)).date(), matched=value)
    for at, value in enumerate([*_EARLIER, _TODAY])
)

HEALTH = FeedHealth(
    total=64,
    answered=62,
    failing=(
        FailingFeed("Kestrel Security: all posts", "certificate expired", NOW - timedelta(days=1)),
        FailingFeed("Ока-Информ — политика", "HTTP 403", NOW - timedelta(days=2)),
        FailingFeed("Fjord Daily / World", "no answer within 20 seconds", NOW - timedelta(hours=3)),
    ),
    notices=("Steppe Monitor served 5,000 old entries again; they were stored and are not shown.",),
)

NORMAL = IssueMaterial(
    stories=STORIES,
    since=NOW - timedelta(hours=24),
    until=NOW,
    read=2310,
    below=38,
    volume=VOLUME,
    health=HEALTH,
)
EMPTY = replace(
    NORMAL,
    stories=(),
    read=1041,
    below=6,
    volume=(*VOLUME[:-1], DayVolume(NOW.date(), 0)),
    health=FeedHealth(total=64, answered=64),
)
NOTHING = replace(
    NORMAL,
    stories=(),
    read=0,
    below=0,
    volume=EMPTY.volume,
    health=FeedHealth(
        total=2,
        failing=(
            FailingFeed("Potomac Post", "the name does not resolve", NOW - timedelta(hours=20)),
            FailingFeed("Rhine Gazette", "the name does not resolve", NOW - timedelta(hours=20)),
        ),
    ),
)

DIGEST = DigestConfig.model_validate(
    {
        "name": "daily",
        "title": "US–Russia daily",
        "readers": [READER],
        "schedule": {"at": "06:30", "timezone": "America/New_York"},
        "min_score": 50,
    }
)
MAIL = MailConfig.model_validate(
    {"from": "Hotline <hotline@example.org>", "postal": "Hotline, 1 Bridge Street, Example"}
)
FRAME = IssueFrame(digest=DIGEST, sections=SECTIONS, mail=MAIL, reader=READER)


def many(count: int, *, long_urls: bool = False) -> IssueMaterial:
    """A day of `count` stories, all with text; with `long_urls` every address has about 150 characters."""
    made = []
    for number in range(count):
        sample = STORIES[number % len(STORIES)]
        path = f"/world/2026/11/19/{'a-very-telling-slug-' * 5}" if long_urls else "/"
        articles = tuple(
            replace(
                item,
                id=number * 100 + at + 1,
                url=f"https://www.an-outlet.example.com{path}{number}-{at}",
                title=f"{item.title} ({number + 1})",
                score=max(70, item.score - number // 7),
                text=item.text or STORIES[number % 4].articles[0].text,
            )
            for at, item in enumerate(sample.articles)
        )
        made.append(replace(sample, id=number + 1, articles=articles))
    return replace(NORMAL, stories=tuple(made))


def russian_heavy() -> IssueMaterial:
    """Forty stories that only Russian outlets have, with long excerpts: the worst case in bytes."""
    text = (
        "Представители России и США провели в Женеве третий раунд переговоров о стратегической стабильности. "
        "Госдепартамент подтвердил, что стороны обменялись предложениями по инспекциям. "
        "Следующая встреча намечена на начало декабря, сообщил источник в МИД."
    )
    made = []
    for number in range(40):
        topic = SECTIONS[number % len(SECTIONS)].key
        made.append(
            story(
                number + 1, topic, 95 - number // 2, 1 + number / 3, _RUSSIAN[number % 3],
                f"Россия и США продолжат консультации о стратегической стабильности, тур {number + 1}",
                text, terms=("США", "России", "Госдепартамент", "переговоров"), also=tuple(OUTLETS)[11:15],
            )
        )  # fmt: skip
    return replace(NORMAL, stories=tuple(made))


def hostile() -> IssueMaterial:
    """Strings that strangers may put into a feed, after the border's cleaning."""
    evil = article(
        1,
        "Potomac Post",
        clean_text("<script>alert(1)</script> & “quoted” \x92 \u202eevil " + "Donaudampfschiff" * 9),
        hours=1,
        score=95,
        text=clean_text(
            "A <img src=x onerror=alert(1)> reached the U.S. Treasury & OFAC\x85 <Russia sanctions>. " * 20
        ),
        terms=("<b>", "U.S. Treasury", "OFAC(", "", "</b>"),
        subtopics=("sanctions", "no-such-subtopic"),
    )
    links = [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://good.example@evil.example/",
        'https://news.example.com/"onmouseover="alert(1)',
        "https://news.example.com/path with space/ünï?q=<b>#ф",
        "//no-scheme.example/",
        "",
    ]
    others = tuple(
        replace(evil, id=at + 2, url=url, outlet=f"{{{{ {at} }}}} A & B <News>", language="xx-\"'><")
        for at, url in enumerate(links)
    )
    return replace(
        NORMAL,
        stories=(
            DigestStory(
                id=1,
                articles=(evil, *others),
                first_seen=NOW,
                update=StoryUpdate(NOW - timedelta(days=1), ("<i>12</i>", "=?utf-8?q?=0ABcc:_x?=")),
            ),
            *(
                DigestStory(id=at + 2, articles=(item,), first_seen=NOW - timedelta(days=400))
                for at, item in enumerate(others)
            ),
        ),
        health=FeedHealth(total=1, failing=(FailingFeed("<b>feed</b>", "HTTP <500>"),), notices=("<hr>",)),
    )
