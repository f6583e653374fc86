"""3,001 samples of the Thames: units in the headings, ammonium as NH4, values below detection limits."""

import csv
import gzip

import numpy as np
import pytest

from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.surface_water.sheet_grades import grade_sheet
from tests.shared_data import shared

AMMONIUM, PHOSPHORUS = "Ammonium (mg l-1-NH4)", "Total phosphorus (ug l-1-P)"


@pytest.fixture(scope="module")
def thames():
    path = shared("data/thames_ceh/thames_weekly_2009_2011.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return rows, read_samples(read_grid(path.read_bytes(), path.name))


def test_micrograms_and_ammonium_are_brought_to_the_unit_of_the_law(thames):
    rows, samples = thames
    at = next(n for n, row in enumerate(rows) if row[AMMONIUM] and row[PHOSPHORUS] and "<" not in row[AMMONIUM])
    assert samples.columns["TP"].values[at] == pytest.approx(float(rows[at][PHOSPHORUS]) / 1000)
    assert samples.columns["NH3N"].values[at] == pytest.approx(float(rows[at][AMMONIUM]) * 14.0067 / 18.0385, rel=1e-5)


def test_35_values_below_the_detection_limit_are_judged_at_half_of_it(thames):
    rows, samples = thames
    below = [n for n, row in enumerate(rows) if row[AMMONIUM].startswith("<")]
    assert len(below) == 35 == int(samples.columns["NH3N"].censor.sum())
    graded = grade_sheet(samples)
    for n in below:
        (ammonia,) = [e for e in graded.judgement(n).evidence if e.item == "NH3N"]
        assert ammonia.value == pytest.approx(0.5 * 0.004 * 14.0067 / 18.0385, rel=1e-5)
        assert ammonia.origin.censored == 1


def test_a_detection_limit_within_class_I_moves_no_class_whatever_the_rule(thames):
    _, samples = thames
    by_rule = [
        [line.water_class for line in grade_sheet(samples, censored=rule)] for rule in ("half", "limit", "refuse")
    ]
    assert by_rule[0] == by_rule[1] == by_rule[2]


def test_what_is_dissolved_is_not_taken_for_the_item_of_the_law(thames):
    _, samples = thames
    assert "Dissolved fluoride" in samples.unknown
    assert "F" not in samples.columns


def test_phosphorus_decides_most_of_the_thames(thames):
    _, samples = thames
    lines = list(grade_sheet(samples))
    assert len(lines) == 3001
    judged = [line for line in lines if line.water_class]
    assert np.mean(["TP" in line.limiting for line in judged]) > 0.5
