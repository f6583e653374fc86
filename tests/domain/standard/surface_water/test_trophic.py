"""Trophic level of lakes and reservoirs."""

import math

import pytest

from riverchief.standard.surface_water.trophic import grade_of, trophic_level

# README: chl-a 12 mg/m3, TP 0.045, TN 1.1, SD 1.2, CODMn 4.0 -> 51.99 44.00 56.14 47.64 37.98 -> 47.86 mesotrophic
LAKE = {"CHLA": 0.012, "TP": 0.045, "TN": 1.1, "SD": 1.2, "CODMN": 4.0}


def test_the_worked_example():
    found = trophic_level(LAKE)
    assert found.parts == pytest.approx({"CHLA": 51.99, "TP": 44.0, "TN": 56.14, "SD": 47.64, "CODMN": 37.98}, abs=5e-3)
    assert found.tli == pytest.approx(47.86, abs=5e-3)
    assert found.grade_zh == "中营养"


def test_the_weights_are_those_of_the_table():
    found = trophic_level(LAKE)
    expected = {"CHLA": 0.2663, "TP": 0.1879, "TN": 0.179, "SD": 0.1834, "CODMN": 0.1834}
    assert found.weights == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("tli", "grade"),
    [
        (29.94, "贫营养"),
        (30, "中营养"),
        (50, "中营养"),
        (50.1, "轻度富营养"),
        (60, "轻度富营养"),
        (60.1, "中度富营养"),
        (70.1, "重度富营养"),
        (math.nan, ""),
    ],
)
def test_grades_at_and_beside_their_limits(tli: float, grade: str):
    assert grade_of(tli)[0] == grade


def test_what_is_missing_is_named_and_its_weight_shared_out():
    found = trophic_level({**LAKE, "CHLA": None, "TP": 0.0})
    assert found.missing == ("CHLA", "TP")
    assert sum(found.weights.values()) == pytest.approx(1.0)
    assert "缺叶绿素a、总磷" in found.explain("zh")
    assert math.isnan(trophic_level({}).tli)
