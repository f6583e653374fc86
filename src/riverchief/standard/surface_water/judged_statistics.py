"""Which values of an instrument are judged: what it measured at a moment, else its mean of an hour, else of a day.

One water is judged once. Where a station reports the moment and the mean of its hour, the moment is judged; a mean is
judged where nothing finer of the same item lies within its period. Means of minutes, extremes and sums are not: the law
names no class for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.standard.evidence import Origin
from riverchief.table import read_table


@dataclass(frozen=True)
class JudgedStatistic:
    """A row of ``judged_statistics.csv``: of two for one item the lower ``rank`` is judged; ``origin`` is the word in
    the evidence."""

    rank: int
    statistic: str
    period_s: int
    origin: str
    name_zh: str
    name_en: str

    def as_origin(self) -> Origin:
        """How the value came about, for the evidence."""
        return Origin(self.origin)

    def name(self, language: str) -> str:
        """The name in ``language`` (``"zh"`` or ``"en"``)."""
        return self.name_zh if language.startswith("zh") else self.name_en


@cache
def judged_statistics() -> dict[tuple[str, int], JudgedStatistic]:
    """What is judged, by statistic (a code of ``statistics.csv``) and its period [s]."""
    rows = read_table("riverchief.standard.surface_water", "judged_statistics.csv")
    found = [
        JudgedStatistic(
            int(row["rank"]),
            row["statistic"],
            int(row["period_s"]),
            row["origin"],
            row["name_zh"],
            row["name_en"],
        )
        for row in rows
    ]
    return {(one.statistic, one.period_s): one for one in found}


def judged_times(
    times: Mapping[JudgedStatistic, NDArray[np.int64]],
) -> dict[JudgedStatistic, NDArray[np.bool_]]:
    """Which of the values of one item at one place are judged.

    ``times`` has for each statistic the sorted times [ms] of its values. A mean is left out where a finer value lies
    less than its period away: sources write the beginning of the hour or its end, so both sides count.
    """
    chosen: dict[JudgedStatistic, NDArray[np.bool_]] = {}
    finer = np.empty(0, np.int64)
    for one in sorted(times, key=lambda one: one.rank):
        mine = times[one]
        near = np.zeros(len(mine), bool)
        if finer.size and one.period_s:
            period = 1000 * one.period_s
            first = np.searchsorted(finer, mine - period, side="right")
            near = first < np.searchsorted(finer, mine + period, side="left")
        chosen[one] = ~near
        finer = np.sort(np.concatenate((finer, mine)))
    return chosen
