"""Printed hours of 71 stations across the change of edition on 2026-03-01: our AQI against the printed one."""

import collections
import csv
import gzip

import numpy as np
import pytest

from riverchief.standard.air import grade_air
from riverchief.standard.air.days import days_of_hours
from riverchief.standard.air.sheet_grades import grade_air_sheet
from riverchief.standard.air.years import good_days_under
from riverchief.standard.sheet import read_grid, read_samples
from tests.shared_data import shared

NAMES = {"PM25": "pm2_5", "PM10": "pm10", "O3": "o3", "NO2": "no2", "SO2": "so2", "CO": "co"}
PRIMARY = {"PM25": "细颗粒物(PM2.5)", "PM10": "颗粒物(PM10)", "O3": "臭氧1小时(O3_1h)", "NO2": "二氧化氮(NO2)"}


@pytest.fixture(scope="module")
def hours():
    with gzip.open(shared("data/chongqing_air_2026/air_hourly_202602_202606.csv.gz"), "rt") as file:
        rows = list(csv.DictReader(file))
    columns = {code: np.array([float(row[name] or "nan") for row in rows]) for code, name in NAMES.items()}
    printed = np.array([float(row["aqi"] or "nan") for row in rows])
    # the hour labelled 00:00 of 1 March ends 28 February: the platform printed it by the old edition
    new = np.array([row["time"] > "2026-03-01 00:00" for row in rows])
    return rows, columns, printed, new


@pytest.fixture(scope="module")
def graded(hours):
    _, columns, _, new = hours
    old_grades, new_grades = (grade_air(columns, edition=e, report="hour") for e in ("2012", "2026"))
    return np.where(new, new_grades.aqi, old_grades.aqi), old_grades, new_grades


def test_every_hour_of_the_old_edition_as_printed(hours, graded):
    _, _, printed, new = hours
    both = ~np.isnan(printed) & ~np.isnan(graded[0]) & ~new
    assert both.sum() > 3000
    assert (graded[0] == printed)[both].all()


def test_the_new_edition_as_printed_but_for_a_few_very_clean_hours(hours, graded):
    # They print PM2.5 3, PM10 6 or 7 and an AQI of 5 or 8, which those cannot give: the platform graded another PM10.
    _, columns, printed, new = hours
    both = ~np.isnan(printed) & ~np.isnan(graded[0]) & new
    differing = both & (graded[0] != printed)
    assert both.sum() > 181_000
    assert differing.sum() <= 19
    assert printed[differing].max() < 10
    assert np.abs(graded[0] - printed)[differing].max() <= 2
    assert set(columns["PM25"][differing]) == {3.0}


def test_the_change_falls_between_the_hours_labelled_0_and_1(hours, graded):
    rows, _, printed, _ = hours
    _, old, new = graded
    differ = old.aqi != new.aqi
    stamps = np.array([row["time"] for row in rows])
    for label, grades in (("2026-03-01 00:00", old), ("2026-03-01 01:00", new)):
        told = differ & (stamps == label) & ~np.isnan(printed) & ~np.isnan(old.aqi)
        assert told.any()
        assert (grades.aqi == printed)[told].all()


def test_where_we_give_no_aqi_and_the_platform_does_only_PM10_is_missing(hours, graded):
    _, columns, printed, _ = hours
    withheld = np.isnan(graded[0]) & ~np.isnan(printed)
    assert withheld.sum() == 9834
    missing = collections.Counter(code for code in NAMES for bad in [np.isnan(columns[code][withheld]).sum()] if bad)
    assert list(missing) == ["PM10"]
    ignoring = grade_air(columns, edition="2026", report="hour", missing="ignore").aqi
    assert np.mean(ignoring[withheld] == printed[withheld]) > 0.99


def test_primary_pollutants_as_printed(hours, graded):
    rows, _, printed, new = hours
    aqi, old, fresh = graded
    same = np.flatnonzero((aqi == printed) & (printed > 50))
    wrong = 0
    for n in same:
        ours = (fresh if new[n] else old).primary_pollutants(n)
        wrong += {PRIMARY.get(p, p) for p in ours} != set(rows[n]["primarypollutant"].split(","))
    assert same.size > 30_000
    assert wrong / same.size < 0.001


def test_a_sheet_chooses_the_edition_of_each_line_by_itself(hours, graded):
    path = shared("data/chongqing_air_2026/air_hourly_202602_202606.csv.gz")
    lines = gzip.decompress(path.read_bytes()).splitlines()
    sheet = grade_air_sheet(read_samples(read_grid(b"\n".join(lines[:2000]), "x.csv")))
    assert sheet.report == "hour"
    ours = [line.aqi for line in sheet]
    assert ours == [None if np.isnan(aqi) else int(aqi) for aqi in graded[0][: len(ours)]]


def test_a_beijing_year_loses_good_days_by_the_new_edition():
    with gzip.open(shared("data/beijing_air_weather_2013_2016/Wanliu.csv.gz"), "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == "2014"]
    stamps = [f"{r['year']}-{int(r['month']):02d}-{int(r['day']):02d}T{int(r['hour']):02d}" for r in rows]
    names = {"PM25": "PM2.5", "PM10": "PM10", "SO2": "SO2", "NO2": "NO2", "CO": "CO", "O3": "O3"}
    values = {c: np.array([float(r[n]) if r[n] not in ("", "NA") else np.nan for r in rows]) for c, n in names.items()}
    values["CO"] /= 1000.0  # µg/m3 -> mg/m3
    days = days_of_hours(np.array(stamps, dtype="datetime64[h]"), values, hour_label="start")
    under = good_days_under(days)
    assert days.days.size == 365
    # with a pollutant missing a day is judged only above 100, which more days are under the new edition
    assert 300 < under["2012"].judged <= under["2026"].judged
    assert 0 < under["2026"].good < under["2012"].good
