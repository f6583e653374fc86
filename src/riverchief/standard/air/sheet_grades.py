"""A whole sheet of air graded: for each day or hour AQI, level, primary pollutants, under the edition of its date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from riverchief.errors import BadInput, Fault
from riverchief.sheet.times import read_moment
from riverchief.standard.air.aqi import AirGrades, Missing, Report, grade_air, judgement_of
from riverchief.standard.air.editions import edition_on
from riverchief.standard.air.judgement import AirJudgement, level_of
from riverchief.standard.censored import PLAIN
from riverchief.standard.clock import BEIJING, beijing
from riverchief.standard.sheet.samples import Samples

POLLUTANTS = ("SO2", "NO2", "PM10", "PM25", "CO", "O3", "O3_8H", "O3_1H")
LARGEST_MEDIAN_OF_CO = 15.0  # mg/m3; air is never like that for half of a record, so the unit was µg/m3


@dataclass(frozen=True)
class GradedAir:
    """One line of the answer; ``aqi`` and ``level`` are ``None`` where they can't be given."""

    place: str
    time: str
    aqi: int | None
    level: int | None
    primary: tuple[str, ...]
    edition: str


@dataclass(frozen=True, eq=False)
class GradedAirSheet:
    """The answers in the order of the sheet: iterate for lines, ask :meth:`judgement` for the evidence of one."""

    samples: Samples
    report: Report
    grades: Mapping[str, AirGrades]
    which: tuple[tuple[str, int], ...]
    notes: tuple[Fault, ...] = ()

    def __len__(self) -> int:
        return len(self.which)

    def __iter__(self) -> Iterator[GradedAir]:
        for n, (edition, row) in enumerate(self.which):
            grades = self.grades[edition]
            aqi = None if np.isnan(grades.aqi[row]) else int(grades.aqi[row])
            level = None if aqi is None else level_of(aqi).level
            place, time = self.samples.places[n], self.samples.times[n]
            yield GradedAir(place, time, aqi, level, grades.primary_pollutants(row), grades.edition)

    def judgement(self, n: int) -> AirJudgement:
        """The judgement of line ``n`` with its evidence."""
        edition, row = self.which[n]
        return judgement_of(self.grades[edition], row)


def grade_air_sheet(
    samples: Samples,
    *,
    edition: str = "auto",
    report: Literal["auto", "day", "hour"] = "auto",
    year: int | None = None,
    timezone: dt.tzinfo | None = None,
    missing: Missing = "withhold",
) -> GradedAirSheet:
    """Every line of a sheet of air.

    Parameters
    ----------
    samples
        What :func:`riverchief.standard.sheet.read_samples` read.
    edition
        ``auto`` (by the Beijing date of each line), ``2012`` or ``2026``.
    report
        ``day``, ``hour``, or ``auto``: days where no time of the sheet has a clock other than 00:00.
    year, timezone
        For times that have none. A time without a zone is Beijing time, the time of the law.

    Raises :class:`~riverchief.errors.BadInput`: times that cannot be read or have no year (every one of them), and
    carbon monoxide without a unit whose values can only be µg/m3.
    """
    _check_units(samples)
    moments = _moments(samples, year, timezone)
    if report == "auto":
        report = "hour" if any(moment.hour or moment.minute for moment in moments) else "day"
    # An hour labelled 00:00 ends the day before, and is under that day's edition.
    shift = dt.timedelta(minutes=1) if report == "hour" else dt.timedelta()
    names = [edition_on("aqi", (m - shift).date()).short if edition == "auto" else edition for m in moments]
    grades = {}
    which: list[tuple[str, int]] = [("", 0)] * len(samples)
    for name in sorted(set(names)):
        rows = np.array([n for n, other in enumerate(names) if other == name], dtype=np.intp)
        for at, n in enumerate(rows):
            which[n] = (name, at)
        columns = {code: column for code, column in samples.columns.items() if code in POLLUTANTS}
        values = {
            code: np.where(column.censor[rows] == PLAIN, column.values[rows], np.nan)
            for code, column in columns.items()
        }
        grades[name] = grade_air(values, edition=name, report=report, missing=missing)
    return GradedAirSheet(samples, report, grades, tuple(which), (*samples.notes, *_absent(samples, report)))


def _absent(samples: Samples, report: Report) -> list[Fault]:
    """A note on the pollutants that the sheet does not have at all."""
    ozone = {"O3", "O3_8H"} if report == "day" else {"O3"}
    there = set(samples.columns) | ({"O3"} if ozone & set(samples.columns) else set())
    absent = [code for code in ("PM25", "PM10", "SO2", "NO2", "CO", "O3") if code not in there]
    return [Fault("pollutant_absent", samples.source, details={"given": "、".join(absent)})] if absent else []


def _moments(samples: Samples, year: int | None, timezone: dt.tzinfo | None) -> list[dt.datetime]:
    moments, faults = [], []
    for n, text in enumerate(samples.times):
        try:
            moments.append(beijing(read_moment(text, year=year, zone=timezone or BEIJING)))
        except BadInput as refused:
            faults += [fault.at(samples.source, samples.lines[n]) for fault in refused.faults]
    if faults:
        raise BadInput(faults)
    return moments


def _check_units(samples: Samples) -> None:
    if not any(code in POLLUTANTS for code in samples.columns):
        given = "PM2.5、PM10、SO2、NO2、CO、O3"
        allowed = "、".join(samples.columns) or "—"
        raise BadInput([Fault("missing_column", samples.source, details={"given": given, "allowed": allowed})])
    carbon = samples.columns.get("CO")
    if carbon is None or carbon.unit_stated or np.isnan(carbon.values).all():
        return
    if float(np.nanmedian(carbon.values)) > LARGEST_MEDIAN_OF_CO:
        details = {"given": "CO", "allowed": "mg/m3", "nearest": "CO=ug/m3"}
        raise BadInput([Fault("suspect_unit", samples.source, details=details)])
