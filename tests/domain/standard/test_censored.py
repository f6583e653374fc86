"""Below the detection limit: what is judged is a rule, and it never passes what nobody knows."""

import pytest

from riverchief.standard import grade_sample
from riverchief.standard.censored import above, below
from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.surface_water.sheet_grades import grade_sheet
from tests.domain.standard.waters import CLEAN


def graded(cell: str, item: str = "汞(mg/L)", **options):
    """One sample, clean but for ``item``."""
    others = {"pH": 7.5, "溶解氧": 9, "高锰酸盐指数": 1, "氨氮": 0.1, "总磷": 0.01} | {item: cell}
    text = f"断面,{','.join(others)}\nA,{','.join(map(str, others.values()))}\n"
    return grade_sheet(read_samples(read_grid(text.encode(), "x")), **options)


def evidence_of(judgement, item: str):
    return next(e for e in judgement.evidence if e.item == item)


def test_half_the_detection_limit_is_judged_and_the_evidence_says_so():
    # mercury < 0.00004 -> 0.00002 <= 0.00005, class I
    sheet = graded("0.00004L")
    (line,) = sheet
    assert line.water_class == "I"
    evidence = evidence_of(sheet.judgement(0), "HG")
    assert evidence.value == pytest.approx(0.00002)
    assert (evidence.origin.censored, evidence.origin.rule, evidence.origin.operator) == (1, "half", "<")
    assert evidence.explain("zh").startswith("汞 <0.00004 mg/L（按检出限的一半参加评价（0.00002））")
    assert evidence.explain("en").startswith("mercury <0.00004 mg/L (half the detection limit takes part, 0.00002)")
    assert "不得作为权威结论" not in sheet.judgement(0).explain("zh")  # class I at the detection limit as well


def test_a_detection_limit_above_the_target_proves_nothing():
    # class III mercury is 0.0001; "< 0.0002" may be over it, and without mercury the class would look better
    sheet = graded("<0.0002")
    (line,) = sheet
    assert line.water_class is None
    assert line.excluded == (("HG", "detection_limit"),)
    assert "汞 <0.0002（检出限高于限值，无法判定）" in sheet.judgement(0).explain("zh")


def test_ammonia_below_1_5_is_not_class_III_by_half():
    # 0.75 would be class III; the true value may be 1.4, class IV
    for answer in (graded("<1.5", "氨氮").judgement(0), grade_sample({**CLEAN, "NH3N": below(1.5)})):
        assert (answer.water_class, answer.meets_target) == (None, None)
        assert [(left.item, left.kind, left.sign) for left in answer.excluded] == [("NH3N", "detection_limit", "<")]


def test_ammonia_above_0_5_does_not_meet_class_II():
    judged = grade_sample({**CLEAN, "NH3N": above(0.51)}, target="II")
    assert (judged.water_class, judged.at_best, judged.meets_target) == (None, "III", False)
    assert "氨氮 >0.51 mg/L（只知高于该值），超过Ⅱ类限值 0.5 mg/L，至少为Ⅲ类" in judged.explain("zh")
    assert graded(">0.51", "氨氮", target="II").judgement(0) == judged


def test_half_never_gives_a_class_that_the_detection_limit_does_not_have():
    # half of 0.9 is 0.45, class II; the truth may be 0.89, class III, which is what is said
    judged = grade_sample({**CLEAN, "NH3N": below(0.9)})
    assert judged.water_class == "III"
    assert "氨氮 <0.9 mg/L（按该值评价）" in judged.explain("zh")


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
    sheet = graded("<4.5", "溶解氧")
    (unknown,) = sheet
    assert (unknown.water_class, unknown.excluded) == (None, (("DO", "below_range"),))
    assert sheet.judgement(0).meets_target is False  # 4.5 is class IV at best
    (enough,) = graded(">8", "溶解氧")
    assert enough.water_class == "I"


@pytest.mark.parametrize(("cell", "expected"), [("<5", ">V"), (">9.5", ">V"), ("<6.5", None), (">8", None)])
def test_pH_by_a_bound_is_judged_only_where_it_is_outside_for_certain(cell: str, expected: str | None):
    (line,) = graded(cell, "pH")
    assert line.water_class == expected


def test_the_sign_is_said_of_what_is_judged_apart_too():
    # manganese, table 2: limit 0.1; "<0.01" is judged at 0.005, as the rule says
    judged = grade_sample({**CLEAN, "MN": below(0.01)})
    (manganese,) = judged.apart
    assert (manganese.value, manganese.over) == (0.005, False)
    assert "锰 <0.01 mg/L（按检出限的一半参加评价（0.005））" in judged.explain("zh")
    unknown = grade_sample({**CLEAN, "MN": below(0.2)})
    assert unknown.apart == ()
    assert [(left.item, left.kind) for left in unknown.excluded] == [("MN", "detection_limit")]
