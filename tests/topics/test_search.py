"""Free queries put to articles: every operator, every promise about word forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.words import fold
from topics.document import Document
from topics.lists import WordList
from topics.query import QueryError
from topics.search import compile_query

LISTS = {
    "us.state": WordList.model_validate({"any": ["=US"], "en": ["America"], "ru": ["США"]}),
    "us.people": WordList.model_validate(
        {"names": True, "people": [{"any": "Bush", "office": "President", "since": 2001, "until": 2009}]}
    ),
    "russia": WordList.model_validate(
        {"en": ["Russia", "Moscow"], "ru": ["Россия"], "except": ["Moscow, Idaho", "Russian roulette"]}
    ),
}


def _holds(query: str, title: str = "", summary: str = "", text: str = "", **fields: str) -> bool:
    return compile_query(query, LISTS).matches(Document(title=title, summary=summary, text=text, **fields))


@pytest.mark.parametrize(
    ("query", "title", "holds"),
    [
        ("talks AND summit", "Talks before the summit", True),
        ("talks AND summit", "Talks before the ball", False),
        ("talks summit", "Summit talks", True),
        ("talks OR summit", "The summit", True),
        ("talks NOT hockey", "Hockey talks", False),
        ("talks NOT hockey", "Trade talks", True),
        ("(talks OR summit) AND Kremlin", "Summit at the Kremlin", True),
        ('"trade talks"', "Trade talks resume", True),
        ('"trade talks"', "Talks on trade", False),
        ("missile NEAR/3 treaty", "A treaty on every missile", True),
        ("missile NEAR/2 treaty", "A treaty about a new kind of missile", False),
        ("missile ONEAR/5 treaty", "A treaty on missiles", False),
        ("treaty ONEAR/5 missile", "A treaty on missiles", True),
        ("@us NEAR/1 @russia", "US-Russia relations", True),
        ("a1 NEAR/2 b1 NEAR/2 c1", "a1 x b1 y c1", True),
        ("ATLEAST/2 talks", "Talks about talks", True),
        ("ATLEAST/3 talks", "Talks about talks", False),
        ("SCORE/5 (visa^2 OR embassy^3 OR hockey^4)", "Embassy stops every visa", True),
        ("SCORE/6 (visa^2 OR embassy^3 OR hockey^4)", "Embassy stops every visa", False),
        ("sanction*", "A sanctionable act", True),
        ("sanction*", "An unsanctioned act", False),
        ("=US", "US envoy lands", True),
        ("=US", "Give us a break", False),
        ("@us", "America votes", True),
        ("@us", "В США голосуют", True),
        ("@russia", "A flat in Moscow, Idaho", False),
        ("@russia", "Moscow votes, not Moscow, Idaho", True),
        ("@us.people", "Bush lands", True),
        ("@us.people", "A bird in the bush", False),
    ],
)
def test_operators(query: str, title: str, holds: bool) -> None:
    assert _holds(query, title) is holds


def test_fields_limit_where_a_term_counts() -> None:
    article = {"title": "Kremlin speaks", "summary": "Envoy listens.", "text": "Treaty signed."}
    assert _holds("title:Kremlin AND lead:envoy AND text:treaty", **article)
    assert not _holds("lead:Kremlin", **article)
    assert not _holds("title:(envoy OR treaty)", **article)
    assert not _holds("text:envoy", **article)


def test_without_a_summary_the_first_paragraph_is_the_lead() -> None:
    text = "Menu\nThe envoy arrived on Monday for two days of talks on the treaty.\nThe visa stays."
    assert _holds("lead:envoy AND text:visa AND NOT lead:visa", "Title", text=text)


def test_without_a_title_the_first_sentence_stands_for_it() -> None:
    text = "The envoy arrived on Monday for two days of talks. The visa question is still open, it seems."
    assert _holds("title:envoy AND NOT title:visa AND lead:visa", text=text)


def test_fields_of_the_article_itself() -> None:
    article = Document(
        title="Новости",
        url="https://News.example/politics/1",
        author="Ann Lee",
        feed="Example Post",
        country="US",
    )

    def holds(query: str) -> bool:
        return compile_query(query, LISTS).matches(article)

    assert holds("url:example/politics")
    assert holds('author:"ann lee"')
    assert holds("feed:(post OR times)")
    assert holds("country:us AND NOT country:u")
    assert holds("lang:ru")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("sanction", "Sanctioned again"),
        ("talks", "The talk of the town"),
        ("ally", "Allies meet"),
        ("meet", "They met"),
        ("strike", "Ship struck twice"),
        ("spokesman", "Spokesmen decline"),
        ("Putin", "Putin's plan"),
        ("Россия", "в России"),
        ("Путин", "встреча с Путиным"),
        ("Вашингтон", "сказали в Вашингтоне"),
        ('"Белый дом"', "пресс-служба Белого дома"),
        ('"Белый дом"', "сообщили Белым домом"),
        ('"Владимир Путин"', "Владимиру Путину"),
        ('"Министерство обороны"', "в Министерстве обороны"),
        ("российский", "российскими"),
        ("самолёт", "самолета"),
        ("Уиткофф", "с Уиткоффом"),
        ("МИД", "в МИДе"),
        ("Україна", "в Україні"),
        ("Трамп", "Трампові"),
        ('"Білий дім"', "у Білому домі"),
        ('uk:"Володимир Путін"', "Володимира Путіна"),
        ("de:Sanktion", "Neue Sanktionen gegen Russland und seine Banken verhängt"),
        ("de:russisch", "Die russischen Truppen ziehen sich aus der Stadt zurück"),
        ("fr:américain", "Les troupes américaines quittent la base dans le nord du pays"),
        ("es:sanción", "Nuevas sanciones contra el gobierno de la isla y sus bancos"),
    ],
)
def test_a_term_is_found_in_every_form(query: str, title: str) -> None:
    assert _holds(query, title)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ('"Белый дом"', "белый домик"),
        ("de:Art", "State of the art in the museum of the city"),
        ("hunt", "a hunter"),
    ],
)
def test_another_word_is_not_a_form(query: str, title: str) -> None:
    assert not _holds(query, title)


def test_what_an_article_needs_is_in_every_article_that_matches() -> None:
    query = compile_query("(missile AND treaty) OR (missile AND NOT hockey)", LISTS)
    assert query.needs == (frozenset({"missile", "missiles", "missiled", "missiling"}),)
    assert compile_query("NOT hockey", LISTS).needs == ()
    assert compile_query("lang:ru", LISTS).needs == ()
    assert compile_query("sanction*", LISTS).needs == (frozenset({"sanction*"}),)


WORDS = st.sampled_from(["missile", "treaty", "hockey", "visa", "US", "Moscow", "us", "Idaho", ",", "."])
QUERIES = st.sampled_from(
    [
        "missile AND treaty",
        "missile OR (visa NOT hockey)",
        "missile NEAR/2 treaty",
        "@us @russia",
        "ATLEAST/2 visa OR title:hockey",
        "SCORE/2 (visa OR treaty OR missile)",
    ]
)


@given(QUERIES, st.lists(WORDS, max_size=12))
def test_needs_never_hide_a_match(text: str, words: list[str]) -> None:
    query = compile_query(text, LISTS)
    title = " ".join(words)
    if query.matches(Document(title=title)):
        assert all(any(form in fold(title) for form in group) for group in query.needs)


@given(QUERIES, st.lists(WORDS, max_size=12), st.permutations(list(LISTS)))
def test_the_order_of_the_lists_changes_nothing(text: str, words: list[str], order: list[str]) -> None:
    article = Document(title=" ".join(words))
    shuffled = {name: LISTS[name] for name in order}
    assert compile_query(text, LISTS).matches(article) == compile_query(text, shuffled).matches(article)


def test_an_unknown_list_is_an_error() -> None:
    with pytest.raises(QueryError, match="Did you mean @russia"):
        compile_query("@rusia", LISTS)
