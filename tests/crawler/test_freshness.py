"""How long an answer says it stays fresh."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.freshness import LONGEST, fresh_for

DATE = "Thu, 19 Nov 2026 12:00:00 GMT"
LATER = "Thu, 19 Nov 2026 14:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Cache-Control": "max-age=600"}, 600),
        ({"Cache-Control": 'public, MAX-AGE="600"'}, 600),
        ({"Cache-Control": "max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=60", "Age": "100"}, 0),
        ({"Cache-Control": "no-cache, max-age=600"}, 0),
        ({"Cache-Control": "max-age=tomorrow"}, 0),
        ({"Cache-Control": "max-age=600", "Expires": LATER}, 600),
        ({"Expires": LATER, "Date": DATE}, 7200),
        ({"Expires": "0"}, 0),
        ({"Expires": DATE, "Date": LATER}, 0),
    ],
)
def test_what_headers_say(now: datetime, headers: dict[str, str], seconds: int) -> None:
    assert fresh_for(headers, now=now) == timedelta(seconds=seconds)


@given(st.dictionaries(st.sampled_from(["Cache-Control", "Expires", "Date", "Age"]), st.text(max_size=40)))
def test_any_header_gives_a_span_within_a_day(headers: dict[str, str]) -> None:
    span = fresh_for(headers, now=datetime.fromisoformat("2026-11-19T12:00:00+00:00"))
    assert timedelta(0) <= span <= LONGEST
