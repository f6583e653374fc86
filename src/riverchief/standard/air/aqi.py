"""AQI, its level and its primary pollutants, of a day or an hour, under HJ 633-2012 or HJ 633-2026.

Which concentrations make an index is ``reports.csv``; their breakpoints are ``breakpoints.csv``. The arithmetic works
on whole columns (:func:`grade_air`); :func:`grade_day` and :func:`grade_hour` give one judgement with its evidence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.parameter import by_code, find_parameter
from riverchief.standard.air.breakpoints import Breakpoints, breakpoints
from riverchief.standard.air.editions import edition_named, edition_on
from riverchief.standard.air.judgement import AirJudgement, IndexEvidence, level_of
from riverchief.standard.evidence import Excluded
from riverchief.standard.rounding import round_half_even
from riverchief.table import read_table

Floats = NDArray[np.float64]
Report = Literal["day", "hour"]
Missing = Literal["withhold", "ignore"]
PRIMARY_ABOVE = 50
KNOWN_ENOUGH_ABOVE = 100  # with a pollutant missing, the index of the rest is published only above this
LOWEST = 1  # HJ 633-2026: the AQI runs from 1 to 500
OPTIONAL = frozenset({"O3_1H"})


@dataclass(frozen=True)
class ReportRow:
    """A row of ``reports.csv``: the concentration in ``column`` makes an index by ``points``.

    ``above_last`` is the index above the last breakpoint; ``None`` where the row may then not be used.
    """

    pollutant: str
    column: str
    points: Breakpoints
    rounded_first: bool
    above_last: int | None
    note: str


@dataclass(frozen=True, eq=False)
class AirGrades:
    """n reports: ``aqi`` [n], NaN where it can't be given; ``indices`` and ``primary`` [k, n], one line for each
    row.
    """

    rows: tuple[ReportRow, ...]
    aqi: Floats
    indices: Floats
    primary: NDArray[np.bool_]
    concentrations: Floats
    edition: str
    report: Report

    def primary_pollutants(self, n: int) -> tuple[str, ...]:
        """The primary pollutants of one report, each once."""
        found = (row.pollutant for row, is_primary in zip(self.rows, self.primary[:, n], strict=True) if is_primary)
        return tuple(dict.fromkeys(found))


@cache
def report_rows(edition: str, report: Report) -> tuple[ReportRow, ...]:
    """The rows that make a day's or an hour's AQI in an edition (``HJ 633-2012``)."""
    points = breakpoints(edition)
    return tuple(
        ReportRow(
            row["pollutant"],
            row["column"],
            points[row["pollutant"], row["period"]],
            row["rounded_first"] == "1",
            None if row["above_last"] == "none" else int(row["above_last"]),
            row["note"],
        )
        for row in read_table("riverchief.standard.air", "reports.csv")
        if row["edition"] == edition and row["report"] == report
    )


def grade_air(
    values: Mapping[str, Floats], *, edition: str, report: Report = "day", missing: Missing = "withhold"
) -> AirGrades:
    """AQI of n days or hours, all under one edition.

    Parameters
    ----------
    values
        Columns by any spelling: SO2, NO2, PM10, PM25 [µg/m3] and CO [mg/m3], means of 24 h for a day and of 1 h for an
        hour; for a day ``O3_8H``, the daily maximum 8-hour mean (a column ``O3`` stands for it), and under 2012 also
        ``O3_1H``, the daily maximum hour; for an hour ``O3``. NaN is missing.
    edition
        ``2012`` or ``2026``.
    report
        ``day`` (日报) or ``hour`` (实时报).
    missing
        ``withhold`` as below; ``ignore`` gives the AQI of what is there. The national platform itself does so where
        only PM10 is missing (9,834 of 199,055 printed hours of 71 stations, February to June 2026).

    Notes
    -----
    Under 2026 concentrations are rounded first (CO to 0.1, all others to 1). In both editions an AQI with a pollutant
    missing is given only if the rest is above 100: the 2026 edition says so, and 2012 is held to it because missing
    never passes. Negative concentrations count as missing.
    """
    name = edition_named("aqi", edition).name
    columns = {code: np.asarray(column, np.float64) for code, column in by_code(values).items()}
    if report == "day" and "O3_8H" not in columns and "O3" in columns:
        columns["O3_8H"] = columns["O3"]
    size = max((column.size for column in columns.values()), default=0)
    rows = report_rows(name, report)
    indices = np.full((len(rows), size), np.nan)
    used = np.full((len(rows), size), np.nan)
    short = np.zeros(size, np.bool_)
    for k, row in enumerate(rows):
        given = columns.get(row.column, np.full(size, np.nan))
        used[k] = round_half_even(given, find_parameter(row.pollutant).decimals) if row.rounded_first else given
        indices[k] = row.points.index(used[k])
        beyond = used[k] > row.points.concentrations[-1]
        if row.above_last is None:
            indices[k][beyond] = np.nan
        elif row.above_last != row.points.indices[-1]:
            indices[k][beyond] = row.above_last
        if row.column not in OPTIONAL:
            short |= np.isnan(indices[k]) & ~(beyond & _other_row(row, rows, used))
    highest = _highest(indices)
    aqi = np.where(short & (missing == "withhold") & ~(highest > KNOWN_ENOUGH_ABOVE), np.nan, highest)
    if edition != "2012":
        aqi = np.where(aqi < LOWEST, LOWEST, aqi)
    primary = (indices == highest) & (aqi > PRIMARY_ABOVE)
    return AirGrades(rows, aqi, indices, primary, used, name, report)


def _highest(indices: Floats) -> Floats:
    """The largest index of each column; NaN where there is none."""
    highest = np.where(np.isnan(indices), -1.0, indices).max(axis=0, initial=-1.0)
    return np.where(highest < 0.0, np.nan, highest)


def _other_row(row: ReportRow, rows: Sequence[ReportRow], used: Floats) -> NDArray[np.bool_]:
    """Where another row of the same pollutant has a concentration (O3 above 800 over 8 h is judged by its hour)."""
    others = [k for k, other in enumerate(rows) if other.pollutant == row.pollutant and other.column != row.column]
    found = np.zeros(used.shape[1], np.bool_)
    for k in others:
        found |= ~np.isnan(used[k])
    return found


def grade_day(values: Mapping[str, float | None], day: dt.date | None = None, *, edition: str = "auto") -> AirJudgement:
    """The AQI of one day with its evidence; ``edition`` ``auto`` takes the one that holds on ``day`` (Beijing date).

    ``values`` as for :func:`grade_air`. Raises :class:`~riverchief.errors.BadInput`.
    """
    return _one(values, day, edition, "day")


def grade_hour(
    values: Mapping[str, float | None], day: dt.date | None = None, *, edition: str = "auto"
) -> AirJudgement:
    """The AQI of one hour with its evidence; see :func:`grade_day`."""
    return _one(values, day, edition, "hour")


def judgement_of(grades: AirGrades, n: int) -> AirJudgement:
    """The judgement of report ``n`` with its evidence."""
    evidence = []
    excluded = []
    for k, row in enumerate(grades.rows):
        index, concentration = grades.indices[k, n], grades.concentrations[k, n]
        if np.isnan(index):
            if row.column not in OPTIONAL or not np.isnan(concentration):
                excluded.append(_left_out(row, concentration))
            continue
        points = row.points
        evidence.append(
            IndexEvidence(
                row.pollutant,
                float(concentration),
                points.unit,
                points.period,
                int(index),
                points.clause,
                points.edition,
                points.verification,
            )
        )
    aqi = None if np.isnan(grades.aqi[n]) else int(grades.aqi[n])
    primary = grades.primary_pollutants(n)
    # 超标污染物 exist in the 2012 edition only
    over = [e.pollutant for e in evidence if e.index > 100] if grades.edition == "HJ 633-2012" else []
    level = level_of(aqi).level if aqi is not None else None
    found, left = tuple(evidence), tuple(excluded)
    return AirJudgement(aqi, level, primary, tuple(dict.fromkeys(over)), found, left, grades.edition, grades.report)


def _left_out(row: ReportRow, concentration: float) -> Excluded:
    if np.isnan(concentration):
        return Excluded(row.pollutant, "missing")
    if concentration < 0.0:
        return Excluded(row.pollutant, "negative", float(concentration))
    return Excluded(row.pollutant, "beyond_table", float(concentration), row.note)


def _one(values: Mapping[str, float | None], day: dt.date | None, edition: str, report: Report) -> AirJudgement:
    short = edition if edition != "auto" else edition_on("aqi", day or dt.date.max).short
    columns = {code: np.array([np.nan if v is None else v], np.float64) for code, v in by_code(values).items()}
    return judgement_of(grade_air(columns, edition=short, report=report), 0)
