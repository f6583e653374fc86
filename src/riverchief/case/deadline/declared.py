"""A working calendar as a line of text, so that a sheet of deadlines can say in each row which one holds.

Parts are split by ``;``: ``Mon-Fri 08:30-12:00,14:00-18:00`` or ``daily`` (days, with hours or without), ``holidays``
and ``makeup`` with dates or ``from..to``, ``tz Asia/Shanghai`` or ``tz none``, ``due at end of working day``,
``due rolls to next working day``, and ``china`` for the holidays and make-up days that ship with Riverchief.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from riverchief.case.deadline.calendar import SpecialDay, WorkingCalendar
from riverchief.case.deadline.days import china_days, years_of
from riverchief.case.deadline.week import WHOLE_DAY, Span, Week, read_spans, read_weekdays
from riverchief.errors import BadInput, Fault

ENDS_WITH_DAY = "due at end of working day"
ROLLS = "due rolls to next working day"
CHINA = "china"
ALLOWED = (
    f"Mon-Fri 08:00-18:00; daily; holidays DATE,DATE..DATE; makeup DATE; {CHINA}; {ENDS_WITH_DAY}; {ROLLS}; tz ZONE"
)


@dataclass
class _Parts:
    """What the parts of a line have said so far."""

    spans: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    has_hours: bool = True
    special: dict[date, SpecialDay] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    years: frozenset[int] | None = None
    flags: set[str] = field(default_factory=set)


@lru_cache(maxsize=512)
def read_calendar(text: str) -> WorkingCalendar:
    """The calendar that ``text`` describes. Raises :class:`~riverchief.errors.BadInput` with the parts not understood.

    A line that names its own holidays is taken as told; with ``china``, years that the table does not hold are marked.
    """
    parts = _Parts()
    faults = []
    for part in (part.strip() for part in text.split(";")):
        if part and not _read(part, parts):
            faults.append(Fault("bad_calendar_part", details={"given": part, "allowed": ALLOWED}))
    if not faults and not parts.spans:
        faults.append(Fault("bad_calendar_part", details={"given": text, "allowed": ALLOWED}))
    if faults:
        raise BadInput(faults)
    return WorkingCalendar(
        week=Week(parts.spans, parts.has_hours),
        special=parts.special,
        zone=parts.zone,
        known_years=parts.years,
        ends_with_day=ENDS_WITH_DAY in parts.flags,
        rolls=ROLLS in parts.flags,
    )


def _read(part: str, parts: _Parts) -> bool:
    """Take in one part; ``False`` where it is not understood."""
    word, _, rest = part.partition(" ")
    if part in (ENDS_WITH_DAY, ROLLS):
        parts.flags.add(part)
        return True
    readers: dict[str, Callable[[str, _Parts], bool]] = {
        CHINA: _read_china,
        "tz": _read_zone,
        "holidays": lambda text, into: _read_days(text, into, works=False),
        "makeup": lambda text, into: _read_days(text, into, works=True),
    }
    return readers[word](rest.strip(), parts) if word in readers else _read_week(word, rest.strip(), parts)


def _read_china(rest: str, parts: _Parts) -> bool:
    parts.special = {**china_days(), **parts.special}
    parts.years = years_of(china_days())
    return not rest


def _read_zone(rest: str, parts: _Parts) -> bool:
    if rest == "none":
        return True
    try:
        parts.zone = ZoneInfo(rest)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _read_days(rest: str, parts: _Parts, *, works: bool) -> bool:
    for piece in rest.split(","):
        first, _, last = piece.strip().partition("..")
        try:
            day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            return False
        while day <= end:
            parts.special[day] = SpecialDay(works)
            day += timedelta(days=1)
    return bool(rest)


def _read_week(days: str, hours: str, parts: _Parts) -> bool:
    weekdays, spans = read_weekdays(days), read_spans(hours) if hours else WHOLE_DAY
    if weekdays is None or spans is None:
        return False
    parts.has_hours = parts.has_hours and bool(hours)
    for weekday in weekdays:
        parts.spans[weekday] = spans
    return True
