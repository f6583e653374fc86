"""The holidays and make-up days of China (国务院办公厅 holiday notices), a dated table that a county may overrule.

``days.csv`` is seeded by ``tools/seed_calendar.py`` from the package ``chinesecalendar``; the table is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from riverchief.case.deadline.calendar import SpecialDay
from riverchief.table import read_table


@cache
def china_days() -> Mapping[date, SpecialDay]:
    """Every day of the table that is not as its weekday."""
    return {
        date.fromisoformat(row["day"]): SpecialDay(row["kind"] == "makeup", row["zh"], row["en"])
        for row in read_table("riverchief.case.deadline", "days.csv")
    }


def years_of(days: Mapping[date, SpecialDay]) -> frozenset[int]:
    """The years whose holidays are known: those with at least one National Day holiday (the last notice of a year).

    A notice for a year may name days at the end of the year before, which does not make that year known.
    """
    return frozenset(day.year for day, special in days.items() if day.month == 10 and not special.works)
