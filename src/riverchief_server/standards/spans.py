"""Months and years as the law means them: by the county's own calendar, kept as the UTC times they begin and end."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

KeptPeriod = Literal["month", "year"]
KEPT_PERIODS: tuple[KeptPeriod, ...] = ("month", "year")


class Span(NamedTuple):
    """A month or a year, ``begin <= t < end``."""

    begin: datetime
    end: datetime
    period: KeptPeriod


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
    """The same part of the year before: as far into it as ``now`` is into ``span``."""
    begin = span.begin.replace(year=span.begin.year - 1)
    end = min(span.end, local(now))
    day = min(end.day, 28) if end.month == 2 else end.day
    return Span(begin, end.replace(year=end.year - 1, day=day), span.period)
