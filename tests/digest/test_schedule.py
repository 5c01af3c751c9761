"""When issues are due; the tests named `row_N` are the rows of the fault table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import Schedule
from digest.schedule import DueIssue, SlotKey, due_issue, next_slot, slots

TICK = timedelta(seconds=30)
DAY = timedelta(days=1)
ZONES = ["America/New_York", "Europe/Berlin", "Europe/Moscow", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]


def schedule(*times: str, zone: str = "UTC", days: str | list[str] = "daily") -> Schedule:
    return Schedule.model_validate({"at": list(times), "timezone": zone, "days": days})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def run(plan: Schedule, ticks: Iterable[datetime], *, since: datetime) -> list[tuple[datetime, DueIssue]]:
    """Issue what is due at every tick, remembering keys as the issue table does."""
    issued: set[SlotKey] = set()
    found = []
    for now in ticks:
        due = due_issue(plan, issued=issued, since=since, now=now)
        if due is not None:
            assert due.slot.key not in issued
            issued.add(due.slot.key)
            found.append((now, due))
    return found


def every(step: timedelta, start: datetime, end: datetime) -> Iterable[datetime]:
    while start <= end:
        yield start
        start += step


def test_a_digest_is_due_at_its_local_time() -> None:
    plan = schedule("06:30", zone="Europe/Berlin")
    [(now, due)] = run(
        plan, every(TICK, utc("2026-11-19T05:00"), utc("2026-11-19T07:00")), since=utc("2026-11-18T12:00")
    )
    assert (now, due.slot.key) == (utc("2026-11-19T05:30"), (date(2026, 11, 19), "06:30"))


def test_a_new_digest_starts_with_its_next_slot() -> None:
    plan = schedule("06:30")
    start = utc("2026-11-19T10:00")
    [(now, _)] = run(plan, every(timedelta(hours=1), start, start + DAY), since=start)
    assert now == utc("2026-11-20T07:00")


def test_weekdays_and_several_times_are_kept() -> None:
    plan = schedule("07:00", "18:00", days=["mon", "fri"])
    start = utc("2026-11-16T00:00")  # a Monday
    found = run(plan, every(timedelta(minutes=30), start, start + 7 * DAY), since=start)
    assert [now.strftime("%a %H:%M") for now, _ in found] == [
        "Mon 07:00",
        "Mon 18:00",
        "Fri 07:00",
        "Fri 18:00",
    ]


def test_an_extra_issue_does_not_stand_for_a_scheduled_one() -> None:
    extra = (date(2026, 11, 19), "2026-11-19T06:29:00+00:00")
    due = due_issue(schedule("06:30"), issued={extra}, since=utc("2026-11-01"), now=utc("2026-11-19T06:30"))
    assert due is not None


def test_row_25_clock_three_hours_ahead_makes_one_issue() -> None:
    day = utc("2026-11-19T00:00")
    ticks = [day + timedelta(minutes=minute) for minute in (300, 480, 301, 390)]
    found = run(schedule("06:30"), ticks, since=day)
    assert [now.hour for now, _ in found] == [8]


def test_row_25_clock_one_day_ahead_makes_one_catch_up() -> None:
    ticks = [
        utc("2026-11-19T06:00"),
        utc("2026-11-20T07:00"),
        utc("2026-11-19T06:30"),
        utc("2026-11-20T06:30"),
    ]
    found = run(schedule("06:30"), ticks, since=utc("2026-11-19T00:00"))
    assert [(now.day, due.catch_up) for now, due in found] == [(20, True), (19, False)]


def test_row_26_clock_ten_years_back_then_right_goes_on_at_the_next_tick() -> None:
    since = utc("2026-11-18T07:00")
    ticks = [utc("2016-11-19T06:31"), utc("2026-11-19T06:31")]
    [(now, _)] = run(schedule("06:30"), ticks, since=since)
    assert now.year == 2026


def test_row_26_an_issue_written_with_the_clock_ten_years_ahead_holds_nothing_up() -> None:
    ticks = [utc("2036-11-19T06:30"), *every(TICK, utc("2026-11-19T06:00"), utc("2026-11-19T07:00"))]
    found = run(schedule("06:30"), ticks, since=utc("2026-11-18T12:00"))
    assert [now.year for now, _ in found] == [2036, 2026]


@pytest.mark.parametrize(
    ("zone", "at", "day", "instant"),
    [
        ("America/New_York", "02:30", "2026-03-08", "2026-03-08T07:30"),  # skipped: becomes 03:30 EDT
        ("America/New_York", "01:30", "2026-11-01", "2026-11-01T05:30"),  # twice: the first, EDT
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29T01:30"),
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25T00:30"),
        ("Europe/Moscow", "01:30", "2014-10-26", "2014-10-25T21:30"),  # the end of permanent summer time
        ("Europe/Moscow", "02:30", "2011-03-27", "2011-03-26T23:30"),
    ],
)
def test_row_27_a_time_that_is_skipped_or_comes_twice_happens_once(
    zone: str, at: str, day: str, instant: str
) -> None:
    plan = schedule(at, zone=zone)
    start = utc(day) - DAY
    found = run(plan, every(TICK, start, start + 3 * DAY), since=start)
    same_day = [now for now, due in found if due.slot.local_date == date.fromisoformat(day)]
    assert same_day == [utc(instant)]
    assert all(not due.catch_up for _, due in found)


def test_row_27_a_restart_inside_the_gap_skips_nothing() -> None:
    plan = schedule("02:30", zone="America/New_York")
    start = utc("2026-03-08T07:10")  # 03:10 EDT, the clock has just jumped over 02:30
    [(now, due)] = run(plan, every(TICK, start, start + DAY / 2), since=utc("2026-03-07T12:00"))
    assert (now, due.slot.local_date) == (utc("2026-03-08T07:30"), date(2026, 3, 8))


def test_row_28_asleep_for_three_days_is_one_catch_up_that_says_what_it_makes_up_for() -> None:
    plan = schedule("06:30")
    awake = [*every(TICK, utc("2026-11-16T06:00"), utc("2026-11-16T08:00"))]
    later = [*every(TICK, utc("2026-11-19T12:00"), utc("2026-11-19T13:00"))]
    found = run(plan, [*awake, *later], since=utc("2026-11-15T12:00"))
    assert [due.catch_up for _, due in found] == [False, True]
    catch_up = found[1][1]
    assert catch_up.slot.local_date == date(2026, 11, 19)
    assert [slot.local_date.day for slot in catch_up.missed] == [17, 18]


def test_a_weekly_digest_missed_on_monday_comes_on_saturday() -> None:
    due = due_issue(
        schedule("07:00", days="mon"), issued=set(), since=utc("2026-11-10"), now=utc("2026-11-21T10:00")
    )
    assert due is not None
    assert due.slot.local_date == date(2026, 11, 16)


def test_a_changed_zone_does_not_send_the_same_date_twice() -> None:
    issued = {(date(2026, 11, 19), "06:30")}
    plan = schedule("06:30", zone="America/New_York")
    assert due_issue(plan, issued=issued, since=utc("2026-11-19"), now=utc("2026-11-19T12:00")) is None


def test_the_next_slot_is_the_first_one_to_come() -> None:
    found = next_slot(schedule("06:30", "18:00", days="mon"), now=utc("2026-11-16T06:30"))
    assert found.instant == utc("2026-11-16T18:00")


instants = st.timedeltas(timedelta(0), 7300 * DAY).map(lambda since: utc("2010-01-01") + since)
minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(instants, minutes, st.sampled_from(ZONES))
def test_every_local_date_has_one_slot_and_keeps_its_time_on_ordinary_days(
    start: datetime, at: time, zone: str
) -> None:
    plan = schedule(at.isoformat("minutes"), zone=zone)
    found = list(slots(plan, after=start, until=start + 10 * DAY))
    days = [slot.local_date for slot in found]
    assert days == sorted(set(days))
    assert len(days) in {9, 10, 11}
    for slot in found:
        local = slot.instant.astimezone(ZoneInfo(zone))
        assert local.date() == slot.local_date or at.hour >= 22
        assert abs(local.replace(tzinfo=None) - datetime.combine(slot.local_date, at)) <= timedelta(hours=1)


@given(
    instants,
    st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=2)), min_size=1, max_size=60),
    st.lists(minutes, min_size=1, max_size=3, unique=True),
    st.sampled_from(ZONES),
)
def test_whenever_it_is_awake_each_slot_is_issued_or_made_up_for_exactly_once(
    start: datetime, naps: list[timedelta], times: list[time], zone: str
) -> None:
    plan = schedule(*(at.isoformat("minutes") for at in times), zone=zone)
    ticks = [start]
    for nap in naps:
        ticks.append(ticks[-1] + nap)
    covered = [slot for _, due in run(plan, ticks, since=start) for slot in (*due.missed, due.slot)]
    assert covered == list(slots(plan, after=start, until=ticks[-1]))
