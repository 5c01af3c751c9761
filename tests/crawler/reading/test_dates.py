from __future__ import annotations

import tarfile
from calendar import timegm
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from feedparser.datetimes import _parse_date
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading.dates import EARLIEST, parse_date

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MOMENTS = st.datetimes(EARLIEST.replace(tzinfo=None), NOW.replace(tzinfo=None), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Thu, 05 Mar 2026 12:00:00 MSK", "2026-03-05 09:00"),
        ("Thu, 05 Mar 2026 12:00 МСК", "2026-03-05 09:00"),
        ("Чт, 05 мар 2026 12:00:00 +0300", "2026-03-05 09:00"),
        ("5 марта 2026, 12:00", "2026-03-05 12:00"),
        ("5 березня 2026 р., 12:00", "2026-03-05 12:00"),
        ("31 мая 2025", "2025-05-31 00:00"),
        ("31 травня 2025 о 10:30", "2025-05-31 10:30"),
        ("05.03.2026 09:30", "2026-03-05 09:30"),
        ("March 4, 2026 at 10:00 EST", "2026-03-04 15:00"),
        ("2026-03-05T10:00:00.123+03:00", "2026-03-05 07:00"),
        ("2026-03-05T10:00:00-0500", "2026-03-05 15:00"),
        ("Wed, 04 Mar 2026 24:00:00 GMT", "2026-03-05 00:00"),
        ("Wed, 04 Mar 2026 23:59:60 GMT", "2026-03-05 00:00"),
        ("Wed, 04 Mar 26 10:00 GMT+3", "2026-03-04 07:00"),
        ("Wed Mar  4 10:00:00 2026", "2026-03-04 10:00"),
        ("1700000000", "2023-11-14 22:13:20"),
        ("1700000000000", "2023-11-14 22:13:20"),
    ],
)
def test_dates_are_read_as_newsrooms_write_them(raw: str, moment: str) -> None:
    assert parse_date(raw, now=NOW) == utc(moment)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "0001-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 2996 00:00:00 GMT",
        "2026-03-07T12:00:00Z",
        "31 Feb 2026 10:00:00 GMT",
        "12",
        "9999999999999",
    ],
)
def test_dates_that_cannot_be_true_are_unknown(raw: str) -> None:
    assert parse_date(raw, now=NOW) is None


def test_a_clock_may_be_a_day_ahead() -> None:
    assert parse_date("2026-03-06T11:00:00Z", now=NOW) == NOW + timedelta(hours=23)


@given(MOMENTS, st.integers(-12 * 4, 14 * 4))
def test_what_is_written_by_the_standards_is_read_back(moment: datetime, quarters: int) -> None:
    local = moment.astimezone(timezone(timedelta(minutes=15 * quarters)))
    assert parse_date(local.isoformat(), now=NOW) == moment
    assert parse_date(format_datetime(local), now=NOW) == moment


@given(st.text(alphabet="0123456789-:./ TZ+,MarчтянвGMTСК", max_size=40))
def test_no_string_raises(raw: str) -> None:
    found = parse_date(raw, now=NOW)
    assert found is None or found.tzinfo is UTC


def test_where_feedparser_reads_a_date_we_read_the_same(shared: Path) -> None:
    archive = shared / "feeds" / "english-2020-2021" / "nzherald.tar.xz"
    with tarfile.open(archive) as members:
        file = members.extractfile(members.getmembers()[0])
        assert file
        body = file.read().decode()
    dates = [part.partition("<")[0] for part in body.split("<pubDate>")[1:]]
    assert dates
    for raw in dates:
        theirs = _parse_date(raw)
        assert theirs
        assert parse_date(raw, now=NOW) == datetime.fromtimestamp(timegm(theirs), UTC)
