"""Deadlines by the working calendar: when something falls due, how late it is, and who is told of it.

Nothing here is remembered: a due time is computed each time it is read, from the events of a case, the row of the table
of deadlines and the calendar. A missed look at the clock is therefore harmless.
"""

from riverchief.case.deadline.calendar import SpecialDay, WorkingCalendar
from riverchief.case.deadline.count import UNITS, Due, DueDay, Pause, due_at, due_day, working_time
from riverchief.case.deadline.days import china_days, years_of
from riverchief.case.deadline.declared import read_calendar
from riverchief.case.deadline.explain import explain
from riverchief.case.deadline.rows import DueRow, due_rows
from riverchief.case.deadline.rules import DeadlineRule, find_rule, rules_of, shipped_calendar, shipped_rules
from riverchief.case.deadline.standing import Rung, Standing, due_of, ladder, last_start_reaching, standing_of
from riverchief.case.deadline.wait import Event, Wait, waits_of

__all__ = [
    "UNITS",
    "DeadlineRule",
    "Due",
    "DueDay",
    "DueRow",
    "Event",
    "Pause",
    "Rung",
    "SpecialDay",
    "Standing",
    "Wait",
    "WorkingCalendar",
    "china_days",
    "due_at",
    "due_day",
    "due_of",
    "due_rows",
    "explain",
    "find_rule",
    "ladder",
    "last_start_reaching",
    "read_calendar",
    "rules_of",
    "shipped_calendar",
    "shipped_rules",
    "standing_of",
    "waits_of",
    "working_time",
    "years_of",
]
