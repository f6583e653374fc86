"""Air: the index of the coming days, its level and its primary pollutant, from hourly or daily concentrations.

The index is forecast as a series of its own, in logarithms, from the index, the concentrations and how they stood in
the last hours of the day; its median needs no correction. Which pollutant leads is read off forecasts of each
pollutant, in logarithms too: the mean of a lognormal law lies above its median by exp(σ²/2), so that each is multiplied
by that (at most 1.5) before HJ 633 makes indices of them under the edition of the target day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.forecast.outlook import Line, Outlook, look_ahead
from riverchief.forecast.panel import DAY_S, HOUR_S, Panel
from riverchief.forecast.usable import usable_values
from riverchief.observation.series import Series
from riverchief.parameter import find_parameter
from riverchief.standard.air import grade_air, level_of
from riverchief.standard.air.days import days_of_hours
from riverchief.standard.air.editions import edition_on

Floats = NDArray[np.float64]
POLLUTANTS = ("PM25", "PM10", "SO2", "NO2", "CO", "O3")
BEIJING_S = 8 * HOUR_S
LAST_HOURS = (4, 12)
WORDS = {
    "zh": "{place} {month}月{day}日：AQI {low}～{high}，{level}{primary}",
    "en": "{place} {date}: AQI {low} to {high}, {level}{primary}",
}
PRIMARY = {"zh": "，首要污染物{names}", "en": ", primary pollutant {names}"}


@dataclass(frozen=True)
class AirLine:
    """The air of one day: ``line`` of the index, the levels (1 to 6) of its middle half, and what leads ("" up to
    50)."""

    day: dt.date
    line: Line
    levels: tuple[int, int]
    primary: str
    edition: str

    def text(self, place: str, language: str) -> str:
        """The official form: range of the index, level or levels, primary pollutant."""
        spoken = "zh" if language.startswith("zh") else "en"
        low, high = (round(self.line.quantiles[k]) for k in (1, 3))
        names = [_level_name(low, spoken), _level_name(high, spoken)]
        joint = {"zh": "至", "en": " to "}[spoken]
        primary = PRIMARY[spoken].format(names=find_parameter(self.primary).name(spoken)) if self.primary else ""
        return WORDS[spoken].format(
            place=place,
            month=self.day.month,
            day=self.day.day,
            date=self.day.isoformat(),
            low=low,
            high=high,
            level=joint.join(dict.fromkeys(names)),
            primary=primary,
        )


def air_panels(series: Sequence[Series], *, offset_s: float = BEIJING_S, edition: str = "auto") -> dict[str, Panel]:
    """Daily panels of the index (``AQI``) and of each pollutant of the stations in ``series``.

    Hours become days by HJ 663 (``days_of_hours``), in the zone ``offset_s`` [s] east of UTC; daily values are taken as
    they are. A day without one of the six pollutants has no index unless the others exceed 100 (HJ 633). Other
    quantities of a station (weather) become daily means.

    Raises :class:`~riverchief.errors.BadInput` (``nothing_to_forecast``) where no pollutant is there.
    """
    mine = [each for each in series if each.parameter in POLLUTANTS and len(each)]
    if not mine:
        known = "、".join(sorted({each.parameter for each in series})) or "—"
        raise BadInput([Fault("nothing_to_forecast", details={"given": "AQI", "allowed": known})])
    places = tuple(dict.fromkeys(each.station for each in mine))
    first = int(min((each.times_s[0] + offset_s - _label_s(each)) // DAY_S for each in mine))
    count = int(max((each.times_s[-1] + offset_s - _label_s(each)) // DAY_S for each in mine)) - first + 1
    columns: dict[str, Floats] = {}
    for each in series:
        if each.station in places and len(each):
            _add_days(columns, each, places.index(each.station), (len(places), count), first, offset_s)
    start = first * DAY_S - offset_s
    days = {code: columns["O3_8H" if code == "O3" else code] for code in POLLUTANTS if _column(code) in columns}
    logs = {name: np.log(np.maximum(values, 0.0) + 1.0) for name, values in columns.items() if _is_air(name)}
    weather = {name: values for name, values in columns.items() if not _is_air(name)}
    found = {
        code: Panel(code, find_parameter(code).unit, places, start, DAY_S, values, {**_others(logs, code), **weather})
        for code, values in days.items()
    }
    index = _index({_column(code): values for code, values in days.items()}, first, edition)
    found["AQI"] = Panel("AQI", "-", places, start, DAY_S, index, {**logs, **weather})
    return found


def air_outlook(
    panels: Mapping[str, Panel], leads: Sequence[int], *, offset_s: float = BEIJING_S
) -> list[tuple[Outlook, list[AirLine]]]:
    """The index of the coming ``leads`` [days] at each place, with level and primary pollutant of each day."""
    concentrations = {code: look_ahead(panel, leads) for code, panel in panels.items() if code != "AQI"}
    found = []
    for outlook in look_ahead(panels["AQI"], leads):
        lines = []
        for k, line in enumerate(outlook.lines):
            day = dt.datetime.fromtimestamp(line.time_s + offset_s, dt.UTC).date()
            edition = edition_on("aqi", day)
            said = {}
            for code, outlooks in concentrations.items():
                beside = next((each for each in outlooks if each.place == outlook.place), None)
                if beside is not None:
                    said[_column(code)] = np.array([_without_bias(beside.lines[k])])
            grades = grade_air(said, edition=edition.short, missing="ignore")
            middle = line.quantiles[2]
            leading = grades.primary_pollutants(0) if middle > 50 else ()
            if np.isnan(line.quantiles[1]):  # no interval: the range is the median alone
                line = replace(line, quantiles=(line.quantiles[0], middle, middle, middle, line.quantiles[4]))
            low, high = (level_of(max(1, round(line.quantiles[k]))).level for k in (1, 3))
            lines.append(AirLine(day, line, (low, high), leading[0] if leading else "", edition.name))
        found.append((outlook, lines))
    return found


def _without_bias(line: Line) -> float:
    """The median times what is missing to the mean: of a lognormal law exp(σ²/2), σ from the middle half, at most
    1.5."""
    low, middle, high = line.quantiles[1:4]
    if not (low > 0 and high > low):
        return middle
    sigma = np.log(high / low) / 1.349  # q75 − q25 of a normal law is 1.349 σ
    return float(middle * min(1.5, np.exp(0.5 * sigma**2)))


def _level_name(index: float, language: str) -> str:
    return level_of(max(1, round(index))).name(language)


def _column(code: str) -> str:
    return "O3_8H" if code == "O3" else code


def _is_air(name: str) -> bool:
    return name.split("_")[0] in POLLUTANTS


def _others(logs: Mapping[str, Floats], code: str) -> dict[str, Floats]:
    return {name: values for name, values in logs.items() if name != _column(code)}


def _add_days(
    columns: dict[str, Floats], series: Series, place: int, shape: tuple[int, int], first: int, offset_s: float
) -> None:
    """The days of ``series`` into row ``place`` of the columns it makes."""
    values, _ = usable_values(series)
    local = series.times_s + offset_s
    code = series.parameter

    def put(name: str, days: NDArray[np.int64], found: Floats) -> None:
        inside = (days >= first) & (days < first + shape[1])
        columns.setdefault(name, np.full(shape, np.nan))[place, days[inside] - first] = found[inside]

    if not _label_s(series):
        put(_column(code), (local // DAY_S).astype(np.int64), values)
        return
    slot = local - _label_s(series)
    day = (slot // DAY_S).astype(np.int64)
    if code in POLLUTANTS:
        whole = days_of_hours(local.astype("datetime64[s]"), {code: values})
        numbers = whole.days.astype(np.int64)
        put(_column(code), numbers, np.asarray(whole.values[_column(code)], np.float64))
        for hours in LAST_HOURS:
            late = (slot % DAY_S) >= DAY_S - hours * HOUR_S
            put(f"{code}_last{hours}", *_means(day[late], values[late]))
    else:
        put(code, *_means(day, values))


def _label_s(series: Series) -> float:
    """How long [s] before its label a value begins: an hour is labelled by its end, as the national platform does, a
    day by its beginning."""
    return 0.0 if (series.interval_s or DAY_S) > 0.8 * DAY_S else HOUR_S


def _means(day: NDArray[np.int64], values: Floats) -> tuple[NDArray[np.int64], Floats]:
    there = ~np.isnan(values)
    days, at = np.unique(day[there], return_inverse=True)
    return days, np.bincount(at, weights=values[there]) / np.maximum(np.bincount(at), 1)


def _index(days: Mapping[str, Floats], first: int, edition: str) -> Floats:
    """(places, days): the index, each day under its own edition."""
    shape = next(iter(days.values())).shape
    found = np.full(shape, np.nan)
    dates = [dt.date(1970, 1, 1) + dt.timedelta(days=first + n) for n in range(shape[1])]
    names = np.array([edition if edition != "auto" else edition_on("aqi", date).short for date in dates])
    for name in np.unique(names).tolist():
        chosen = names == name
        part = {code: values[:, chosen].ravel() for code, values in days.items()}
        found[:, chosen] = grade_air(part, edition=name).aqi.reshape(shape[0], -1)
    return found
