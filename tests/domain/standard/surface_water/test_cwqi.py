"""The index by which cities are ranked."""

import math

import pytest

from riverchief.standard.surface_water.cwqi import change_of_index, city_index, section_index


def test_the_worked_example():
    # 4.2/6 + 16/20 + 2.6/4 + 0.45/1 + 0.11/0.2 + 5/8.2 + (7.9 - 7)/2 = 4.21
    found = section_index({"CODMN": 4.2, "COD": 16, "BOD5": 2.6, "NH3N": 0.45, "TP": 0.11, "DO": 8.2, "PH": 7.9})
    assert found.parts["DO"] == pytest.approx(0.610, abs=5e-4)
    assert found.parts["PH"] == pytest.approx(0.45)
    assert found.index == pytest.approx(4.21, abs=5e-3)
    assert len(found.missing) == 14


def test_acid_water_counts_downwards():
    assert section_index({"PH": 6.5}).parts["PH"] == pytest.approx(0.5)


def test_lakes_have_their_own_phosphorus():
    assert section_index({"TP": 0.05}, "lake").parts["TP"] == pytest.approx(1.0)


def test_a_city_is_weighed_by_its_sections_and_points():
    assert city_index(4.0, 3, 6.0, 1) == pytest.approx(4.5)
    assert city_index(4.0, 3, math.nan, 0) == pytest.approx(4.0)
    assert math.isnan(city_index(4.0, 0, 4.0, 0))
    assert change_of_index(3.8, 4.0) == pytest.approx(-5.0)
