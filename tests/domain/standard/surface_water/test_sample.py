"""One sample against GB 3838-2002: every figure here is from the standard or worked by hand."""

import json
import math

import pytest

from riverchief.errors import BadInput
from riverchief.standard import CLASSES, Judgement, grade_sample, limits_of
from tests.domain.standard.waters import CLEAN

# The worked example of 环办〔2011〕22号: pH I, DO II, CODMn III, COD IV, BOD5 III, NH3-N IV, TP IV -> IV.
SECTION = {"pH": 7.8, "DO": 6.4, "CODMN": 5.2, "COD": 22, "BOD5": 3.1, "NH3N": 1.21, "TP": 0.26}


def test_the_worst_item_gives_the_class():
    judged = grade_sample(SECTION)
    assert {e.item: e.water_class for e in judged.evidence} == {
        "PH": "I",
        "DO": "II",
        "CODMN": "III",
        "COD": "IV",
        "BOD5": "III",
        "NH3N": "IV",
        "TP": "IV",
    }
    assert judged.water_class == "IV"
    assert set(judged.limiting) == {"COD", "NH3N", "TP"}
    assert CLASSES[judged.water_class].status_zh == "轻度污染"


def test_multiples_are_of_the_class_III_limit():
    # (0.26 - 0.2) / 0.2, (1.21 - 1) / 1, (22 - 20) / 20; largest first
    judged = grade_sample(SECTION)
    assert judged.over_limit == pytest.approx({"TP": 0.3, "NH3N": 0.21, "COD": 0.1})
    assert list(judged.over_limit) == ["TP", "NH3N", "COD"]


def test_multiples_follow_the_target_of_the_place():
    judged = grade_sample({"NH3N": 0.75}, target="Ⅱ")
    assert judged.over_limit == pytest.approx({"NH3N": 0.5})  # (0.75 - 0.5) / 0.5
    assert judged.meets_target is False


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        ("NH3N", 0.15, "I"),
        ("NH3N", 0.151, "II"),
        ("NH3N", 2.0, "V"),
        ("NH3N", 2.001, ">V"),
        ("COD", 15, "I"),  # I and II share a limit: the better counts
        ("COD", 15.1, "III"),
        ("DO", 7.5, "I"),
        ("DO", 7.49, "II"),
        ("DO", 2.0, "V"),
        ("DO", 1.99, ">V"),
        ("PH", 6.0, "I"),
        ("PH", 9.0, "I"),
        ("PH", 9.01, ">V"),
        ("PH", 5.99, ">V"),
        ("CU", 1.0, "II"),
        ("CU", 1.01, ">V"),
        ("TP", 0.02, "I"),
        ("TP", 0.4, "V"),
    ],
)
def test_at_and_beside_the_limits(item: str, value: float, expected: str):
    assert grade_sample({**CLEAN, item: value}).water_class == expected


def test_lakes_have_their_own_phosphorus():
    assert grade_sample({**CLEAN, "TP": 0.05}).water_class == "II"
    assert grade_sample({**CLEAN, "TP": 0.05}, water="lake").water_class == "III"
    assert limits_of("总磷", "lake")["III"] == 0.05


def test_total_nitrogen_never_judges_a_river_and_stands_apart_in_a_lake():
    river = grade_sample({**CLEAN, "TN": 9.0})
    assert river.water_class == "I"
    assert [(left.item, left.kind) for left in river.excluded] == [("TN", "not_for_rivers")]
    lake = grade_sample({**CLEAN, "TN": 1.2}, water="lake")
    assert lake.water_class == "I"
    assert [(e.item, e.water_class) for e in lake.apart] == [("TN", "IV")]


def test_turbidity_is_not_graded():
    judged = grade_sample({**CLEAN, "TURB": 616, "TP": 0.05})
    assert judged.water_class == "II"
    assert [left.item for left in judged.excluded] == ["TURB"]


def test_warm_water_reaches_class_I_by_saturation():
    # 28 °C: 468 / (31.6 + 28) = 7.852 mg/L; 7.2 / 7.852 = 91.7 %
    assert grade_sample({**CLEAN, "DO": 7.2, "WT": 28}).water_class == "I"
    assert grade_sample({**CLEAN, "DO": 7.2}, temperature=28).water_class == "I"
    assert grade_sample({**CLEAN, "DO": 7.2}).water_class == "II"
    assert grade_sample({**CLEAN, "DO": 7.2, "WT": 28}, oxygen="concentration").water_class == "II"
    assert (
        grade_sample({**CLEAN, "DO": 7.2, "WT": 28, "DO_SAT": 85}).water_class == "II"
    )  # measured goes before computed


def test_a_missing_core_item_withholds_the_class():
    judged = grade_sample({"PH": 7.5, "DO": 8, "NH3N": None, "TP": math.nan, "CODMN": 3})
    assert judged.water_class is None
    assert judged.at_best == "II"
    assert judged.meets_target is None
    assert {left.item for left in judged.excluded} == {"NH3N", "TP"}
    assert grade_sample({**CLEAN, "NH3N": None}, missing="ignore").water_class == "I"


def test_nothing_missing_can_save_what_is_worse_than_V():
    judged = grade_sample({"NH3N": 9.0, "TP": None})
    assert judged.water_class == ">V"
    assert judged.meets_target is False


def test_a_metal_that_was_due_and_is_missing_withholds_as_well():
    # else the one value that is too high could be left out, and the water would look better
    assert grade_sample({**CLEAN, "CU": 5.0}).water_class == ">V"
    judged = grade_sample({**CLEAN, "CU": None})
    assert (judged.water_class, judged.at_best) == (None, "I")
    assert [left.item for left in judged.excluded] == ["CU"]
    assert grade_sample({**CLEAN, "CU": None}, missing="ignore").water_class == "I"


@pytest.mark.parametrize(("item", "value", "kind"), [("NH3N", -0.1, "negative"), ("PH", 14.2, "impossible")])
def test_an_absurd_value_is_excluded_and_never_passes(item: str, value: float, kind: str):
    judged = grade_sample({**CLEAN, item: value})
    assert judged.water_class is None
    assert [(left.item, left.kind) for left in judged.excluded] == [(item, kind)]


def test_maintenance_withholds_whatever_the_values_are():
    judged = grade_sample({"NH3N": 0.1}, state="maintenance")
    assert judged.water_class is None
    assert "站点维护" in judged.explain("zh")


def test_the_noise_of_a_unit_conversion_moves_no_class():
    # 35 µg/L x 0.001 = 0.035000000000000003 mg/L
    assert grade_sample({**CLEAN, "TP": 0.1 + 1e-17}).water_class == "II"
    assert grade_sample({**CLEAN, "DO": 0.1 * 75 - 1e-15}).water_class == "I"


def test_every_sentence_names_item_limit_clause_and_multiple():
    judged = grade_sample({**CLEAN, "NH3N": 1.21})
    assert judged.explain("zh") == (
        "按GB 3838-2002（河流）单因子评价为Ⅳ类（轻度污染）：氨氮 1.21 mg/L，超过Ⅲ类限值 1 mg/L，符合Ⅳ类限值 1.5 mg/L"
        "（GB 3838-2002 表1第7项，超标 0.2 倍）（依据21项中的5项）"
    )
    assert judged.explain("en") == (
        "GB 3838-2002 (river), worst single item: class IV (lightly polluted): ammonia nitrogen 1.21 mg/L is above the "
        "class III limit 1 mg/L and meets the class IV limit 1.5 mg/L (GB 3838-2002 table 1 item 7, over the limit by "
        "0.2 times) (judged on 5 of 21 items)"
    )


def test_a_judgement_survives_json():
    judged = grade_sample({**SECTION, "TN": 2, "CU": None}, water="lake")
    assert Judgement.from_dict(json.loads(json.dumps(judged.as_dict(), allow_nan=False))) == judged


def test_unknown_words_are_refused_with_what_is_allowed():
    with pytest.raises(BadInput) as refused:
        grade_sample({"ammonium bla": 1.0})
    assert refused.value.faults[0].kind == "unknown_parameter"
    with pytest.raises(BadInput):
        grade_sample({"NH3N": 1.0}, target="VII")
    with pytest.raises(BadInput):
        grade_sample({"NH3N": 1.0}, water="sea")  # type: ignore[arg-type]


def test_an_infinite_value_is_impossible_and_still_plain_json():
    judged = grade_sample({**CLEAN, "NH3N": math.inf})
    assert [(left.item, left.kind) for left in judged.excluded] == [("NH3N", "impossible")]
    assert json.dumps(judged.as_dict(), allow_nan=False)


def test_a_saturation_by_an_unread_formula_warns_only_where_it_decides():
    assert "不得作为权威结论" in grade_sample({**CLEAN, "DO": 7.2, "WT": 28}).explain("zh")
    assert "不得作为权威结论" not in grade_sample({**CLEAN, "DO": 7.2, "WT": 28, "NH3N": 1.2}).explain("zh")
    assert "不得作为权威结论" not in grade_sample({**CLEAN, "DO": 7.2, "DO_SAT": 95}).explain("zh")


def test_manganese_is_in_the_sentence_of_every_river_that_has_it():
    said = grade_sample({**CLEAN, "MN": 0.35}).explain("zh")
    assert "单独评价：锰 0.35 mg/L，超过限值 0.1 mg/L（GB 3838-2002 表2第5项，超标 2.5 倍）" in said


def test_class_I_by_saturation_is_explained_in_both_languages():
    # 468 / (31.6 + 28) = 7.852 mg/L; 7.2 is 91.7 %
    judged = grade_sample({**CLEAN, "DO": 7.2, "WT": 28})
    assert "浓度 7.2 mg/L 为饱和的 91.7 %（按水温 28 ℃ 推算），不低于 90 % 即为Ⅰ类" in judged.explain("zh")
    assert "7.2 mg/L is 91.7 % of saturation (at 28 degC); 90 % and more is class I" in judged.explain("en")
    measured = grade_sample({**CLEAN, "DO": 7.2, "DO_SAT": 95})
    assert "为饱和的 95.0 %（实测）" in measured.explain("zh")


def test_a_class_on_too_few_items_is_not_given():
    # pH alone is class I in most sewage; a class rests on two items at least of oxygen and nutrients
    alone = grade_sample({"PH": 7.5})
    assert (alone.water_class, alone.at_best, alone.meets_target) == (None, "I", None)
    assert "依据21项中的1项" in alone.explain("zh") and "评价项目少于最低要求" in alone.explain("zh")
    assert grade_sample({"PH": 7.5, "DO": 9.0}).water_class is None
    assert grade_sample({"PH": 7.5, "CU": 0.001, "ZN": 0.01, "TP": 0.01}).water_class is None
    assert grade_sample({"NH3N": 0.1, "TP": 0.01}).water_class == "I"


def test_few_items_still_tell_what_they_prove():
    judged = grade_sample({"NH3N": 1.2}, target="II")
    assert (judged.water_class, judged.at_best, judged.meets_target) == (None, "IV", False)
    assert "不优于Ⅳ类：氨氮 1.2 mg/L" in judged.explain("zh")
    assert grade_sample({"NH3N": 9.0}).water_class == ">V"  # nothing that is missing could make it worse


def test_what_looks_like_a_lake_must_be_said():
    for sign in ({"SD": 1.2}, {"透明度": 1.2}, {"CHLA": 0.01}):
        with pytest.raises(BadInput) as refused:
            grade_sample({**CLEAN, **sign})
        assert refused.value.faults[0].kind == "kind_of_water_needed"
        assert grade_sample({**CLEAN, **sign}, water="river").water_class == "I"
    with pytest.raises(BadInput):
        grade_sample({"NH3N": 0.1, "DO": 9.0, "TP_LAKE": 0.04})
    assert grade_sample({"NH3N": 0.1, "DO": 9.0, "TP_LAKE": 0.04}, water="lake").water_class == "III"
