"""The working calendar: office hours, public holidays (节假日) and the weekends that are worked in exchange (调休).

Moments become a *working coordinate*, the working time [µs] since an arbitrary origin, by a sorted list of open spans
and its running sum; adding working time is then one bisection each way, however many days lie between.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property

from riverchief.case.deadline.week import WHOLE_DAY, Span, Week
from riverchief.errors import BadInput, Fault

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
#: Further than this many years from where it began a count is a mistake.
FURTHEST_YEARS = 60


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not as its weekday: ``works`` is true for a make-up day, false for a holiday."""

    works: bool
    name_zh: str = ""
    name_en: str = ""


@dataclass
class _Year:
    """The open spans of one year [µs since the epoch] with their running sum, and its working days."""

    starts: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    total: int = 0


@dataclass(frozen=True)
class WorkingCalendar:
    """When an office works. ``zone`` is where its hours hold (``None``: times without a zone are given and returned).

    ``known_years`` are the years whose holidays are in ``special``; ``None`` where the calendar is to be taken as told.
    In a year that is not known only the week counts, and whatever was counted through it is marked.
    """

    week: Week
    special: Mapping[date, SpecialDay] = field(default_factory=dict)
    zone: tzinfo | None = None
    known_years: frozenset[int] | None = None
    ends_with_day: bool = False
    rolls: bool = False

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The open spans of ``day`` [min of the day]; none on a rest day."""
        special = self.special.get(day)
        if special is None:
            return self.week.spans.get(day.weekday(), ())
        if not special.works:
            return ()
        return self.week.spans.get(day.weekday()) or self.week.ordinary or WHOLE_DAY

    def works_on(self, day: date) -> bool:
        """Whether ``day`` is a working day."""
        return bool(self.spans_on(day))

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years from ``first`` to ``last`` (in either order) whose holidays this calendar does not know."""
        if self.known_years is None:
            return ()
        years = range(min(first, last).year, max(first, last).year + 1)
        return tuple(year for year in years if year not in self.known_years)

    def local_day(self, at: datetime) -> date:
        """The day that ``at`` falls on where the office is."""
        return (at if self.zone is None else at.astimezone(self.zone)).date()

    def at_minute(self, day: date, minute: int) -> datetime:
        """The moment ``minute`` minutes into ``day`` by the clock on the wall."""
        days, minute = divmod(minute, 1440)
        moment = datetime(day.year, day.month, day.day, *divmod(minute, 60)) + timedelta(days=days)  # noqa: DTZ001
        return moment if self.zone is None else moment.replace(tzinfo=self.zone)

    def closing(self, day: date) -> datetime:
        """When the office closes on ``day``, a working day."""
        return self.at_minute(day, self.spans_on(day)[-1][1])

    def is_open(self, at: datetime) -> bool:
        """Whether the office is open at ``at``."""
        local = at if self.zone is None else at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(first <= minute < last for first, last in self.spans_on(local.date()))

    def nth_day(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (before it, where negative); ``day`` itself is not counted.

        Zero gives ``day`` where it is worked, else the next working day.
        """
        year, last = day.year, day.year + (FURTHEST_YEARS if count >= 0 else -FURTHEST_YEARS)
        if count == 0:
            return day if self.works_on(day) else self.nth_day(day, 1)
        days = self._year(year).days
        if count > 0:
            at = bisect_right(days, day) + count - 1
            while at >= len(days):
                at, year = at - len(days), year + 1
                days = self._checked(year, last, day).days
            return days[at]
        at = bisect_left(days, day) + count
        while at < 0:
            year -= 1
            days = self._checked(year, last, day).days
            at += len(days)
        return days[at]

    def days_between(self, first: date, last: date) -> int:
        """How many working days lie in [``first``, ``last``)."""
        return sum(
            bisect_left(self._year(year).days, last) - bisect_left(self._year(year).days, first)
            for year in range(first.year, last.year + 1)
        )

    def coordinate(self, at: datetime) -> int:
        """The working coordinate of ``at`` [µs]: differences of two are the working time between them."""
        year = self._year(self.local_day(at).year)
        stamp = _stamp(at)
        index = bisect_right(year.starts, stamp) - 1
        within = 0
        if index >= 0:
            within = min(year.before[index] + stamp - year.starts[index], year.after[index])
        return self._offset(self.local_day(at).year) + within

    def moment(self, coordinate: int, near: datetime, *, is_late: bool = False) -> datetime:
        """The moment of a working coordinate [µs]: the earliest one (a closing), or the latest (an opening).

        ``near`` is any moment from which to look.
        """
        self._need_hours()
        start = self.local_day(near).year
        year = start
        while coordinate < self._offset(year) or (coordinate == self._offset(year) and not is_late):
            year -= 1
            self._checked(year, start - FURTHEST_YEARS, near.date())
        while coordinate > self._offset(year + 1) or (coordinate == self._offset(year + 1) and is_late):
            year += 1
            self._checked(year, start + FURTHEST_YEARS, near.date())
        rows, within = self._year(year), coordinate - self._offset(year)
        index = bisect_right(rows.before, within) - 1 if is_late else bisect_left(rows.after, within)
        found = EPOCH + (rows.starts[index] + within - rows.before[index]) * MICROSECOND
        return found.replace(tzinfo=None) if self.zone is None else found.astimezone(self.zone)

    @cached_property
    def day_length(self) -> int:
        """The working time of an ordinary day [µs]: that of the first working day of the week."""
        return sum(end - start for start, end in self.week.ordinary) * 60_000_000

    def _need_hours(self) -> None:
        if not self.week.has_hours:
            raise BadInput([Fault("calendar_without_hours")])

    def _checked(self, year: int, last: int, near: date) -> _Year:
        if year == last or not 2 <= year <= 9997:
            raise BadInput([Fault("count_too_far", details={"given": str(near), "allowed": str(FURTHEST_YEARS)})])
        return self._year(year)

    @cached_property
    def _years(self) -> dict[int, _Year]:
        return {}

    @cached_property
    def _offsets(self) -> dict[int, int]:
        return {}

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._build(year)
        return known

    def _offset(self, year: int) -> int:
        """The working coordinate at which ``year`` begins; the first year ever asked for begins at zero."""
        offsets = self._offsets
        if not offsets:
            offsets[year] = 0
        while year > (last := max(offsets)):
            offsets[last + 1] = offsets[last] + self._year(last).total
        while year < (first := min(offsets)):
            offsets[first - 1] = offsets[first] - self._year(first - 1).total
        return offsets[year]

    def _build(self, year: int) -> _Year:
        rows = _Year()
        day, end = date(year, 1, 1), date(year + 1, 1, 1)
        while day < end:
            spans = self.spans_on(day)
            if spans:
                rows.days.append(day)
            for first, last in spans:
                start = _stamp(self.at_minute(day, first))
                rows.starts.append(start)
                rows.before.append(rows.total)
                rows.total += _stamp(self.at_minute(day, last)) - start
                rows.after.append(rows.total)
            day += timedelta(days=1)
        return rows


def _stamp(at: datetime) -> int:
    """Microseconds since the epoch; a time without a zone counts as if it were UTC."""
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - EPOCH) // MICROSECOND
