"""A year of air: 优良天数, annual means and percentiles against their limits, the composite index (HJ 663-2013).

The same year can be asked for under another edition: :func:`good_days_under` answers "360 good days under 2012, how
many under 2026?".
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.parameter import find_parameter
from riverchief.standard.air.aqi import Missing, grade_air
from riverchief.standard.air.days import AirDays, validity
from riverchief.standard.air.editions import edition_on, editions
from riverchief.standard.air.judgement import air_levels
from riverchief.standard.air.limits import air_limit
from riverchief.standard.rounding import round_half_even
from riverchief.standard.verification import weakest
from riverchief.table import read_table

Floats = NDArray[np.float64]
GOOD_UP_TO = 100


@dataclass(frozen=True)
class GoodDays:
    """优良天数: ``good`` of ``judged`` days (AQI up to 100); ``unjudged`` days have no AQI. ``share`` = good / judged
    [%].

    ``by_level`` counts days of level 1 to 6. ``enough`` is whether the period has the days that its statistics need.
    """

    good: int
    judged: int
    unjudged: int
    by_level: Mapping[int, int]
    editions: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """优良天数比例 [%]; ``None`` if no day was judged."""
        return 100.0 * self.good / self.judged if self.judged else None


@dataclass(frozen=True)
class AnnualStatistic:
    """One statistic of a year: ``value`` [unit] is the annual mean or the ``percentile`` of days; NaN if none.

    ``valid`` is whether there were enough days (324, and 27 in each month, 25 in February). ``over`` compares with the
    class 2 limit where there is one, and is ``None`` for a year that is not valid and not over: missing never passes.
    """

    pollutant: str
    of: str
    percentile: int | None
    value: float
    unit: str
    days: int
    valid: bool
    limit: float
    over: bool | None
    edition: str
    verification: str


@dataclass(frozen=True)
class CompositeIndex:
    """``index`` = Σ C/S over six pollutants; ``parts`` each C/S; NaN where one is missing."""

    index: float
    parts: Mapping[str, float]
    edition: str
    verification: str


@dataclass(frozen=True)
class AirYear:
    """Everything of one year."""

    year: int
    good_days: GoodDays
    statistics: tuple[AnnualStatistic, ...]
    composite: CompositeIndex


def daily_aqi(days: AirDays, *, edition: str = "auto", missing: Missing = "withhold") -> Floats:
    """The AQI of each day [n] under the edition of its date, or all under ``2012`` or ``2026``; NaN where none."""
    aqi = np.full(days.days.size, np.nan)
    names = [edition_on("aqi", day.item()).short if edition == "auto" else edition for day in days.days]
    for name in sorted(set(names)):
        rows = np.array([n for n, other in enumerate(names) if other == name], dtype=np.intp)
        part = {code: column[rows] for code, column in days.values.items()}
        aqi[rows] = grade_air(part, edition=name, missing=missing).aqi
    return aqi


def good_days(days: AirDays, *, edition: str = "auto", missing: Missing = "withhold") -> GoodDays:
    """优良天数 of ``days``, each under the edition of its date or all under ``edition``."""
    aqi = daily_aqi(days, edition=edition, missing=missing)
    judged = aqi[~np.isnan(aqi)]
    levels = np.array([level.highest for level in air_levels()])
    level = np.searchsorted(levels, np.minimum(judged, levels[-1])) + 1
    if edition == "auto":
        used = tuple(dict.fromkeys(edition_on("aqi", day.item()).name for day in days.days))
    else:
        used = tuple(e.name for e in editions("aqi") if e.short == edition)
    counts = {n: int((level == n).sum()) for n in range(1, len(levels) + 1)}
    return GoodDays(int((judged <= GOOD_UP_TO).sum()), judged.size, aqi.size - judged.size, counts, used)


def good_days_under(days: AirDays, *, missing: Missing = "withhold") -> dict[str, GoodDays]:
    """The same days under every edition of HJ 633, by its short name: what a change of the law does to a year."""
    return {e.short: good_days(days, edition=e.short, missing=missing) for e in editions("aqi")}


def percentile(values: Floats, share: float) -> float:
    """The ``share`` (0 to 1) percentile of ``values`` after HJ 663: ``k = 1 + (n − 1) share``, linear between
    neighbours.

    NaN are left out; NaN if nothing is left.
    """
    present = np.sort(values[~np.isnan(values)])
    if not present.size:
        return float("nan")
    k = (present.size - 1) * share
    low = int(np.floor(k))
    high = min(low + 1, present.size - 1)
    return float(present[low] + (k - low) * (present[high] - present[low]))


def judge_year(
    days: AirDays, year: int, *, edition: str = "auto", limits: str = "auto", zone: Literal[1, 2] = 2
) -> AirYear:
    """The statistics of ``year`` of one station or city.

    ``edition`` (of HJ 633) and ``limits`` (GB 3095: ``2012``, ``2026``, ``2031``) go by the date; for limits the last
    day of the year counts. ``zone`` is the class of the area.
    """
    rows = days.days.astype("datetime64[Y]").astype(np.int64) + 1970 == year
    part = AirDays(days.days[rows], {code: column[rows] for code, column in days.values.items()})
    statistics = tuple(_statistic(row, part, year, limits, zone) for row in _rows())
    return AirYear(year, good_days(part, edition=edition), statistics, composite_index(_composite_inputs(statistics)))


def composite_index(concentrations: Mapping[str, float]) -> CompositeIndex:
    """``I = Σ C_i / S_i`` (HJ 663-2013) of annual means of SO2, NO2, PM10, PM25, the 95th percentile of CO and the
    90th of MDA8 (key ``O3``).

    Its limits are those of 2012 also for later years: the index compares years. Whether HJ 663-2026 changes it was not
    seen.
    """
    parts = {}
    rows = [row for row in _rows() if row["composite_limit"]]
    for row in rows:
        parts[row["pollutant"]] = concentrations.get(row["pollutant"], float("nan")) / float(row["composite_limit"])
    return CompositeIndex(sum(parts.values()), parts, rows[0]["edition"], rows[0]["verification"])


def _statistic(row: Mapping[str, str], days: AirDays, year: int, limits: str, zone: Literal[1, 2]) -> AnnualStatistic:
    pollutant, of = row["pollutant"], row["of"]
    column = days.values.get("O3_8H" if pollutant == "O3" else pollutant, np.full(days.days.size, np.nan))
    share = int(row["percentile"]) if row["percentile"] else None
    raw = percentile(column, share / 100.0) if share else _plain_mean(column)
    value = round_half_even(raw, find_parameter(pollutant).decimals)
    limit = air_limit(pollutant, of, dt.date(year, 12, 31), edition=limits)
    valid = _enough_days(days.days[~np.isnan(column)], year)
    over = None if np.isnan(value) else value > limit.limit(zone)
    return AnnualStatistic(
        pollutant,
        of,
        share,
        value,
        row["unit"],
        int((~np.isnan(column)).sum()),
        valid,
        limit.limit(zone),
        over if over or valid else None,
        limit.edition,
        weakest((limit.verification, row["verification"])),
    )


def _composite_inputs(statistics: tuple[AnnualStatistic, ...]) -> dict[str, float]:
    wanted = {(row["pollutant"], row["of"], row["percentile"]) for row in _rows() if row["composite_limit"]}
    return {s.pollutant: s.value for s in statistics if (s.pollutant, s.of, str(s.percentile or "")) in wanted}


def _enough_days(days: NDArray[np.datetime64], year: int) -> bool:
    """324 days of the year and 27 in each month, 25 in February."""
    months = np.array([day.item().month for day in days], dtype=np.int64)
    needed = {month: validity("february" if month == 2 else "month") for month in range(1, 13)}
    full = all((months == month).sum() >= min(needed[month], calendar.monthrange(year, month)[1]) for month in needed)
    return full and days.size >= validity("year")


def _plain_mean(column: Floats) -> float:
    present = column[~np.isnan(column)]
    return float(present.mean()) if present.size else float("nan")


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.air", "annual_statistics.csv"))
