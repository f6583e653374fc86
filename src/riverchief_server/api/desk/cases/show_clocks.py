"""The clocks of a case as the API says them: until when, by which sum, and every wait of every leg."""

from __future__ import annotations

from datetime import datetime

from riverchief.case.deadline import explain, standing_of
from riverchief.case.machine import all_states
from riverchief_server.api.desk.cases.schema import Clock
from riverchief_server.api.words import due_text, say
from riverchief_server.cases.clock import all_waits, allowed_by, clocks, standing, wait_of
from riverchief_server.cases.models import Case


def deadline_text(case: Case, now: datetime, language: str) -> str:
    """The sum behind the due time of the wait that ``case`` is in; says so where nothing is laid down."""
    if not all_states()[case.state].is_open:
        return ""
    own = clocks()
    stands = standing(case, now, own)
    if stands.due is None:
        return say("no_deadline", language)
    return explain(wait_of(case), allowed_by(case, own), stands.due, own.calendar, language)


def show_clocks(case: Case, now: datetime, language: str) -> list[Clock]:
    """Every wait of the case that has a clock, the newest first; a re-opened case shows each leg."""
    own = clocks()
    shown = []
    for wait in all_waits(case, own):
        state = all_states()[wait.state]
        rule = own.rule_for(case, wait.state, wait.clock_since)
        stands = standing_of(wait, rule, own.calendar, now)
        if not state.is_open or stands.due is None:
            continue
        is_now = wait.left_at is None
        if is_now:
            text = due_text(stands.due.at, now, language)
        else:
            text = say("clock_late" if stands.is_overdue else "clock_in_time", language)
        shown.append(
            Clock(
                leg=wait.leg,
                state_name=state.name(language),
                entered_at=wait.entered_at,
                left_at=wait.left_at,
                due_at=stands.due.at,
                is_late=stands.is_overdue,
                is_now=is_now,
                text=text,
                sum=explain(wait, rule, stands.due, own.calendar, language),
            )
        )
    return shown[::-1]
