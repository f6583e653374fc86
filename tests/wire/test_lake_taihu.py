"""Eight stations of Lake Taihu, 2007-2012: lake limits, total nitrogen apart, trophic level, years."""

import csv

import numpy as np
import pytest

from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.surface_water.periods import judge_series
from riverchief.standard.surface_water.sheet_grades import grade_sheet
from riverchief.standard.surface_water.trophic import trophic_level
from tests.shared_data import shared

# GB 3838-2002 table 1, written out again: lakes have their own phosphorus
TWIN = {
    "氨态氮(mg/L)": (0.15, 0.5, 1.0, 1.5, 2.0),
    "化学需氧量(mg/L)": (15, 15, 20, 30, 40),
    "总磷(mg/L)": (0.01, 0.025, 0.05, 0.1, 0.2),
}
OXYGEN = (7.5, 6, 5, 3, 2)
CLASSES = ("I", "II", "III", "IV", "V", ">V")


@pytest.fixture(scope="module")
def sheet():
    path = shared("data/taihu_2007_2015/taihu_monthly_2007_2012.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return rows, read_samples(read_grid(path.read_bytes(), path.name))


def simple_class(row: dict[str, str]) -> str:
    ranks = [sum(float(row[name]) > limit for limit in limits) for name, limits in TWIN.items()]
    oxygen, temperature = float(row["溶解氧(mg/L)"]), float(row["水温(℃)"])
    saturated = oxygen / (468 / (31.6 + temperature)) >= 0.9
    ranks.append(0 if saturated else sum(oxygen < limit for limit in OXYGEN))
    ranks.append(0 if 6 <= float(row["pH"]) <= 9 else 5)
    return CLASSES[max(ranks)]


def test_576_samples_like_the_simple_twin(sheet):
    rows, samples = sheet
    assert len(samples) == 576
    lines = list(grade_sheet(samples, water="lake"))
    assert [line.water_class for line in lines] == [simple_class(row) for row in rows]
    assert {line.water_class for line in lines} >= {"III", "IV", "V", ">V"}


def test_total_nitrogen_stands_apart_and_is_mostly_worse_than_V(sheet):
    _, samples = sheet
    graded = grade_sheet(samples, water="lake")
    apart = [e for n in range(len(graded)) for e in graded.judgement(n).apart if e.item == "TN"]
    assert len(apart) == 576
    assert sum(e.water_class == ">V" for e in apart) > 288
    assert all("TN" not in line.limiting for line in graded)


def test_a_lake_judged_by_river_limits_would_look_better(sheet):
    _, samples = sheet
    as_lake, as_river = (list(grade_sheet(samples, water=water)) for water in ("lake", "river"))
    better = [
        a for a, b in zip(as_lake, as_river, strict=True) if CLASSES.index(a.water_class) > CLASSES.index(b.water_class)
    ]
    worse = [
        a for a, b in zip(as_lake, as_river, strict=True) if CLASSES.index(a.water_class) < CLASSES.index(b.water_class)
    ]
    assert len(better) > 100 and not worse


def test_the_trophic_level_from_what_is_there(sheet):
    # no chlorophyll and no CODMn in this set: phosphorus, nitrogen and transparency share the weights
    rows, _ = sheet
    levels = [
        trophic_level({"TP": float(r["总磷(mg/L)"]), "TN": float(r["总氮(mg/L)"]), "SD": float(r["透明度(m)"])})
        for r in rows
    ]
    short = [level.missing for level in levels if level.missing != ("CHLA", "CODMN")]
    assert short == [("CHLA", "SD", "CODMN")] * len(short) and len(short) == 13  # a transparency of 0 has no logarithm
    assert 50 < np.mean([level.tli for level in levels]) < 80  # Taihu is eutrophic
    first = levels[0]  # THL00, 2007-01: TP 0.1228, TN 6.747, SD 0.4, worked by hand
    by_hand = [
        10 * (9.436 + 1.624 * np.log(0.1228)),
        10 * (5.453 + 1.694 * np.log(6.747)),
        10 * (5.118 - 1.94 * np.log(0.4)),
    ]
    weights = np.array([0.84**2, 0.82**2, 0.83**2])
    assert first.tli == pytest.approx(float(np.dot(weights / weights.sum(), by_hand)))


def test_a_year_of_one_station_is_the_mean_of_its_months(sheet):
    rows, samples = sheet
    station = [n for n, place in enumerate(samples.places) if place == "THL04"]
    times = np.array([samples.times[n] for n in station], dtype="datetime64[M]")
    values = {code: samples.columns[code].values[station] for code in ("TP", "NH3N", "PH", "DO", "COD")}
    years = judge_series(times, values, "year", water="lake")
    assert [year.label for year in years] == ["2007", "2008", "2009", "2010", "2011", "2012"]
    phosphorus = next(e for e in years[0].judgement.evidence if e.item == "TP")
    mean = np.mean([float(rows[n]["总磷(mg/L)"]) for n in station[:12]])
    assert phosphorus.value == pytest.approx(mean, abs=5e-4)
    assert phosphorus.origin.samples == 12
