from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.clean import clean_lines
from language.markup import text_of_html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain words\nover two lines", "plain words over two lines"),
        ("<p>One</p><p>Two<br/>Three</p>", "One\nTwo\nThree"),
        ("Mos<b>cow</b> <i>talks</i>", "Moscow talks"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("AT&amp;T &lt;b&gt; &#1052;ир &nbsp;!", "AT&T <b> Мир !"),
        ("a<script>alert('x')</script>b<style>p{}</style>c<!-- d --> e", "a b c e"),
        ('<a title="x > y" href="z">link</a>', "link"),
        ("profit < 5 and loss > 3", "profit < 5 and loss > 3"),
        ('the text goes on <a href="https://exam', "the text goes on"),
        ("cut <", "cut"),
        ("<script>never closed", ""),
        ("<![CDATA[ twice wrapped ]]>", "twice wrapped"),
        ("&#xD83D; &#99999999999; &nosuch;", "\ufffd \ufffd &nosuch;"),
    ],
)
def test_markup_becomes_the_text_a_reader_sees(markup: str, text: str) -> None:
    assert text_of_html(markup) == text


@given(st.text(alphabet="ab <>&;/!-\"'=pq\n\u200b", max_size=60))
def test_the_result_is_always_clean(markup: str) -> None:
    text = text_of_html(markup)
    assert clean_lines(text) == text


@given(st.lists(st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<br>", "word", " ", "&amp;"]), max_size=30))
def test_no_tag_is_left_of_well_formed_markup(parts: list[str]) -> None:
    assert "<" not in text_of_html("".join(parts))


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<script>", '<a "', "<div>", '"<a ', "</script ", "<p '", "&#"]
)
def test_hostile_markup_costs_linear_time(piece: str) -> None:
    started = time.process_time()
    text_of_html(piece * 100_000)
    assert time.process_time() - started < 2


def test_a_limit_cuts_with_an_ellipsis() -> None:
    assert text_of_html("<p>Moscow and Washington</p>", limit=7) == "Moscow…"


def test_a_reference_with_thousands_of_digits_is_no_character() -> None:
    assert text_of_html(f"a &#{'1' * 5_000}; b") == "a \ufffd b"
