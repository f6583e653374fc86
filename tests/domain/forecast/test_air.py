"""The index of the coming days: days as the law makes them, level and primary pollutant by the day's edition."""

import datetime as dt

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.forecast.air import AirLine, air_outlook, air_panels
from riverchief.forecast.outlook import Line
from riverchief.observation.reading import Reading
from riverchief.observation.series import series_of

BEGIN = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
CLEAN = {"PM25": 20.0, "PM10": 30.0, "SO2": 5.0, "NO2": 20.0, "CO": 0.4, "O3": 60.0}


def daily(days: int, **more) -> list:
    """Daily means at one station, with PM2.5 rising and falling by a wave of ten days."""
    found = []
    for day in range(days):
        values = CLEAN | {"PM25": 60.0 + 30.0 * np.sin(2 * np.pi * day / 10)} | more
        for code, value in values.items():
            unit = "mg/m3" if code == "CO" else "ug/m3"
            found.append(Reading("S", code, BEGIN + dt.timedelta(days=day), value, unit, statistic="mean"))
    return series_of(found)


def test_the_index_of_a_day_is_the_highest_and_a_missing_pollutant_withholds_it():
    panel = air_panels(daily(3), offset_s=0.0, edition="2012")["AQI"]
    # PM2.5 of 60 µg/m³ lies between 35 (IAQI 50) and 75 (IAQI 100): 50 + 50 · 25/40 = 81.25, rounded up 82
    assert panel.values[0, 0] == 82
    without = [each for each in daily(3) if each.parameter != "NO2"]
    assert np.isnan(air_panels(without, offset_s=0.0, edition="2012")["AQI"].values[0, 0])


def test_hours_become_beijing_days_and_their_last_hours_are_known_too():
    hours = []
    for hour in range(49):
        at = dt.datetime(2025, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))) + dt.timedelta(hours=hour)
        # labelled by the hour's end: 01:00 to 24:00 of the first day, then 100 more
        hours.append(Reading("S", "PM25", at.astimezone(dt.UTC), 10.0 if hour <= 24 else 110.0, "ug/m3"))
    panel = air_panels(series_of(hours))["PM25"]
    assert panel.values[0].tolist()[-2:] == [10.0, 110.0]
    assert np.allclose(panel.companions["PM25_last4"][0, -2:], np.log([11.0, 111.0]))


def test_the_forecast_names_level_and_primary_pollutant_of_each_day():
    [(outlook, days)] = air_outlook(air_panels(daily(200), offset_s=0.0), (1, 2, 3), offset_s=0.0)
    assert [day.day for day in days] == [dt.date(2025, 7, 20) + dt.timedelta(days=n) for n in range(3)]
    assert {day.primary for day in days} == {"PM25"}
    assert all(day.levels[0] <= day.levels[1] for day in days)
    assert outlook.parameter == "AQI"


def test_the_edition_is_that_of_the_target_day():
    # 424 days from 1 January 2025 end on 28 February 2026; the next day is the first of the new edition
    [(_, days)] = air_outlook(air_panels(daily(424), offset_s=0.0), (1, 2), offset_s=0.0)
    assert [(day.day.isoformat(), day.edition) for day in days] == [
        ("2026-03-01", "HJ 633-2026"),
        ("2026-03-02", "HJ 633-2026"),
    ]


def test_the_official_form_says_range_level_and_what_leads():
    line = Line(0.0, 24.0, (50.0, 62.0, 80.0, 104.0, 130.0), 80.0, "damped", True, None)
    day = AirLine(dt.date(2026, 11, 25), line, (2, 3), "PM25", "HJ 633-2026")
    assert day.text("城口", "zh") == "城口 11月25日：AQI 62～104，良至轻度污染，首要污染物细颗粒物"
    assert day.text("Chengkou", "en").startswith("Chengkou 2026-11-25: AQI 62 to 104, ")


def test_without_any_pollutant_there_is_nothing_to_forecast():
    with pytest.raises(BadInput) as refused:
        air_panels(series_of([Reading("S", "DO", BEGIN, 8.0, "mg/L")]))
    assert refused.value.faults[0].kind == "nothing_to_forecast"
