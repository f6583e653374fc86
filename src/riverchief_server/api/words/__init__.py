"""What the server says to people: one table, two languages, numbers and times written as people write them."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from riverchief.parameter import find_parameter
from riverchief.table import read_table


def say(key: str, language: str, **details: object) -> str:
    """The words of row ``key`` of ``words.csv`` in ``language``, with ``details`` filled in."""
    row = _words()[key]
    return row["zh" if language.startswith("zh") else "en"].format(**details)


def name_of(row: dict[str, str], language: str) -> str:
    """The name in a row of any of our tables that has the columns ``zh`` and ``en``."""
    return row["zh" if language.startswith("zh") else "en"]


def value_text(parameter: str, value: float | None, operator: str = "", bound: float | None = None) -> str:
    """A value as the standard prints it: the parameter's decimals, ``<0.01`` below detection, a dash for nothing."""
    decimals = find_parameter(parameter).decimals
    if value is None:
        return f"{operator}{bound:g}" if bound is not None else "—"
    return f"{value:.{decimals}f}"


def number_text(value: float) -> str:
    """A limit as the law prints it: no trailing zeros, no exponent."""
    return f"{value:.8f}".rstrip("0").rstrip(".")


def local(moment: datetime) -> datetime:
    """``moment`` in the zone of the county."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE))


def time_text(moment: datetime, now: datetime, language: str) -> str:
    """``11月24日 08:15``, with the year where it is not this year's."""
    at = local(moment)
    key = "time_this_year" if at.year == local(now).year else "time_other_year"
    month = at.strftime("%b")
    return say(key, language, year=at.year, month=at.month, month_en=month, day=at.day, clock=at.strftime("%H:%M"))


def ago_text(moment: datetime, now: datetime, language: str) -> str:
    """How long ago, in the largest whole unit; past a week the date itself."""
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 2:
        return say("just_now", language)
    if minutes < 120:
        return say("minutes_ago", language, n=minutes)
    if minutes < 48 * 60:
        return say("hours_ago", language, n=minutes // 60)
    if minutes < 8 * 24 * 60:
        return say("days_ago", language, n=minutes // (24 * 60))
    return time_text(moment, now, language)


def due_text(due_at: datetime | None, now: datetime, language: str) -> str:
    """How much time is left, or how long it is overdue."""
    if due_at is None:
        return say("no_due_date", language)
    hours = (due_at - now).total_seconds() / 3600
    key = "left" if hours >= 0 else "overdue"
    hours = abs(hours)
    if hours < 48:
        return say(f"{key}_hours", language, n=max(1, round(hours)))
    return say(f"{key}_days", language, n=int(hours // 24))


@cache
def _words() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in read_table("riverchief_server.api.words", "words.csv")}
