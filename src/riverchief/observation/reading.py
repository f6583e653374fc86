"""A reading: one value of one parameter at one station and time, in canonical units, with its flag.

Values are never altered after they were read: a correction is another reading of the same key from the same source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.observation.flag import find_flag
from riverchief.table import read_table


class Censored(NamedTuple):
    """A value that is only known to lie below (``<``) or above (``>``) ``limit`` [the reading's unit].

    ``limit`` is None where the source says "not detected" without saying at which limit.
    """

    operator: str
    limit: float | None


class Reading(NamedTuple):
    """One reading.

    ``value`` is in ``unit``, the canonical unit of the parameter, and None where there is none (missing, or below a
    detection limit, then ``censored`` says which). ``time`` is aware and in UTC; of a mean, minimum, maximum or sum it
    is the time that the source wrote, and ``period_s`` [s] the length of the period (0: instant, or not known).
    ``flag`` names a row of ``flags.csv``, ``statistic`` one of ``statistics.csv``; ``source`` says who sent it.
    """

    station: str
    parameter: str
    time: datetime
    value: float | None
    unit: str
    flag: str = "unchecked"
    censored: Censored | None = None
    statistic: str = "instant"
    period_s: int = 0
    source: str = ""

    @property
    def key(self) -> tuple[str, str, str, int, str, datetime]:
        """What makes two readings the same one: station, parameter, statistic, period, source and time."""
        return (self.station, self.parameter, self.statistic, self.period_s, self.source, self.time)

    @property
    def is_usable(self) -> bool:
        """Whether a judgement may rest on this reading: its flag allows it and it has a value or a limit."""
        return find_flag(self.flag).usable and (self.value is not None or self.censored is not None)


class Sorted(NamedTuple):
    """Readings that a judgement may use, and those it must leave out and name."""

    used: tuple[Reading, ...]
    left_out: tuple[Reading, ...]


def sort_out(readings: Iterable[Reading]) -> Sorted:
    """``readings`` divided into those that may be judged and those that may not, both in the given order."""
    used: list[Reading] = []
    left_out: list[Reading] = []
    for reading in readings:
        (used if reading.is_usable else left_out).append(reading)
    return Sorted(tuple(used), tuple(left_out))


def in_order(readings: Sequence[Reading]) -> list[Reading]:
    """``readings`` by station, parameter, statistic, period, source and time; equal keys keep their order."""
    return sorted(readings, key=lambda reading: reading.key)


@cache
def all_statistics() -> tuple[str, ...]:
    """The codes of ``statistics.csv``, in its order."""
    return tuple(row["code"] for row in read_table("riverchief.observation", "statistics.csv"))


@cache
def statistic_words(code: str) -> dict[str, str]:
    """The row of ``statistics.csv`` called ``code``; raises :class:`~riverchief.errors.BadInput` (``not_one_of``)."""
    rows = {row["code"]: row for row in read_table("riverchief.observation", "statistics.csv")}
    if code not in rows:
        raise BadInput([Fault("not_one_of", details={"given": code, "allowed": ", ".join(rows)})])
    return rows[code]
