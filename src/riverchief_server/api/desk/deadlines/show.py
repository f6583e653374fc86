"""The calendar and the table of deadlines as the API says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from riverchief.case.deadline import DeadlineRule, shipped_calendar, shipped_rules
from riverchief.case.machine import all_states, states_that
from riverchief.table import read_table
from riverchief_server.api.desk.deadlines.schema import (
    DeadlinePreview,
    Deadlines,
    DeadlineSaid,
    Moved,
    SpecialDay,
)
from riverchief_server.api.desk.words import Choice
from riverchief_server.api.words import local, name_of, say
from riverchief_server.cases.clock import Clocks, clocks
from riverchief_server.cases.models import CalendarDay
from riverchief_server.cases.queries import category_words, words
from riverchief_server.cases.ruling import Move
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Region
from riverchief_server.settings.options import option

NAMED_AT_MOST = 20


def show_deadlines(account: Account, now: datetime, language: str) -> Deadlines:
    """The special days of this year and the next, and every row of deadlines."""
    own = clocks()
    years = sorted(own.calendar.known_years or ())
    this = local(now).year
    if this + 1 in years or own.calendar.known_years is None:
        sentence = say("calendar_known", language, last=max(years, default=this))
    else:
        sentence = say("calendar_unknown", language, last=max(years, default=this), next=this + 1)
    return Deadlines(
        sentence=sentence,
        hours=option("office_hours") or shipped_calendar(),
        years=years,
        days=_days(own, this, language),
        rows=[_row(rule, language) for rule in own.rules],
        states=[
            Choice(code=code, name=state.name(language), group="")
            for code, state in all_states().items()
            if state.is_open and code not in states_that("until_a_day")
        ],
        may_change="rule" in account.the_role.may,
    )


def show_preview(moves: Sequence[Move], looked_at: int, language: str) -> DeadlinePreview:
    """What a new row would move."""
    return DeadlinePreview(
        sentence=say("deadline_moves", language, moved=len(moves), n=looked_at),
        moved=len(moves),
        looked_at=looked_at,
        cases=[
            Moved(number=move.case.number, title=move.case.title, before=move.before, after=move.after)
            for move in moves[:NAMED_AT_MOST]
        ],
    )


def _days(own: Clocks, year: int, language: str) -> list[SpecialDay]:
    said = {row.day: row for row in CalendarDay.objects.select_related("noted_by").order_by("id")}
    shown = []
    for day, special in sorted(own.calendar.special.items()):
        if day.year < year:
            continue
        row = said.get(day)
        name = special.name_zh if language.startswith("zh") else special.name_en
        by = row.noted_by.shown_name if row and row.noted_by else ""
        shown.append(SpecialDay(day=day, works=special.works, name=name, reason=row.reason if row else "", by=by))
    return shown


def _row(rule: DeadlineRule, language: str) -> DeadlineSaid:
    categories, severities = category_words(), words("severities.csv", "severity")
    units = {row["key"]: row for row in read_table("riverchief.case.deadline", "words.csv")}
    region = Region.objects.filter(code__startswith=rule.jurisdiction).first() if rule.jurisdiction else None
    return DeadlineSaid(
        state_name=all_states()[rule.state].name(language),
        category=name_of(categories[rule.category], language) if rule.category else "",
        severity=name_of(severities[rule.severity], language) if rule.severity else "",
        region=region.name if region else rule.jurisdiction,
        begins=rule.begins if rule.begins.year > 1 else None,
        length=name_of(units[rule.unit], language).format(amount=f"{rule.amount:g}"),
        reason=rule.reason,
        is_own=rule not in shipped_rules(),
    )
