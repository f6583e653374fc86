"""The sum behind a due time, as one sentence: "10 working days from ..., 2 h given back, without 清明, due ..."."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from riverchief.case.deadline.calendar import WorkingCalendar
from riverchief.case.deadline.count import Due
from riverchief.case.deadline.rules import DeadlineRule
from riverchief.case.deadline.wait import Wait
from riverchief.table import read_table


def explain(wait: Wait, rule: DeadlineRule | None, due: Due, calendar: WorkingCalendar, language: str) -> str:
    """How ``due`` came about, in ``language``, with every pause and every special day that mattered."""
    start = wait.decided_at or wait.clock_since
    parts = []
    if wait.decided_due is not None:
        decided = {"decided": _moment(start, calendar, language), "due": _moment(wait.decided_due, calendar, language)}
        parts.append(_say("decided", language, **decided))
    elif rule is not None:
        length = _say(rule.unit, language, amount=f"{rule.amount:g}")
        parts.append(_say("started", language, start=_moment(start, calendar, language), length=length))
    if due.given_back:
        parts.append(
            _say("given_back", language, hours=f"{due.given_back / timedelta(hours=1):.1f}".rstrip("0").rstrip("."))
        )
    if wait.decided_due is None:
        parts += _special(start, due, calendar, language)
    if due.unknown_years:
        years = _say("and", language).join(str(year) for year in due.unknown_years)
        parts.append(_say("unknown_years", language, years=years))
    parts.append(_say("ends", language, due=_moment(due.at, calendar, language)))
    return _say("joint", language).join(parts)


def _special(start: datetime, due: Due, calendar: WorkingCalendar, language: str) -> list[str]:
    """The holidays that were left out (only those that would have been worked), the make-up days that were counted."""
    day, end = calendar.local_day(start) + timedelta(days=1), calendar.local_day(due.at)
    holidays: dict[str, None] = {}
    makeup = []
    while day <= end:
        special = calendar.special.get(day)
        if special is not None and special.works:
            makeup.append(f"{day.month}-{day.day:02d}")
        elif special is not None and calendar.week.spans.get(day.weekday()):
            holidays[special.name_zh if language.startswith("zh") else special.name_en] = None
        day += timedelta(days=1)
    parts = []
    joint = _say("and", language)
    if holidays:
        parts.append(_say("holiday", language, names=joint.join(name for name in holidays if name) or "—"))
    if makeup:
        parts.append(_say("makeup", language, days=joint.join(makeup)))
    return parts


def _moment(at: datetime, calendar: WorkingCalendar, language: str) -> str:
    local = at if calendar.zone is None else at.astimezone(calendar.zone)
    return _say(
        "moment",
        language,
        month=str(local.month),
        month_name=f"{local:%B}",
        day=str(local.day),
        hour=f"{local:%H}",
        minute=f"{local:%M}",
    )


def _say(key: str, language: str, **values: str) -> str:
    return _words()[key]["zh" if language.startswith("zh") else "en"].format(**values)


@cache
def _words() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in read_table("riverchief.case.deadline", "words.csv")}
