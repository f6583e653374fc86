"""Office hours: on which days of the week an office works, and from when to when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: Minutes of a day [min]: from, to; 24:00 is 1440.
Span = tuple[int, int]
WHOLE_DAY: tuple[Span, ...] = ((0, 1440),)


@dataclass(frozen=True)
class Week:
    """The open spans of each weekday (0 is Monday), in order; a weekday that is absent is a rest day.

    ``has_hours`` is false where only days were given: working hours cannot be counted by such a week.
    """

    spans: Mapping[int, tuple[Span, ...]]
    has_hours: bool = True

    @property
    def ordinary(self) -> tuple[Span, ...]:
        """The hours of a make-up day (调休上班日): those of the first working day of the week."""
        return next((self.spans[day] for day in range(7) if self.spans.get(day)), ())


def read_weekdays(text: str) -> tuple[int, ...] | None:
    """The weekdays of ``daily``, ``Mon``, ``Mon-Fri`` or ``Mon,Wed``; ``None`` where it says something else."""
    if text.lower() == "daily":
        return tuple(range(7))
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            return None
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
    return tuple(found)


def read_spans(text: str) -> tuple[Span, ...] | None:
    """The spans of ``08:00-12:00,14:00-18:00`` [min of the day]; ``None`` where they cannot be, or overlap."""
    found: list[Span] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        start, end = _minute(first), _minute(last)
        if not dash or start is None or end is None or end <= start or (found and start < found[-1][1]):
            return None
        found.append((start, end))
    return tuple(found)


def _minute(text: str) -> int | None:
    hour, colon, minute = text.strip().partition(":")
    if not colon or not (hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        return None
    at = int(hour) * 60 + int(minute)
    return at if int(minute) < 60 and at <= 1440 else None
