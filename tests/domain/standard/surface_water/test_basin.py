"""Sections, rivers and basins: main pollutants, shares, targets (环办〔2011〕22号)."""

import pytest

from riverchief.standard import grade_sample
from riverchief.standard.censored import below
from riverchief.standard.surface_water.basin import judge_basin, status_by_shares
from riverchief.standard.surface_water.pollutants import main_pollutants, pollutants_text
from riverchief.standard.surface_water.targets import good_share, target_rate
from tests.domain.standard.waters import CLEAN

GOOD, FOURTH, FIFTH, WORST = ({**CLEAN, "NH3N": value} for value in (0.3, 1.2, 1.8, 3.0))


def sections(good: int, fourth: int = 0, fifth: int = 0, worst: int = 0, unknown: int = 0):
    values = [GOOD] * good + [FOURTH] * fourth + [FIFTH] * fifth + [WORST] * worst + [{**CLEAN, "NH3N": None}] * unknown
    return [grade_sample(value) for value in values]


def test_the_main_pollutants_of_the_worked_example():
    # README: 总磷(0.3)、氨氮(0.2)、化学需氧量(0.1)
    values = {"pH": 7.8, "DO": 6.4, "CODMN": 5.2, "COD": 22, "BOD5": 3.1, "NH3N": 1.21, "TP": 0.26}
    assert pollutants_text(main_pollutants(grade_sample(values))) == "总磷(0.3)、氨氮(0.2)、化学需氧量(0.1)"


def test_a_worse_class_goes_before_a_larger_multiple():
    # COD 60 is worse than V (multiple 2.0); fluoride 1.6 likewise (0.6); ammonia 1.9 is V (0.9)
    judged = grade_sample({"COD": 60, "NH3N": 1.9, "F": 1.6, "TP": 0.25})
    assert [p.item for p in main_pollutants(judged)] == ["COD", "F", "NH3N"]


def test_a_heavy_metal_over_the_limit_goes_first():
    judged = grade_sample({"COD": 60, "HG": 0.0002, "NH3N": 1.9, "TP": 0.35})
    assert [p.item for p in main_pollutants(judged)] == ["HG", "COD", "NH3N"]


def test_oxygen_and_pH_have_no_multiple():
    assert pollutants_text(main_pollutants(grade_sample({"DO": 2.5, "pH": 9.4}))) == "pH值、溶解氧"


def test_good_water_has_no_main_pollutant_and_the_target_does_not_matter():
    assert main_pollutants(grade_sample({"NH3N": 0.9}, target="II")) == ()
    (ammonia,) = main_pollutants(grade_sample({"NH3N": 1.2}, target="V"))
    assert ammonia.multiple == pytest.approx(0.2)


def test_the_river_of_the_worked_example():
    # 12 sections: 8 in I-III, 2 in IV, 1 in V, 1 worse: 66.7 % and 8.3 % -> lightly polluted
    found = judge_basin(sections(8, 2, 1, 1))
    assert (found.method, found.status_zh) == ("shares", "轻度污染")
    assert found.shares.good == pytest.approx(66.7, abs=0.05)
    assert found.shares.inferior == pytest.approx(8.3, abs=0.05)
    assert found.pollutants[0].share == pytest.approx(4 / 12 * 100)


@pytest.mark.parametrize(
    ("good", "inferior", "status"),
    [
        (90, 0, "优"),
        (89.9, 0, "良好"),
        (75, 25, "良好"),
        (74.9, 19.9, "轻度污染"),
        (74.9, 20, "中度污染"),
        (60, 39.9, "中度污染"),
        (60, 40, "重度污染"),  # the two printed tables differ here; the worse is taken
        (59.9, 40, "重度污染"),
        (0, 100, "重度污染"),
    ],
)
def test_at_and_beside_the_limits_of_the_shares(good: float, inferior: float, status: str):
    assert status_by_shares(good, inferior)[0] == status


def test_fewer_than_five_sections_are_averaged():
    # (0.3 + 1.2 + 3.0 + 3.0) / 4 = 1.875 -> 1.88, class V, moderately polluted; by shares it would be heavily (50 %)
    found = judge_basin(sections(1, 1, 0, 2))
    assert found.method == "mean" and found.mean is not None
    ammonia = next(e for e in found.mean.evidence if e.item == "NH3N")
    assert (found.status_zh, ammonia.value) == ("中度污染", 1.88)


def test_under_five_sections_the_main_pollutants_are_those_of_each_section():
    found = judge_basin(sections(1, 1, 0, 1))
    assert found.pollutants == ()
    assert [[p.text() for p in one] for one in found.by_section] == [[], ["氨氮(0.2)"], ["氨氮(2.0)"]]


def test_a_silent_station_changes_no_method():
    # five sections by shares: 80 % in I-III: good. With one silent it is still a river of five sections
    assert judge_basin(sections(4, worst=1)).status_zh == "良好"
    silent = judge_basin(sections(3, worst=1), sections=5)
    assert (silent.method, silent.shares.judged, silent.shares.unjudged) == ("shares", 4, 1)
    assert silent.status_zh == "良好"  # 3 of 4 judged
    assert silent.at_worst("zh") == "重度污染"  # 60 % and 40 % if the silent one were the worst


def test_a_bound_of_one_section_never_makes_the_river_better():
    plain = judge_basin([grade_sample({**CLEAN, "NH3N": v}) for v in (0.3, 0.9)])
    bound = judge_basin([grade_sample({**CLEAN, "NH3N": 0.3}), grade_sample({**CLEAN, "NH3N": below(0.9)})])
    assert plain.mean is not None and bound.mean is not None
    assert plain.mean.water_class == "III" == bound.mean.water_class  # (0.3 + 0.9) / 2 = 0.6


def test_sections_without_a_class_count_in_no_share():
    found = judge_basin(sections(4, unknown=2))
    assert (found.shares.judged, found.shares.unjudged, found.shares.good) == (4, 2, 100.0)
    nothing = judge_basin(sections(0, unknown=6))
    assert nothing.status_zh == ""


def test_oxygen_by_saturation_is_averaged_in_mg_l():
    warm = [grade_sample({**CLEAN, "DO": 7.2, "WT": 28}), grade_sample({**CLEAN, "DO": 5.0})]
    found = judge_basin(warm)
    assert found.mean is not None
    assert [e.value for e in found.mean.evidence if e.item == "DO"] == [6.1]


def test_each_section_is_held_to_its_own_target():
    judged = [grade_sample(GOOD, target="II"), grade_sample(FOURTH, target="III"), grade_sample(FOURTH, target="IV")]
    rate = target_rate(judged)
    assert (rate.meeting, rate.failing, rate.rate) == (2, 1, pytest.approx(66.67, abs=0.01))
    assert good_share(judged) == pytest.approx(33.33, abs=0.01)


def test_what_is_not_known_is_not_met():
    rate = target_rate(sections(1, unknown=1))
    assert (rate.rate, rate.unknown, rate.lowest, rate.highest) == (100.0, 1, 50.0, 100.0)
    assert target_rate([]).rate is None
