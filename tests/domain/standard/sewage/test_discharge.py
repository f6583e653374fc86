"""Discharge limits of sewage works, GB 18918-2002 tables 1 and 2."""

import json

import pytest

from riverchief.errors import BadInput
from riverchief.standard.evidence import Compliance
from riverchief.standard.sewage import discharge_limits, judge_discharge

DAY = {"COD": 50, "BOD5": 10, "SS": 10, "TN": 15, "NH3N": 5, "TP": 0.5, "PH": 7.2, "FC": 1000}


def test_at_every_limit_the_day_complies():
    judged = judge_discharge(DAY, "一级A")
    assert judged.complies is True
    assert judged.subject_zh == "一级A标准"


@pytest.mark.parametrize(("item", "value"), [("COD", 50.1), ("TP", 0.51), ("PH", 9.1), ("PH", 5.9), ("FC", 1001)])
def test_one_item_over_fails_the_day(item: str, value: float):
    judged = judge_discharge({**DAY, item: value})
    assert judged.complies is False
    assert [e.item for e in judged.over] == [item]


def test_cold_water_has_a_milder_ammonia_limit_and_unknown_water_the_strict_one():
    assert judge_discharge({**DAY, "NH3N": 8}, temperature=12).complies is True
    assert judge_discharge({**DAY, "NH3N": 8, "WT": 12.1}).complies is False
    assert judge_discharge({**DAY, "NH3N": 8}).complies is False


def test_older_works_have_a_milder_phosphorus_limit():
    assert judge_discharge({**DAY, "TP": 1.0}, built_from_2006=False).complies is True
    assert discharge_limits("1B", built_from_2006=False)["TP"].high == 1.5


def test_alkyl_mercury_must_not_be_found():
    assert judge_discharge({**DAY, "ALKYL_HG": 0.0}).complies is True
    assert judge_discharge({**DAY, "ALKYL_HG": 0.000001}).complies is False


def test_missing_never_passes():
    judged = judge_discharge({**DAY, "TN": None})
    assert (judged.complies, judged.missing) == (None, ("TN",))


def test_an_item_without_a_limit_in_its_grade_is_left_out():
    judged = judge_discharge({"COD": 100, "TN": 60}, "二级")
    assert judged.complies is True
    assert [left.item for left in judged.excluded] == ["TN"]


def test_the_sentence_and_its_json():
    judged = judge_discharge({**DAY, "COD": 75})
    over = "化学需氧量 75 mg/L，超过限值 50 mg/L（GB 18918-2002 表1第1项，超标 0.5 倍）"
    assert judged.explain("zh").startswith(f"按GB 18918-2002一级A标准不达标：{over}")
    assert Compliance.from_dict(json.loads(json.dumps(judged.as_dict()))) == judged


def test_an_unknown_grade_is_refused():
    with pytest.raises(BadInput):
        judge_discharge(DAY, "4")
