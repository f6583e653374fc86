"""A simulated feed for the demonstration: sixty days of four-hourly readings at nine stations, marked as simulated.

No clock inside: the same ``end`` and ``seed`` give the same readings. What it imitates: the season and the day in
temperature and oxygen, rain that raises flow, turbidity, oxygen demand and phosphorus and thins salt, a slow wander and
the noise of instruments, one failed analyser, one stuck sensor, and one night discharge (:mod:`.discharge`). Levels are
those of the two real stations in April 2021; monthly flows are not known, so flow has storms but no season.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.example import chengkou
from riverchief.example.chengkou.discharge import CHINA, LOW_FLOW_SHARE, Discharge, added_mg_l, night_discharge
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.standard.surface_water.oxygen import saturation_concentration
from riverchief.table import read_table

Floats = NDArray[np.float64]

SOURCE = "simulated 模拟"
STEP = timedelta(hours=4)
DAYS = 60
#: Air is thinner at 700 m, and so is what water holds of it.
OXYGEN_AT_HEIGHT = 0.92
#: What a national station prints for less ammonia than its analyser sees [mg/L].
LEAST_NH3N_MG_L = 0.025
#: No storm falls in the last days, so that the discharge meets low, steady water.
DRY_DAYS_AT_THE_END = 8.0
DAYS_BETWEEN_STORMS = 8.0
#: How strongly a storm of size 1 acts: what it adds to a parameter, and how long that lasts [h].
STORMS = {"TURB": (170.0, 14.0), "CODMN": (0.85, 20.0), "TP": (0.030, 16.0), "NH3N": (0.035, 12.0), "MN": (0.012, 20.0)}
FLOW_STORM, FLOW_STORM_H = 1.1, 30.0
#: Relative size of slow wander and of noise.
WANDER, NOISE = 0.10, 0.035
WATER = ("EC", "TURB", "CODMN", "NH3N", "TP", "TN", "MN", "CHLA")
#: station, parameter, days before the end, samples: an analyser that reports a fault, and a sensor that sticks.
FAILED = ("M-TBZ", "CODMN", 13.0, 5)
STUCK = ("M-HJK", "DO", 21.0, 9)


def simulate(end: datetime, seed: int = 1, days: int = DAYS) -> list[Reading]:
    """The feed of the ``days`` before ``end``: readings every four hours (00:00, 04:00 … in China), station by station.

    ``end`` must have a zone (``BadInput``: ``needs_timezone``). Each reading's ``source`` is ``"simulated 模拟"``; its
    flag is ``unchecked``, or ``fault`` with no value while an analyser is down.
    """
    discharge = night_discharge(end)
    times = _times(end, days)
    hours = np.array([(time - times[0]).total_seconds() / 3600.0 for time in times])
    storms = _storms(hours, np.random.default_rng(seed))
    readings: list[Reading] = []
    for row in read_table(chengkou.__name__, "simulated_stations.csv"):
        for parameter, values in _station(row, times, hours, storms, discharge, seed):
            readings += _readings(row["station"], parameter, times, values, end)
    return readings


def _times(end: datetime, days: int) -> list[datetime]:
    """Every fourth hour of the day in China from ``days`` before ``end`` to the last not after it."""
    last = end.astimezone(CHINA).replace(minute=0, second=0, microsecond=0)
    last -= timedelta(hours=last.hour % 4)
    count = int(timedelta(days=days) / STEP)
    return [last - STEP * back for back in range(count, -1, -1)]


def _storms(hours: Floats, rng: np.random.Generator) -> list[tuple[float, float]]:
    """When storms begin [h after the first sample] and how large they are [-]: one in every eight days."""
    wet_until = hours[-1] - DRY_DAYS_AT_THE_END * 24.0
    windows = max(int(wet_until / (DAYS_BETWEEN_STORMS * 24.0)), 0)
    begins = (np.arange(windows) + rng.uniform(0.1, 0.9, windows)) * DAYS_BETWEEN_STORMS * 24.0
    sizes = np.clip(rng.exponential(1.0, windows), 0.25, 2.6)
    return list(zip(begins.tolist(), sizes.tolist(), strict=True))


def _after_rain(hours: Floats, storms: list[tuple[float, float]], lasts_h: float) -> Floats:
    """Σ size · (1 − exp(−t/4 h)) · exp(−t/lasts_h) over the storms [-], t [h] since each began: up fast, down slow."""
    total = np.zeros_like(hours)
    for begin, size in storms:
        since = np.maximum(hours - begin, 0.0)
        total += size * (1.0 - np.exp(-since / 4.0)) * np.exp(-since / lasts_h)
    return total


def _station(
    row: dict[str, str],
    times: list[datetime],
    hours: Floats,
    storms: list[tuple[float, float]],
    discharge: Discharge,
    seed: int,
) -> Iterator[tuple[str, Floats]]:
    """Every parameter of one station and its values."""
    station, storm = row["station"], float(row["storm"])
    rng = np.random.default_rng([seed, zlib.crc32(station.encode())])
    of_day = np.array([time.hour for time in times], np.float64)
    after_s = np.array([(time - discharge.start).total_seconds() for time in times])
    spill = {name: added_mg_l(discharge, name, station, after_s) for name in discharge.mass_kg}
    wet = storm * _after_rain(hours, storms, FLOW_STORM_H)

    temperature = _temperature(times, of_day) + float(row["warmth_degc"]) - 0.6 * wet + _wander(rng, hours, 0.5)
    yield "WT", temperature
    share = float(row["oxygen_share"]) + float(row["oxygen_swing"]) * np.cos(2 * np.pi * (of_day - 15.0) / 24.0)
    saturation = np.asarray(saturation_concentration(np.maximum(temperature, 0.0))) * OXYGEN_AT_HEIGHT
    sag = 0.13 * spill["CODMN"]  # mg of oxygen used near the station by each mg of oxygen demand
    yield "DO", np.maximum(saturation * (share + _wander(rng, hours, 0.012)) - sag, 0.5)
    swing = 0.08 * np.cos(2 * np.pi * (of_day - 15.0) / 24.0)
    yield "PH", float(row["PH"]) + swing - 0.06 * wet - 0.02 * spill["NH3N"] + _wander(rng, hours, 0.04)

    for name in WATER:
        if not row[name]:
            continue
        values = float(row[name]) * (1.0 + _wander(rng, hours, WANDER)) * rng.lognormal(0.0, NOISE, hours.size)
        if name in STORMS:
            strength, lasts_h = STORMS[name]
            values += storm * strength * _after_rain(hours, storms, lasts_h)
        if name == "EC":
            values *= 1.0 - 0.22 * np.tanh(wet)
            values += 14.0 * spill["NH3N"]
        if name == "TURB":
            values += 2.5 * spill["CODMN"]
        values += spill.get(name, 0.0)
        yield name, np.maximum(values, LEAST_NH3N_MG_L) if name == "NH3N" else values
    if station != "M-SH":
        yield "FLOW", _mean_flow(station) * (LOW_FLOW_SHARE + FLOW_STORM * wet) * rng.lognormal(0, 0.01, hours.size)


def _temperature(times: list[datetime], of_day: Floats) -> Floats:
    """Water temperature of the season and the hour [degC]: coldest in late January, warmest in late July and at four
    in the afternoon; about 12 degC in the first days of April, as measured in 2021."""
    day_of_year = np.array([time.timetuple().tm_yday for time in times], np.float64)
    season = 13.5 - 7.5 * np.cos(2 * np.pi * (day_of_year - 25.0) / 365.25)
    return season + 0.9 * np.cos(2 * np.pi * (of_day - 16.0) / 24.0)


def _wander(rng: np.random.Generator, hours: Floats, size: float) -> Floats:
    """A first-order autoregressive walk of standard deviation ``size`` that forgets within about three days."""
    keep = math.exp(-(hours[1] - hours[0]) / 72.0)
    steps = rng.normal(0.0, size * math.sqrt(1.0 - keep * keep), hours.size)
    walk = np.empty_like(hours)
    level = rng.normal(0.0, size)
    for j, step in enumerate(steps):
        level = keep * level + step
        walk[j] = level
    return walk


def _readings(station: str, parameter: str, times: list[datetime], values: Floats, end: datetime) -> Iterator[Reading]:
    known = find_parameter(parameter)
    failed, stuck = _window(FAILED, station, parameter, times, end), _window(STUCK, station, parameter, times, end)
    if stuck:
        values = values.copy()
        values[stuck.start : stuck.stop] = values[stuck.start]
    for j, (time, value) in enumerate(zip(times, values.tolist(), strict=True)):
        if j in failed:
            yield Reading(station, parameter, time.astimezone(UTC), None, known.unit, "fault", source=SOURCE)
        else:
            rounded = round(value, known.decimals)
            yield Reading(station, parameter, time.astimezone(UTC), rounded, known.unit, source=SOURCE)


def _window(
    what: tuple[str, str, float, int], station: str, parameter: str, times: list[datetime], end: datetime
) -> range:
    """The samples of a failure of this series; empty for any other."""
    if what[:2] != (station, parameter):
        return range(0)
    begin = sum(time < end - timedelta(days=what[2]) for time in times)
    return range(begin, min(begin + what[3], len(times)))


@cache
def _mean_flow(station: str) -> float:
    """Mean flow of the reach a station stands on [m³/s]."""
    reach = next(row["reach"] for row in chengkou.rows_of("places.csv") if row["id"] == station)
    features = chengkou.features_of("network.geojson")
    return next(
        float(feature["properties"]["flow_m3_s"]) for feature in features if feature["properties"]["id"] == reach
    )
