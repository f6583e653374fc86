"""Forecasts of the past, each from what lay before its origin, against every base; and how long a county's night takes.

What: NEON's 34 sites (oxygen, water temperature; daily, September 2020 to December 2022), leads of 1, 3 and 7 days,
all of 2022 forecast with a fit every 30 days; the air of four stations of Beijing (hourly, March 2013 to February
2016), the index of the next three days for the last year; a made-up county of 12 stations × 5 parameters every four
hours for a year with 18 leads, as the nightly job does it.

Against whom: persistence, climatology, the damped anomaly on the same cases; *best* is the lowest of them afterwards.
"""

import time

import numpy as np
import polars as pl
from tests.shared_data import SHARED

from riverchief.forecast import Panel, issue, look_ahead, score
from riverchief.forecast.air import air_panels
from riverchief.forecast.panel import DAY_S, panel_of
from riverchief.forecast.rolling import later
from riverchief.forecast.weather import Weather, as_if_known, beside
from riverchief.observation.reading import Reading
from riverchief.observation.series import Series, series_of
from riverchief.telemetry.csv import read_readings

TITLE = "Forecasts"
NEON_LEADS, AIR_LEADS = (1, 3, 7), (1, 2, 3)
ERROR_OF_WEATHER = 0.35  # of each quantity's standard deviation for tomorrow; grows with √days


def run() -> str:
    """All three tables."""
    return "\n\n".join([neon(), air(), night()])


def neon() -> str:
    """NEON's sites in 2022."""
    read = read_readings(SHARED / "data/neon_daily_aquatics/daily.csv.gz", timezone="UTC")
    series = series_of(read.readings)
    lines = [
        "NEON, 34 sites, 2022 forecast with a fit every 30 days on what lay before (16 months at first). Median MAE "
        "over sites; shares are of sites.",
        "",
        "| | lead, d | forecast | persistence | climatology | damped | model used | beats damped | "
        "within 1 % of best | MAE to best | 90 % covers | CRPS to MAE |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for parameter in ("DO", "WT"):
        panel = panel_of(series, parameter)
        scores = score(issue(panel, NEON_LEADS, panel.step_at(np.datetime64("2022-01-01", "s").astype(float))))
        for lead in NEON_LEADS:
            mine = [each for each in scores if each.lead_h == 24 * lead and each.n >= 20]
            mae = np.array([each.mae for each in mine])
            best = np.array([each.mae_best_base for each in mine])
            of = {base: np.array([each.mae_of[base] for each in mine]) for base in mine[0].mae_of}
            figures = [
                *(f"{np.median(each):.3f}" for each in (mae, of["persistence"], of["climatology"], of["damped"])),
                f"{np.mean([each.used for each in mine]):.0%}",
                f"{np.mean(mae < of['damped']):.0%}",
                f"{np.mean(mae <= 1.01 * best):.0%}",
                f"{np.mean(mae / best):.3f}",
                f"{np.mean([each.coverage_90 for each in mine]):.1%}",
                f"{np.mean([each.crps / each.mae for each in mine]):.2f}",
            ]
            lines.append(f"| {parameter} | {lead} | {' | '.join(figures)} |")
    return "\n".join(lines)


def air() -> str:
    """Four stations of Beijing, March 2015 to February 2016, AQI under HJ 633-2012."""
    series, weather = beijing()
    panel = air_panels(series, offset_s=0.0, edition="2012")["AQI"]
    since = panel.step_at(np.datetime64("2015-03-01", "s").astype(float))
    plain = dict(panel.companions)
    panel = Panel(panel.parameter, panel.unit, panel.places, panel.start_s, panel.step_s, panel.values, plain)
    told = {
        "history of the station only": beside(panel, weather, AIR_LEADS),
        "and weather forecast with errors": beside(panel, blurred(weather, panel), AIR_LEADS),
        "and weather as if known (upper bound)": as_if_known(panel, weather, AIR_LEADS),
    }
    lines = [
        "Air of Beijing, 4 stations, March 2015 to February 2016, AQI. *Weather forecast with errors* is the observed "
        f"weather with noise of {ERROR_OF_WEATHER} standard deviations on the first day, √days times that later. "
        "Hits are of the six levels; *polluted* are days above 150.",
        "",
        "| lead, d | told | MAE | persistence | skill | level hit | persistence hits | half-level hit | "
        "polluted days hit | 90 % covers |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    rows = {}
    for name, each in told.items():
        issued = issue(each, AIR_LEADS, since)
        for k, lead in enumerate(AIR_LEADS):
            came, said = later(panel.values, lead)[:, since:], issued.quantiles[2, k][:, since:]
            now = panel.values[:, since:]
            known = ~np.isnan(came) & ~np.isnan(said) & ~np.isnan(now)
            mae, of_now = np.abs(said - came)[known].mean(), np.abs(now - came)[known].mean()
            bad = known & (came > 150)
            inside = (came >= issued.quantiles[0, k][:, since:]) & (came <= issued.quantiles[4, k][:, since:])
            rows[lead, name] = (
                f"| {lead} | {name} | {mae:.1f} | {of_now:.1f} | {1 - mae / of_now:+.0%} | "
                f"{np.mean((level(said) == level(came))[known]):.0%} | "
                f"{np.mean((level(now) == level(came))[known]):.0%} | "
                f"{np.mean((half_level(said) == half_level(came))[known]):.0%} | {np.mean((said > 150)[bad]):.0%} | "
                f"{np.mean(inside[known]):.1%} |"
            )
    return "\n".join([*lines, *(rows[lead, name] for lead in AIR_LEADS for name in told)])


def level(index: np.ndarray) -> np.ndarray:
    """The level, 0 to 5."""
    return np.searchsorted([50, 100, 150, 200, 300], index)


def half_level(index: np.ndarray) -> np.ndarray:
    """The half level, 0 to 11: each level's range halved."""
    return np.searchsorted([25, 50, 75, 100, 125, 150, 175, 200, 250, 300, 400], index)


def beijing() -> tuple[list[Series], Weather]:
    """The pollutants as series and the weather beside them."""
    series: list[Series] = []
    parts: list[tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]] = []
    for path in sorted((SHARED / "data/beijing_air_weather_2013_2016").glob("*.csv.gz")):
        table = pl.read_csv(path, null_values=["NA", "", " "], infer_schema_length=None)
        hours = table.select(pl.datetime("year", "month", "day", "hour")).to_series().to_numpy()
        # a row labelled 08:00 begins there; the house labels an hour by its end
        times = hours.astype("datetime64[s]").astype(np.float64) + 3600.0
        name = path.name.split(".")[0]
        for column, code, factor in (
            ("PM2.5", "PM25", 1.0),
            ("PM10", "PM10", 1.0),
            ("SO2", "SO2", 1.0),
            ("NO2", "NO2", 1.0),
            ("CO", "CO", 1e-3),
            ("O3", "O3", 1.0),
        ):
            values = table[column].cast(pl.Float64).to_numpy() * factor
            count = len(values)
            series.append(
                Series(
                    name, code, "", times, values, ("good",) * count, np.zeros(count, bool), readings=(EMPTY,) * count
                )
            )
        wind = table["WSPM"].cast(pl.Float64).to_numpy()
        points = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]
        angle = np.array([np.nan if each not in points else points.index(each) * np.pi / 8 for each in table["wd"]])
        columns = {each: table[each].cast(pl.Float64).to_numpy() for each in ("TEMP", "PRES", "DEWP", "RAIN")}
        columns |= {"wind": wind, "north": wind * np.cos(angle), "east": wind * np.sin(angle)}
        parts.append((np.array([name] * len(times), dtype=object), times - 1.0, columns))
    names = list(parts[0][2])
    valid = np.concatenate([each[1] for each in parts])
    weather = Weather(
        np.concatenate([each[0] for each in parts]),
        valid,
        np.full(len(valid), np.nan),
        {name: np.concatenate([each[2][name] for each in parts]) for name in names},
    )
    return series, weather


EMPTY = Reading("", "", None, None, "")  # type: ignore[arg-type]


def blurred(weather: Weather, panel: Panel) -> Weather:
    """A forecast archive that never was: each day's weather issued on each of the days before, with errors."""
    days = as_if_known(panel, weather, AIR_LEADS).ahead
    random = np.random.default_rng(15)
    places, valid, issued = [], [], []
    columns: dict[str, list[np.ndarray]] = {name: [] for name in days}
    times = panel.times_s()
    for lead in (0, *AIR_LEADS):
        for row, place in enumerate(panel.places):
            places.append(np.array([place] * panel.steps, dtype=object))
            valid.append(times + lead * DAY_S)
            issued.append(times)
            for name, foreseen in days.items():
                known = foreseen(lead, panel.values.shape)[row]
                error = ERROR_OF_WEATHER * np.nanstd(known) * lead**0.5
                columns[name].append(known + error * random.normal(size=panel.steps))
    return Weather(
        np.concatenate(places),
        np.concatenate(valid),
        np.concatenate(issued),
        {name: np.concatenate(each) for name, each in columns.items()},
    )


def night() -> str:
    """A county's night: 60 series, 18 leads, a year every four hours."""
    random = np.random.default_rng(7)
    steps, places = 6 * 365, 12
    leads = tuple(range(1, 19))
    day = np.arange(steps) / 6
    elapsed, cpu = time.perf_counter(), time.process_time()
    for parameter in ("DO", "PH", "NH3N", "TP", "CODMN"):
        noise = random.normal(size=(places, steps))
        for step in range(1, steps):
            noise[:, step] = 0.95 * noise[:, step - 1] + 0.3 * noise[:, step]
        values = 8 + 2 * np.cos(2 * np.pi * day / 365) + 0.5 * np.cos(2 * np.pi * day) + noise
        panel = Panel(parameter, "mg/L", tuple(f"S{n}" for n in range(places)), 1.6e9, 14400.0, values)
        look_ahead(panel, leads)
    elapsed, cpu = time.perf_counter() - elapsed, time.process_time() - cpu
    return (
        "A county's night, 12 stations × 5 parameters × 18 leads, a year every four hours, the last year forecast "
        f"again with a fit each 90 days and one for tonight: {elapsed:.0f} s on a shared machine, {cpu:.0f} s of "
        "processor (bar: 180 s on 2 cores)."
    )
