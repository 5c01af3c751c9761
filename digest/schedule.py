"""Which issue of a digest is due: pure, over the schedule, what was issued, and the time it is.

A slot is a local date and time of day; it happens at one instant, also on the two odd nights of the
year. A time that the clock skips happens as long after the skip as it lies in it (02:30 becomes
03:30); a time that comes twice happens the first time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.config import Schedule

LOOK_BACK = timedelta(days=31)  # at least one slot of every schedule falls in it
_DAY = timedelta(days=1)

SlotKey = tuple[date, str]
"""Local date and "HH:MM", as in the issue table."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One scheduled sending. `instant` is in UTC."""

    instant: datetime
    local_date: date
    scheduled_time: str  # "06:30"

    @property
    def key(self) -> SlotKey:
        """What is unique about it within its digest."""
        return self.local_date, self.scheduled_time


@dataclass(frozen=True, slots=True)
class DueIssue:
    """An issue to compose now. `missed` are earlier slots, oldest first, that it makes up for."""

    slot: Slot
    missed: tuple[Slot, ...] = ()

    @property
    def catch_up(self) -> bool:
        """True when it makes up for slots that no issue was sent for."""
        return bool(self.missed)


def due_issue(
    schedule: Schedule, *, issued: Collection[SlotKey], since: datetime, now: datetime
) -> DueIssue | None:
    """Return the issue that is due at `now`, or None.

    `issued` are the digest's issues so far (those of the last month are enough) and `since` is when
    it was first configured: earlier slots are none of its. After downtime the latest slot is due,
    once, for all that were missed. Issues dated in the future, written while the clock was wrong,
    hold nothing up.
    """
    past = [at for at in (_instant_of(key, schedule.zone) for key in issued) if at is not None and at <= now]
    after = max([since, now - LOOK_BACK, *past])
    open_slots = [slot for slot in slots(schedule, after=after, until=now) if slot.key not in issued]
    if not open_slots:
        return None
    *missed, latest = open_slots
    return DueIssue(latest, tuple(missed))


def next_slot(schedule: Schedule, *, now: datetime) -> Slot:
    """Return the first slot after `now`."""
    return next(slots(schedule, after=now, until=now + 9 * _DAY))


def slots(schedule: Schedule, *, after: datetime, until: datetime) -> Iterator[Slot]:
    """Yield the slots later than `after` and not later than `until`, in the order they happen."""
    first = after.astimezone(schedule.zone).date() - _DAY
    last = until.astimezone(schedule.zone).date() + _DAY
    weekdays = {day.number for day in schedule.days}
    days = (first + _DAY * number for number in range((last - first).days + 1))
    found = (_slot(day, at, schedule.zone) for day in days if day.weekday() in weekdays for at in schedule.at)
    yield from sorted((slot for slot in found if after < slot.instant <= until), key=_order)


def _slot(day: date, at: time, zone: ZoneInfo) -> Slot:
    # fold=0: the first of two, and in a gap the offset before it, which lands as far behind the gap
    instant = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
    return Slot(instant, day, at.strftime("%H:%M"))


def _order(slot: Slot) -> tuple[datetime, date, str]:
    return slot.instant, *slot.key


def _instant_of(key: SlotKey, zone: ZoneInfo) -> datetime | None:
    """When the slot happened; None for an extra issue, which has no time of day."""
    day, text = key
    try:
        return _slot(day, time.fromisoformat(text), zone).instant
    except ValueError:
        return None
