"""Means and periods (环办〔2011〕22号; rounding from programs that cite 环办监测函〔2020〕82号)."""

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.standard.censored import BELOW, PLAIN, censored_rule
from riverchief.standard.surface_water.mean import evaluated_mean, plain_mean, spread_of
from riverchief.standard.surface_water.periods import judge_series, judge_values, lake_mean, period_labels
from tests.domain.standard.waters import CLEAN

NAN = np.nan
HALF = censored_rule("half")


def with_clean(size: int, **values) -> dict[str, np.ndarray]:
    """The other items of a class, clean in every one of ``size`` samples, beside ``values``."""
    return {code: np.full(size, value) for code, value in CLEAN.items()} | values


def value_of(judgement, item: str):
    return next(e for e in judgement.evidence if e.item == item)


def test_the_mean_of_pH_is_taken_over_the_hydrogen_ion():
    # -log10((10^-6.8 + 10^-7.6 + 10^-8.4) / 3) = 7.204, not (6.8 + 7.6 + 8.4) / 3 = 7.60
    assert plain_mean("PH", np.array([6.8, 7.6, 8.4])) == pytest.approx(7.204, abs=5e-4)


def test_a_mean_is_rounded_half_to_even_and_remembers_how_it_came_about():
    found = evaluated_mean("NH3N", spread_of("NH3N", np.array([0.12, 0.13, NAN]), None, HALF), HALF)  # 0.125 -> 0.12
    assert found is not None
    assert found.value == 0.12
    assert (found.origin.statistic, found.origin.samples, found.origin.decimals) == ("mean", 2, 2)
    assert found.origin.unrounded == pytest.approx(0.125)


def test_rounding_can_decide_the_class():
    # 0.5049 rounds to 0.50, class II; unrounded it would be III
    assert judge_values(with_clean(1, NH3N=np.array([0.5049]))).water_class == "II"
    assert judge_values(with_clean(1, NH3N=np.array([0.5051]))).water_class == "III"


def test_a_month_is_one_value_or_their_mean():
    assert judge_values({"TP": np.array([0.1, 0.3])}).evidence[0].value == pytest.approx(0.2)
    assert judge_values(with_clean(1, TP=np.array([0.3]))).water_class == "IV"


def test_a_quarter_needs_two_months_and_a_year_eight():
    one = judge_values({"TP": np.array([0.1, NAN, NAN])}, "quarter")
    assert one.water_class is None
    assert [(left.item, left.kind) for left in one.excluded] == [("TP", "not_in_period")]
    assert judge_values(with_clean(3, TP=np.array([0.1, 0.1, NAN])), "quarter").water_class == "II"
    assert judge_values(with_clean(8, TP=np.array([0.1] * 7 + [NAN])), "year").water_class is None
    assert judge_values(with_clean(8, TP=np.full(8, 0.1)), "year").water_class == "II"


def test_a_year_is_the_mean_of_months_so_that_busy_months_weigh_no_more():
    # January: 30 samples of 0.4; February to December: one sample of 0.1 each -> (0.4 + 11 · 0.1) / 12 = 0.125
    times = np.array(
        [f"2021-01-{day:02d}" for day in range(1, 31)] + [f"2021-{m:02d}-15" for m in range(2, 13)],
        dtype="datetime64[s]",
    )
    values = np.array([0.4] * 30 + [0.1] * 11)
    (year,) = judge_series(times, {"TP": values}, "year")
    assert year.label == "2021"
    assert year.judgement.evidence[0].value == pytest.approx(0.125)
    assert year.judgement.evidence[0].origin.samples == 12


def test_every_month_of_a_series_in_order():
    times = np.array(["2021-02-01", "2021-01-01", "2021-02-02"], dtype="datetime64[s]")
    values = with_clean(3, TP=np.array([0.3, 0.02, 0.5]), NH3N=np.array([0.1, NAN, 0.1]))
    found = judge_series(times, values)
    classes = {one.label: one.judgement.water_class for one in found}
    assert classes == {"2021-02": "V", "2021-01": None}  # January has no ammonia, a core item


def test_labels_of_periods():
    times = np.array(["2020-12-31", "2021-04-05"], dtype="datetime64[s]")
    assert period_labels(times, "quarter") == ["2020-Q4", "2021-Q2"]
    assert period_labels(times, "week") == ["2020-W53", "2021-W14"]
    assert period_labels(times, "day") == ["2020-12-31", "2021-04-05"]


def test_a_negative_value_is_no_value():
    judged = judge_values({"TP": np.array([-0.1, 0.3])})
    assert judged.evidence[0].value == pytest.approx(0.3)


def test_a_period_says_that_its_rounding_rule_was_not_read_in_the_document():
    judged = judge_values({"TP": np.array([0.3])})
    assert "转述" in judged.explain("zh") and "secondary" in judged.explain("en")


def test_the_sentence_says_how_a_mean_came_about():
    said = judge_values(with_clean(2, NH3N=np.array([1.2, 1.234]))).explain("zh")
    assert "氨氮 1.22 mg/L（2个值平均，1.217 修约到2位小数）" in said
    assert "按氢离子浓度平均" in judge_values({"PH": np.array([9.6, 9.8])}).explain("zh")


def test_a_lake_is_averaged_over_its_points():
    points = {"湖心": {"TP": 0.04, "PH": 6.8}, "湖岸": {"TP": 0.06, "pH": 8.4}}
    found = lake_mean(points)
    assert found["TP"] == pytest.approx(0.05)
    assert found["PH"] == pytest.approx(-np.log10((10**-6.8 + 10**-8.4) / 2))


def test_an_unknown_period_is_refused():
    with pytest.raises(BadInput):
        judge_values({"TP": np.array([0.1])}, "decade")  # type: ignore[arg-type]


def bounds_of(column: str, size: int, *below: int) -> dict[str, np.ndarray]:
    signs = np.full(size, PLAIN, np.uint8)
    signs[list(below)] = BELOW
    return {column: signs}


def test_half_the_detection_limit_takes_part_in_a_mean():
    # (0.3 + 0.5 * 0.1 + 0.4) / 3 = 0.25; with the whole 0.1 it is 0.27, class II as well
    month = with_clean(3, NH3N=np.array([0.3, 0.1, 0.4]))
    judged = judge_values(month, bounds=bounds_of("NH3N", 3, 1))
    assert (judged.water_class, value_of(judged, "NH3N").value) == ("II", 0.25)
    assert "氨氮 0.25 mg/L（3个值平均，0.25 修约到2位小数，其中1个带<或>（按检出限的一半参加评价））" in judged.explain(
        "zh"
    )


def test_a_mean_is_never_better_than_with_the_detection_limits_in_full():
    # <0.6: half (0.3 + 0.3) / 2 = 0.30, in full 0.45, both class II; <0.8: half 0.35, in full 0.55, class III
    assert judge_values(with_clean(2, NH3N=np.array([0.3, 0.6])), bounds=bounds_of("NH3N", 2, 1)).water_class == "II"
    judged = judge_values(with_clean(2, NH3N=np.array([0.3, 0.8])), bounds=bounds_of("NH3N", 2, 1))
    assert (judged.water_class, value_of(judged, "NH3N").value) == ("III", 0.55)
    # in full (0.3 + 2.4) / 2 = 1.35 is above the target's 1.0: nobody knows whether the target is met
    unknown = judge_values(with_clean(2, NH3N=np.array([0.3, 2.4])), bounds=bounds_of("NH3N", 2, 1))
    assert (unknown.water_class, unknown.meets_target) == (None, None)
    assert [(left.item, left.kind) for left in unknown.excluded] == [("NH3N", "detection_limit")]


def test_a_year_keeps_the_bounds_of_its_months():
    # eleven months of 0.4 and one of "<3": half 0.49, class II; in full 0.62, class III
    times = np.array([f"2021-{m:02d}-15" for m in range(1, 13)], dtype="datetime64[s]")
    values = with_clean(12, NH3N=np.array([0.4] * 11 + [3.0]))
    (year,) = judge_series(times, values, "year", bounds=bounds_of("NH3N", 12, 11))
    assert year.judgement.water_class == "III"


def test_a_metal_measured_once_a_quarter_is_not_due_in_the_mean_of_a_year():
    times = np.array([f"2021-{m:02d}-15" for m in range(1, 13)], dtype="datetime64[s]")
    values = with_clean(12, CU=np.array([0.001, NAN, NAN] * 4))
    (year,) = judge_series(times, values, "year")
    assert year.judgement.water_class == "I"
    assert [(left.item, left.kind) for left in year.judgement.excluded] == [("CU", "not_in_period")]
