"""Days from hours: means that have enough hours, and the daily maximum 8-hour mean of ozone (GB 3095, HJ 663).

How many hours are enough is ``validity.csv``. A day has 24 hourly values; the value labelled 08:00 is the mean of the
hour that ends then, so the last one of a day is labelled 00:00 of the next (``hour_label="end"``, as the national
platform does; ``"start"`` for records whose 08:00 begins the hour). The 8-hour means of a day are the 17 that end at
8 to 24.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.parameter import by_code
from riverchief.table import read_table

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]
FIRST_MEAN_ENDS = 8  # hour of the day
OZONE_LIMIT = 160.0  # µg/m3, GB 3095 class 2 MDA8 in both editions


@dataclass(frozen=True, eq=False)
class AirDays:
    """``days`` [n] in order and for each column (SO2 NO2 PM10 PM25 CO O3_8H O3_1H) its n values, NaN where not
    valid.
    """

    days: Days
    values: Mapping[str, Floats]


@cache
def validity(what: str) -> int:
    """The fewest values that ``what`` (a row of ``validity.csv``) needs."""
    return next(int(row["minimum"]) for row in _table() if row["what"] == what)


def days_of_hours(
    times: NDArray[np.datetime64], hours: Mapping[str, Floats], *, hour_label: Literal["end", "start"] = "end"
) -> AirDays:
    """Daily values of one station from hourly ones.

    ``times`` [n] are Beijing times on the hour, in any order; ``hours`` has for each pollutant its n hourly means,
    NaN or negative for missing. A repeated hour counts once (the last). A mean of fewer than 20 hours is not valid;
    MDA8 needs 14 eight-hour means of at least 6 hours each, but one that exceeds 160 µg/m3 counts in any case, for
    more hours could only make it larger.
    """
    stamps = times.astype("datetime64[h]")
    slots = stamps - np.timedelta64(1, "h") if hour_label == "end" else stamps
    day = slots.astype("datetime64[D]")
    if not day.size:
        return AirDays(day, {code: np.zeros(0) for code in by_code(hours)})
    days = np.arange(day.min(), day.max() + 1)
    row = (day - days[0]).astype(np.int64)
    column = (slots - day).astype(np.int64)
    values: dict[str, Floats] = {}
    for code, given in by_code(hours).items():
        table = np.full((days.size, 24), np.nan)
        table[row, column] = np.where(given < 0.0, np.nan, given)
        if code == "O3":
            values["O3_8H"], values["O3_1H"] = daily_maximum_8h(table), _maximum(table)
        else:
            values[code] = _mean(table, validity("day"))
    return AirDays(days, values)


def daily_maximum_8h(hours: Floats) -> Floats:
    """MDA8 [n] of ``hours`` [n, 24], NaN where fewer than 14 eight-hour means are valid and none exceeds the limit."""
    means = np.stack([_mean(hours[:, end - 8 : end], validity("eight_hours")) for end in range(FIRST_MEAN_ENDS, 25)])
    count = np.sum(~np.isnan(means), axis=0)
    highest = np.where(np.isnan(means), -1.0, means).max(axis=0)
    enough = (count >= validity("mda8")) | (highest > OZONE_LIMIT)
    return np.where(enough & (count > 0), highest, np.nan)


def _mean(table: Floats, fewest: int) -> Floats:
    present = ~np.isnan(table)
    count = present.sum(axis=1)
    total = np.where(present, table, 0.0).sum(axis=1)
    return np.where(count >= fewest, total / np.maximum(count, 1), np.nan)


def _maximum(table: Floats) -> Floats:
    present = ~np.isnan(table)
    highest = np.where(present, table, -1.0).max(axis=1)
    return np.where(present.sum(axis=1) >= validity("day"), highest, np.nan)


@cache
def _table() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.air", "validity.csv"))
