"""How a wait stands at a moment: when it is due, how much of its time is gone, and which rung of the ladder it is on.

The ladder (``escalation.csv``) counts in working time: 150 % of ten working days is five days of office hours after the
due time. A rung is therefore only ever reached while the office is open, and working it out twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from riverchief.case.deadline.calendar import MICROSECOND, WorkingCalendar
from riverchief.case.deadline.count import LENGTHS, Due, due_at, push_back, working_time
from riverchief.case.deadline.rules import DeadlineRule
from riverchief.case.deadline.wait import Wait
from riverchief.table import read_table


@dataclass(frozen=True)
class Rung:
    """One row of ``escalation.csv``; ``tells`` are those who hear of it."""

    percent: int
    level: str
    name_zh: str
    name_en: str
    tells: tuple[str, ...]

    def name(self, language: str) -> str:
        """The rung's name in ``language``."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True)
class Standing:
    """A wait as it stands. ``due`` is ``None`` where nothing is laid down: such a wait is neither in time nor late.

    ``percent`` is the rung it is on (0 for none), ``left`` the working time that is left (negative: too late by so
    much).
    """

    due: Due | None
    percent: int = 0
    left: timedelta = timedelta(0)
    is_overdue: bool = False


@cache
def ladder() -> tuple[Rung, ...]:
    """The rungs, the lowest first."""
    return tuple(
        Rung(int(row["percent"]), row["level"], row["zh"], row["en"], tuple(row["tells"].split("|")))
        for row in read_table("riverchief.case.deadline", "escalation.csv")
    )


def due_of(wait: Wait, rule: DeadlineRule | None, calendar: WorkingCalendar) -> Due | None:
    """When ``wait`` is due: the day that was decided, else by its row; ``None`` where there is neither."""
    if wait.decided_due is not None:
        return push_back(calendar, wait.decided_due, wait.pauses)
    if rule is None:
        return None
    return due_at(calendar, wait.clock_since, rule.amount, rule.unit, wait.pauses)


def allowed_time(wait: Wait, rule: DeadlineRule | None, calendar: WorkingCalendar) -> timedelta:
    """The working time that 100 % stands for: the row's amount, or the time from a decision to its day."""
    if wait.decided_due is not None and wait.decided_at is not None:
        return max(working_time(calendar, wait.decided_at, wait.decided_due), timedelta(minutes=1))
    if rule is None:
        return timedelta(0)
    if rule.unit in LENGTHS:
        return timedelta(microseconds=rule.amount * LENGTHS[rule.unit])
    days = rule.amount if rule.unit == "work_days" else rule.amount * 5 / 7
    return timedelta(microseconds=days * calendar.day_length)


def standing_of(wait: Wait, rule: DeadlineRule | None, calendar: WorkingCalendar, now: datetime) -> Standing:
    """How ``wait`` stands at ``now``, or stood when it was left."""
    now = wait.left_at or now
    due = due_of(wait, rule, calendar)
    if due is None:
        return Standing(None)
    left = working_time(calendar, now, due.at)
    length = allowed_time(wait, rule, calendar)
    # At closing the time left stands still, so a rung that is reached then is reached when the office opens again.
    reached = (rung.percent for rung in ladder() if left < length * (100 - rung.percent) / 100)
    percent = max(reached, default=0)
    return Standing(due, percent, left, now > due.at)


def last_start_reaching(rule: DeadlineRule, calendar: WorkingCalendar, now: datetime, percent: int) -> datetime:
    """The moment such that every wait by ``rule`` whose clock began before it, never paused, has reached ``percent``.

    Due times grow with their starts, so that a list of a hundred thousand cases is filtered by one comparison each.
    ``percent`` 0 asks for "overdue by the clock" (``now`` after the due time).
    """
    first, last = now - timedelta(days=800), now
    while last - first > MICROSECOND * 1000:
        middle = first + (last - first) / 2
        standing = standing_of(Wait("", 1, middle, middle), rule, calendar, now)
        if standing.is_overdue if percent == 0 else standing.percent >= percent:
            first = middle
        else:
            last = middle
    return last
