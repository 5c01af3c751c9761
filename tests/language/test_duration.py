"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        (0.5, 0.5),
        ("1ms", 0.001),
        ("30 min", 1800),
        ("2 Hours", 7200),
        ("1 day", 86_400),
        ("2w", 1_209_600),
    ],
)
def test_units(text: object, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-5 min", "1 fortnight", "1 h 30 min", True, None])
def test_anything_else_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="write for example"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=10**7))
def test_writing_and_reading_agree(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_duration(format_duration(span)) == span
