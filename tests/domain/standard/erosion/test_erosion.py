"""Soil loss by CSLE and the grades of SL 190-2007: the worked table of the papers."""

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.standard.erosion import (
    grade_by_cover,
    grade_of_modulus,
    length_factor,
    rain_erosivity_census,
    rain_erosivity_zhang,
    slope_factor,
    soil_loss,
)


@pytest.mark.parametrize(
    ("slope", "length", "s", "factor", "ls"),
    [
        (3, 100, 0.595, 1.572, 0.936),
        (8, 80, 1.838, 1.901, 3.495),
        (15, 60, 4.711, 1.647, 7.757),
        (25, 40, 8.300, 1.344, 11.158),
    ],
)
def test_slope_and_length_factors(slope: float, length: float, s: float, factor: float, ls: float):
    at = np.array([slope], dtype=float)
    found_s, found_l = slope_factor(at), length_factor(np.array([length], dtype=float), at)
    assert found_s[0] == pytest.approx(s, abs=5e-4)
    assert found_l[0] == pytest.approx(factor, abs=5e-4)
    assert (found_s * found_l)[0] == pytest.approx(ls, abs=1.5e-3)


def test_pieces_at_their_ends():
    at = np.array([1.0, 1.01, 3.0, 5.0, 5.01, 10.0, np.nan])
    exponents = np.log(length_factor(np.full(7, 44.26), at)) / np.log(2.0)
    assert exponents[:6] == pytest.approx([0.2, 0.3, 0.3, 0.4, 0.5, 0.5])
    assert np.isnan(exponents[6]) and np.isnan(slope_factor(at)[6])
    assert slope_factor(np.array([10.0]))[0] == pytest.approx(21.91 * np.sin(np.radians(10)) - 0.96)


def test_rain_erosivity_of_the_worked_example():
    # days of 25, 40.3, 12 mm: census warm 363.4, cold 286.2; Zhang with Pd12 26, Py12 620: R 451.2
    rain = np.array([25.0, 40.3, 12.0, 9.9])
    assert rain_erosivity_census(rain, np.full(4, 7)).sum() == pytest.approx(363.4, abs=0.05)
    assert rain_erosivity_census(rain, np.full(4, 1)).sum() == pytest.approx(286.2, abs=0.05)
    assert rain_erosivity_zhang(rain, 26.0, 620.0) == pytest.approx(451.2, abs=0.2)


def test_soil_loss_of_the_worked_example():
    # R 6200, K 0.0062, 15°, 60 m: forest B 0.05 -> 1491 t/km²; cropland E 0.352, T 0.41 -> 4303 t/km²
    ls = slope_factor(np.array([15.0])) * length_factor(np.array([60.0]), np.array([15.0]))
    one = np.ones(1)
    forest = soil_loss(one * 6200, one * 0.0062, ls, one * 0.05, one, one)
    cropland = soil_loss(one * 6200, one * 0.0062, ls, one, one * 0.352, one * 0.41)
    assert forest[0] == pytest.approx(1491, abs=1)
    assert cropland[0] == pytest.approx(4303, abs=2)
    assert [grade_of_modulus(float(a[0])).zh for a in (forest, cropland)] == ["轻度", "中度"]


@pytest.mark.parametrize(
    ("modulus", "grade"),
    [(0, "微度"), (499, "微度"), (500, "轻度"), (2500, "中度"), (5000, "强烈"), (8000, "极强烈"), (15000, "剧烈")],
)
def test_grades_of_modulus_in_the_south_west(modulus: float, grade: str):
    assert grade_of_modulus(modulus).zh == grade


def test_the_loess_tolerates_more_and_nothing_is_nothing():
    assert grade_of_modulus(900, "loess").zh == "微度"
    assert grade_of_modulus(float("nan")) is None
    with pytest.raises(BadInput):
        grade_of_modulus(900, "moon")


def test_grades_by_slope_and_cover_are_unverified():
    found = grade_by_cover(20, 40)
    assert (found.zh, found.verification) == ("中度", "own_knowledge")  # cover 30-45 %, 15-25 degrees
    assert grade_by_cover(30, None).zh == "极强烈"
    assert grade_by_cover(3, 10).zh == "微度"
    assert grade_by_cover(40, 80).zh == "微度"
    assert grade_by_cover(40, 10).zh == "剧烈"
