"""Numbers, times and spans as a sentence says them: three figures at most, the day only where it is not today's."""

from __future__ import annotations

from datetime import datetime, timedelta

from riverchief.spill.kept import KeptRange
from riverchief_server.api.desk.spills.schema import Ranged
from riverchief_server.api.words import local, say, time_text

#: So near to today the day of the month is enough to know which day is meant.
AROUND_DAYS = 10


def figure_text(value: float) -> str:
    """Three significant figures without exponent: more would promise too much."""
    if value == 0:
        return "0"
    if value >= 1000:
        return f"{float(f'{value:.3g}'):.0f}"
    return f"{float(f'{value:.3g}'):.10f}".rstrip("0").rstrip(".")


def span_text(seconds: float, language: str) -> str:
    """A span of time: seconds below two minutes, minutes below two hours, hours below two days, then days."""
    if 0 < seconds < 120:
        return say("span_seconds", language, n=f"{seconds:.0f}")
    if seconds < 7200:
        return say("span_minutes", language, n=f"{max(seconds, 0) / 60:.0f}")
    if seconds < 2 * 86400:
        return say("span_hours", language, n=figure_text(float(f"{seconds / 3600:.1f}")))
    return say("span_days", language, n=figure_text(float(f"{seconds / 86400:.1f}")))


def clock_text(moment: datetime, now: datetime, language: str) -> str:
    """``14:20`` today, ``25日 02:57`` in the days around it, else with the whole date."""
    at, today = local(moment), local(now)
    return at.strftime("%H:%M") if at.date() == today.date() else _day_and_clock(moment, now, language)


def _day_and_clock(moment: datetime, now: datetime, language: str) -> str:
    at = local(moment)
    if abs((at.date() - local(now).date()).days) > AROUND_DAYS:
        return time_text(moment, now, language)
    return say("time_day", language, day=at.day, month_en=at.strftime("%b"), clock=at.strftime("%H:%M"))


def when(start: datetime, found: KeptRange, now: datetime, language: str) -> Ranged:
    """A time after ``start`` [s] with its range; the range repeats the date only where it is another day's."""
    middle, low, high = (start + timedelta(seconds=round(found[name])) for name in ("median", "p05", "p95"))
    ends, day = [], local(middle).date()
    for end in (low, high):
        ends.append(local(end).strftime("%H:%M") if local(end).date() == day else _day_and_clock(end, now, language))
        day = local(end).date()
    return Ranged(text=clock_text(middle, now, language), range="–".join(ends))


def lasting(found: KeptRange, language: str) -> Ranged:
    """A span with its range."""
    ends = [span_text(found[name], language) for name in ("p05", "p95")]
    return Ranged(text=span_text(found["median"], language), range="–".join(ends))


def amount(found: KeptRange) -> Ranged:
    """A concentration with its range, to two figures: the range is a factor of two and more."""
    middle, low, high = (figure_text(float(f"{found[name]:.2g}")) for name in ("median", "p05", "p95"))
    return Ranged(text=middle, range=f"{low}–{high}")
