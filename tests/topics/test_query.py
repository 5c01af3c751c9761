"""Reading queries: what they mean, and what an error says."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.query import QueryError, parse_query
from topics.query.nodes import (
    And,
    AtLeast,
    ListRef,
    Meta,
    MetaTest,
    Near,
    Not,
    Or,
    Scoped,
    Score,
    Term,
    Weighted,
    Zone,
    walk,
)

A, B, C = Term("a"), Term("b"), Term("c")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a AND b", And((A, B))),
        ("a b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a OR b AND c", Or((A, And((B, C))))),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("a NOT b", And((A, Not(B)))),
        ('"white house"', Term("white house")),
        ("«Белый дом»", Term("Белый дом")),
        ("=US", Term("US", exact=True)),
        ("sanction*", Term("sanction", prefix=True)),
        ("@russia", ListRef("russia")),
        ("a NEAR/5 b", Near(A, B, 5)),
        ("a ONEAR/5 b", Near(A, B, 5, ordered=True)),
        ("NOT a NEAR/5 b", Not(Near(A, B, 5))),
        ("a NEAR/1 b NEAR/2 c", Near(Near(A, B, 1), C, 2)),
        ("title:a", Scoped(Zone.TITLE, A)),
        ("lead:(a OR b)", Scoped(Zone.LEAD, Or((A, B)))),
        ("lang:ru", MetaTest(Meta.LANG, "ru")),
        ('feed:"Le Monde"', MetaTest(Meta.FEED, "le monde")),
        ("de:Sanktion", Term("Sanktion", "de")),
        ("ATLEAST/3 @russia", AtLeast(3, ListRef("russia"))),
        ("SCORE/5 (a^2 OR b)", Score(5, (Weighted(A, 2), B))),
        ("ORANGE", Term("ORANGE")),
    ],
)
def test_a_query_is_read_as_written(text: str, meaning: object) -> None:
    assert parse_query(text, lists={"russia"}) == meaning


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "empty"),
        ("a AND", 1, 6, "too early"),
        ("a\nAND OR b", 2, 5, "'OR' cannot stand here"),
        ("(a OR b", 1, 8, "Expected )"),
        ("titel:a", 1, 1, "Did you mean title"),
        ("a OR @rusia", 1, 6, "Did you mean @russia"),
        ("a NEAR/5 (b AND c)", 1, 3, "NEAR stands between"),
        ("a NEAR/0 b", 1, 3, "1 to 100"),
        ("a AND b^2", 1, 1, "SCORE"),
        ("ab*", 1, 1, "at least 3 letters"),
        ('a "b', 1, 3, "closing quotation mark"),
        ("title:lead:a", 1, 1, "another field"),
        ("ATLEAST/2 (a AND b)", 1, 1, "ATLEAST counts"),
        ("--", 1, 1, "no letter or digit"),
        ("url:(a AND b)", 1, 1, "url: takes"),
    ],
)
def test_an_error_names_the_place_and_the_remedy(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text, lists={"russia"})
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 30_000,
        "(" * 5_000,
        " OR ".join("ab"[at % 2] + str(at) for at in range(2_500)),
        " NEAR/2 ".join("a" * 20),
        "a" + " b" * 9_000,
        "(a+)+$ " * 2_000 + "(((((",
        '"' + "a " * 40 + '"',
    ],
)
def test_a_hostile_or_huge_query_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse_query(text)


@given(st.text(alphabet='ab ()"*^@:/=ANDORTNE01\n', max_size=60))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    with suppress(QueryError):
        assert list(walk(parse_query(text, lists={"a"})))
