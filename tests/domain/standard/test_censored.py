"""Below the detection limit: what is judged is a rule, and it never passes what nobody knows."""

import pytest

from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.surface_water.sheet_grades import grade_sheet


def graded(cell: str, item: str = "汞(mg/L)", **options):
    return grade_sheet(read_samples(read_grid(f"断面,{item}\nA,{cell}\n".encode(), "x")), **options)


def test_half_the_detection_limit_is_judged_and_the_evidence_says_so():
    # mercury < 0.00004 -> 0.00002 <= 0.00005, class I
    sheet = graded("0.00004L")
    (line,) = sheet
    assert line.water_class == "I"
    (evidence,) = sheet.judgement(0).evidence
    assert evidence.value == pytest.approx(0.00002)
    assert (evidence.origin.censored, evidence.origin.rule[:4]) == (1, "half")
    assert "不得作为权威结论" not in sheet.judgement(0).explain("zh")  # class I at the detection limit as well


def test_a_detection_limit_above_the_target_proves_nothing():
    # class III mercury is 0.0001; "< 0.0002" may be over it
    (line,) = graded("<0.0002")
    assert line.water_class is None
    assert line.excluded == (("HG", "detection_limit"),)


def test_the_other_rules():
    (at_the_limit,) = graded("<0.0002", censored="limit")
    assert at_the_limit.water_class == "IV"  # 0.0002 <= 0.001
    (refused,) = graded("<0.0001", censored="refuse")
    assert refused.water_class is None  # above the class I limit 0.00005


def test_not_detected_without_a_detection_limit_is_not_judged():
    (line,) = graded("ND")
    assert (line.water_class, line.excluded) == (None, (("HG", "no_limit_given"),))


def test_at_least_is_judged_only_where_it_is_the_worst_already():
    (worst,) = graded(">50", "氨氮")
    assert worst.water_class == ">V"
    (unknown,) = graded(">1.2", "氨氮")
    assert (unknown.water_class, unknown.excluded) == (None, (("NH3N", "above_range"),))


def test_oxygen_below_a_bound_is_judged_only_where_it_is_the_worst_already():
    (worst,) = graded("<0.5", "溶解氧")
    assert worst.water_class == ">V"
    (unknown,) = graded("<6.5", "溶解氧")
    assert unknown.water_class is None
