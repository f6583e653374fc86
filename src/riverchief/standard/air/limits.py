"""Limits of GB 3095 by date: the 2012 edition, the 2026 edition in transition to 2030, and its final limits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.standard.air.editions import edition_named, edition_on
from riverchief.table import read_table


@dataclass(frozen=True)
class AirLimit:
    """A row of ``limits.csv``: ``class1`` holds in nature reserves and the like, ``class2`` everywhere else [unit]."""

    pollutant: str
    period: str
    unit: str
    class1: float
    class2: float
    clause: str
    edition: str
    phase: str
    verification: str

    def limit(self, zone: int = 2) -> float:
        """The limit of a class 1 or class 2 area."""
        return self.class1 if zone == 1 else self.class2


@cache
def table_of_air_limits() -> tuple[AirLimit, ...]:
    """Every row."""
    return tuple(
        AirLimit(
            row["pollutant"],
            row["period"],
            row["unit"],
            float(row["class1"]),
            float(row["class2"]),
            row["clause"],
            row["edition"],
            row["phase"],
            row["verification"],
        )
        for row in read_table("riverchief.standard.air", "limits.csv")
    )


def air_limit(pollutant: str, period: str, day: dt.date | None = None, *, edition: str = "auto") -> AirLimit:
    """The limit of ``pollutant`` over ``period`` (``annual``, ``24h``, ``1h``, ``MDA8``, ``quarter``) on ``day``.

    ``edition`` ``auto`` goes by the date (the newest without one); ``2012``, ``2026`` (transition) or ``2031`` (final).
    Raises :class:`~riverchief.errors.BadInput`.
    """
    code = find_parameter(pollutant).code
    phase = edition_on("limits", day or dt.date.max) if edition == "auto" else edition_named("limits", edition)
    for row in table_of_air_limits():
        if (row.pollutant, row.period, row.phase) == (code, period, phase.short):
            return row
    known = "、".join(f"{row.pollutant} {row.period}" for row in table_of_air_limits() if row.phase == phase.short)
    raise BadInput([Fault("not_one_of", details={"given": f"{code} {period}", "allowed": known})])
