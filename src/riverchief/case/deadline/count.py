"""When a deadline falls: from a start, an amount of time, the pauses and a working calendar.

The conventions are those of the Civil Code (民法典 arts. 201, 203) and of what ticket systems agree on:

* the day of the start is not counted in days; a deadline in days that is given by days ends with its last day;
* working time that is used up exactly at closing ends at closing, not at the next opening; seconds are kept;
* working days keep the time of day, or end with the day where the calendar says so (``ends_with_day``);
* a last calendar day that is a rest day moves to the next working day where the calendar says so (``rolls``);
* a negative amount counts back, as from a deadline to its reminder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from riverchief.case.deadline.calendar import WorkingCalendar

UNITS = ("work_minutes", "work_hours", "work_days", "calendar_days")
#: Of the units that are counted in working time, how long each is [µs].
LENGTHS = {"work_minutes": 60_000_000, "work_hours": 3_600_000_000}


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stands still, from ``begins`` up to ``ends``."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Due:
    """The moment at which it falls due. ``given_back`` is the time that pauses gave back: working time, except where
    calendar days are counted.

    ``unknown_years`` are the years that were counted by the week alone because their holidays are not known.
    """

    at: datetime
    given_back: timedelta = timedelta(0)
    unknown_years: tuple[int, ...] = ()


@dataclass(frozen=True)
class DueDay:
    """The day with which it falls due, where only days were given."""

    at: date
    unknown_years: tuple[int, ...] = ()


def due_at(calendar: WorkingCalendar, start: datetime, amount: float, unit: str, pauses: Sequence[Pause] = ()) -> Due:
    """When a deadline of ``amount`` ``unit`` (of :data:`UNITS`) after ``start`` falls due, pauses given back.

    A pause counts if it begins before the deadline that holds without it. Raises
    :class:`~riverchief.errors.BadInput` where the calendar has no office hours (``calendar_without_hours``), or none
    within 60 years (``count_too_far``).
    """
    if unit in LENGTHS:
        at, given_back = _by_working_time(calendar, start, round(amount * LENGTHS[unit]), merged(pauses))
    elif unit == "work_days":
        at, given_back = _by_working_days(calendar, start, int(amount), merged(pauses))
    else:
        at, given_back = _by_calendar_days(calendar, start, int(amount), merged(pauses))
    return Due(at, given_back, calendar.unknown_years(calendar.local_day(start), calendar.local_day(at)))


def due_day(
    calendar: WorkingCalendar, start: date, amount: int, unit: str, pauses: Sequence[tuple[date, date]] = ()
) -> DueDay:
    """The day with which a deadline of ``amount`` ``unit`` (days) after the day ``start`` ends.

    A pause from a day up to another (not counted) gives back its days, of the kind that ``unit`` counts.
    """
    is_worked = unit == "work_days"
    at = calendar.nth_day(start, amount) if is_worked else start + timedelta(days=amount)
    for begins, ends in sorted(pauses):
        first = max(begins, start + timedelta(days=1))
        if first <= at and ends > first:
            back = calendar.days_between(first, ends) if is_worked else (ends - first).days
            at = calendar.nth_day(at, back) if is_worked and back else at + timedelta(days=back)
    return DueDay(at if is_worked else _rolled(calendar, at), calendar.unknown_years(start, at))


def working_time(calendar: WorkingCalendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """The working time between two moments without that of the pauses; negative where ``end`` is before ``start``."""
    spent = calendar.coordinate(end) - calendar.coordinate(start)
    for pause in merged(pauses):
        begins, ends = max(pause.begins, start), min(pause.ends, end)
        if ends > begins:
            spent -= calendar.coordinate(ends) - calendar.coordinate(begins)
    return timedelta(microseconds=spent)


def merged(pauses: Sequence[Pause]) -> list[Pause]:
    """The pauses in order of time, those that overlap as one."""
    found: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.begins):
        if found and pause.begins <= found[-1].ends:
            found[-1] = Pause(found[-1].begins, max(found[-1].ends, pause.ends))
        else:
            found.append(pause)
    return found


def _by_working_time(
    calendar: WorkingCalendar, start: datetime, amount: int, pauses: list[Pause]
) -> tuple[datetime, timedelta]:
    if amount == 0:
        return start, timedelta(0)
    begin = calendar.coordinate(start)
    at = begin + amount
    for pause in pauses if amount > 0 else reversed(pauses):
        first, last = calendar.coordinate(pause.begins), calendar.coordinate(pause.ends)
        if amount > 0 and first < at and last > begin:
            at += last - max(first, begin)
        elif amount < 0 and last > at and first < begin:
            at -= min(last, begin) - first
    found = calendar.moment(at, start, is_late=amount < 0)
    return found, timedelta(microseconds=abs(at - begin - amount))


def push_back(calendar: WorkingCalendar, due: datetime, pauses: Sequence[Pause], since: datetime | None = None) -> Due:
    """A due time that was set or counted, moved by the working time of the pauses that began before it.

    What lies before ``since`` does not count.
    """
    at, given_back = due, timedelta(0)
    for pause in merged(pauses):
        if pause.begins >= at:
            break
        begins = pause.begins if since is None else max(pause.begins, since)
        back = calendar.coordinate(pause.ends) - calendar.coordinate(begins)
        if back > 0:
            at = calendar.moment(calendar.coordinate(at) + back, at)
            given_back += timedelta(microseconds=back)
    return Due(at, given_back, calendar.unknown_years(calendar.local_day(due), calendar.local_day(at)))


def _by_working_days(
    calendar: WorkingCalendar, start: datetime, amount: int, pauses: list[Pause]
) -> tuple[datetime, timedelta]:
    last = calendar.nth_day(calendar.local_day(start), amount)
    at = calendar.closing(last) if calendar.ends_with_day else _same_time(calendar, start, last)
    due = push_back(calendar, at, pauses, start)
    return due.at, due.given_back


def _by_calendar_days(
    calendar: WorkingCalendar, start: datetime, amount: int, pauses: list[Pause]
) -> tuple[datetime, timedelta]:
    at = _same_time(calendar, start, calendar.local_day(start) + timedelta(days=amount))
    given_back = timedelta(0)
    for pause in pauses:
        back = pause.ends - max(pause.begins, start)
        if pause.begins < at and back > timedelta(0):
            at, given_back = at + back, given_back + back
    rolled = _rolled(calendar, calendar.local_day(at))
    return _same_time(calendar, at, rolled), given_back


def _rolled(calendar: WorkingCalendar, day: date) -> date:
    return day if not calendar.rolls or calendar.works_on(day) else calendar.nth_day(day, 1)


def _same_time(calendar: WorkingCalendar, at: datetime, day: date) -> datetime:
    """``day`` at the time of day of ``at``, by the clock on the office's wall."""
    local = at if calendar.zone is None else at.astimezone(calendar.zone)
    return datetime.combine(day, local.time(), tzinfo=local.tzinfo)
