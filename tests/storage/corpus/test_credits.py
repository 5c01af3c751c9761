from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.corpus.credits import credit_of


@pytest.mark.parametrize(
    ("agency", "author", "text"),
    [
        ("AP", "", "WASHINGTON (AP) — The envoy landed on Tuesday."),
        ("Reuters", "", "KYIV, Aug 12 (Reuters) - The envoy landed."),
        ("Reuters", "", "The envoy landed. (Reporting by Ann Roe; Editing by Tom Poe)"),
        ("RIA Novosti", "", "МОСКВА, 12 авг — РИА Новости. Посланник прибыл."),
        ("TASS", "", "МОСКВА, 12 августа. /ТАСС/. Посланник прибыл."),
        ("TASS", "", "ТАСС, 12 августа. Посланник прибыл."),
        ("Interfax", "", "Москва. 12 августа. INTERFAX.RU - Посланник прибыл."),
        ("Interfax-Ukraine", "", "Посланник прибыл.\nИсточник: Интерфакс-Украина"),
        ("AFP", "", "The envoy landed.\n© 2026 AFP"),
        ("AP", "", "The envoy landed. Copyright 2026 The Associated Press. All rights reserved."),
        ("AP", "The Associated Press", "The envoy landed."),
        ("Reuters", "Ann Roe and Tom Poe | Reuters", "The envoy landed."),
        ("dpa", "Jo Lee, dpa", "The envoy landed."),
        ("AP", "By Ann Roe of The Associated Press", "The envoy landed."),
    ],
)
def test_an_agency_is_read_from_byline_first_words_and_last(agency: str, author: str, text: str) -> None:
    credit = credit_of(author, text)
    assert credit is not None
    assert credit.name == agency


@pytest.mark.parametrize(
    ("author", "text"),
    [
        ("Ann Roe", "The envoy landed, TASS reported. The Associated Press contributed to this report."),
        ("Ann Roe", "He told AFP."),
        ("Ann Roe", "Посланник прибыл, сообщает РИА Новости."),
        ("Ann Roe", "Посланник прибыл.\n© РИА Новости / Иван Петров"),
        ("AFP, Reuters", "The envoy landed."),
        ("Trapper Reutersward", "APEC met in spring."),
        ("", ""),
    ],
)
def test_a_source_a_photographer_or_two_agencies_are_no_credit(author: str, text: str) -> None:
    assert credit_of(author, text) is None


@given(st.text(), st.text())
def test_any_text_is_read(author: str, text: str) -> None:
    credit_of(author, text)
