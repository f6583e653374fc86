"""Months and years as the law means them: by the county's own calendar, kept as the UTC times they begin and end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

KeptPeriod = Literal["month", "year"]
KEPT_PERIODS: tuple[KeptPeriod, ...] = ("month", "year")


class Span(NamedTuple):
    """A month, quarter, year or the months of a year so far, ``begin <= t < end``."""

    begin: datetime
    end: datetime
    period: Literal["month", "year", "quarter", "to_date"]


def local(at: datetime) -> datetime:
    """``at`` by the county's clock."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE))


def span_of(period: KeptPeriod, at: datetime) -> Span:
    """The month or year in which ``at`` lies by the county's calendar."""
    midnight = local(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if period == "year":
        begin = midnight.replace(month=1)
        return Span(begin, begin.replace(year=begin.year + 1), period)
    later = midnight.replace(year=midnight.year + 1, month=1) if midnight.month == 12 else None
    return Span(midnight, later or midnight.replace(month=midnight.month + 1), period)


def a_year_before(span: Span, now: datetime) -> Span:
    """The same days of the year before: those of ``span`` up to and with today, whole days by the county's calendar."""
    tomorrow = local(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return Span(_year_earlier(span.begin), _year_earlier(min(span.end, tomorrow)), span.period)


def days_passed(span: Span, now: datetime) -> int:
    """How many days of ``span`` have begun."""
    return (min(span.end - timedelta(seconds=1), local(now)).date() - span.begin.date()).days + 1


def months_passed(span: Span, now: datetime) -> int:
    """How many months of the year ``span`` have begun."""
    return min(span.end - timedelta(seconds=1), local(now)).month


def _year_earlier(midnight: datetime) -> datetime:
    if (midnight.month, midnight.day) == (2, 29):  # what ended with 28 February ends so the year before
        return midnight.replace(year=midnight.year - 1, month=3, day=1)
    return midnight.replace(year=midnight.year - 1)
