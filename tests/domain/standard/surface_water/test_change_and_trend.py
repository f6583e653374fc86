"""Change between two periods and trend over several (环办〔2011〕22号)."""

import itertools

import numpy as np
import pytest

from riverchief.standard import grade_sample
from riverchief.standard.surface_water.basin import judge_basin
from riverchief.standard.surface_water.change import change_of_basin, change_of_class, change_of_shares
from riverchief.standard.surface_water.trend import mann_kendall, mean_ranks, spearman
from riverchief.table import read_table
from tests.domain.standard.waters import CLEAN


def test_the_change_of_the_worked_example():
    # I-III 60 -> 72, inferior V 10 -> 4: 12 - (-6) = 18 -> some improvement
    change = change_of_shares(60, 10, 72, 4)
    assert change is not None
    assert (change.measure, change.zh, change.direction) == (18, "有所好转", 1)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (10, "无明显变化"),
        (10.1, "有所好转"),
        (20, "有所好转"),
        (20.1, "明显好转"),
        (-20.1, "明显变差"),
        (-15, "有所变差"),
    ],
)
def test_sizes_at_and_beside_their_limits(measure: float, words: str):
    change = change_of_shares(50, 10, 50 + measure, 10)
    assert change is not None and change.zh == words


def test_levels_of_water_quality_moved_at_a_section():
    # 优 is class I and II: from one to the other nothing has changed
    pairs = (("I", "II"), ("II", "II"), ("II", "III"), ("III", "II"), (">V", "IV"), ("III", "V"), ("I", "IV"))
    words = [change_of_class(before, after) for before, after in pairs]
    assert [change.zh for change in words if change] == [
        "无明显变化",
        "无明显变化",
        "有所变差",
        "有所好转",
        "明显好转",
        "明显变差",
        "明显变差",
    ]
    assert change_of_class(None, "II") is None


def by_classes(good: int, fourth: int, worst: int):
    values = [0.3] * good + [1.2] * fourth + [3.0] * worst
    return judge_basin([grade_sample({**CLEAN, "NH3N": value}) for value in values])


def test_a_basin_is_compared_by_level_and_by_shares_and_the_larger_is_taken():
    # 70 % -> 80 % in I-III: lightly polluted -> good, one level (some); by shares 10 points (none): some
    change = change_of_basin(by_classes(7, 3, 0), by_classes(8, 2, 0))
    assert change is not None and (change.zh, change.verification) == ("有所好转", "own_knowledge")
    # 0 % -> 70 %: lightly polluted both times (no level), 70 points (notable)
    notable = change_of_basin(by_classes(0, 10, 0), by_classes(7, 3, 0))
    assert notable is not None and notable.zh == "明显好转"


def test_the_trend_of_the_worked_example():
    # ranks 8 6 7 5 3 4 2 1, sum d2 = 164, rs = 1 - 984 / 504 = -0.952; significant at 0.05 (0.643) and 0.01 (0.833)
    found = spearman(np.array([1.9, 1.7, 1.75, 1.4, 1.2, 1.3, 0.9, 0.8]))
    assert found is not None
    assert found.rs == pytest.approx(-0.952, abs=5e-4)
    assert (found.critical, found.critical_001, found.significance, found.direction) == (0.643, 0.833, 0.01, -1)
    assert found.verification == "computed"


def test_too_few_periods_have_no_trend_and_long_ones_are_unverified():
    assert spearman(np.array([1.0, 2.0, 3.0, 4.0])) is None
    found = spearman(np.arange(11.0))
    assert found is not None
    assert (found.critical, found.verification) == (0.564, "own_knowledge")  # N = 11: the row of 10


def test_ties_share_their_mean_rank():
    assert mean_ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


@pytest.mark.parametrize("n", [5, 6, 7])
def test_critical_values_by_enumerating_every_order(n: int):
    # one-sided: the share of permutations with rs >= Wp is at most 0.05, and the next smaller rs would be more
    time = np.arange(1, n + 1)
    rs = np.array([1 - 6 * np.sum((np.array(p) - time) ** 2) / (n**3 - n) for p in itertools.permutations(time)])
    row = next(
        r for r in read_table("riverchief.standard.surface_water", "spearman_critical.csv") if r["periods"] == str(n)
    )
    wp = float(row["wp_0_05"])
    assert np.mean(rs >= wp - 5e-4) <= 0.05
    smaller = rs[rs < wp - 5e-4].max()
    assert np.mean(rs >= smaller - 1e-9) > 0.05


def test_mann_kendall_by_hand():
    # 1, 3, 2, 4: signs + + + - + + -> S = 4; var = 4·3·13/18 = 8.667; z = 3 / 2.944 = 1.019
    found = mann_kendall(np.array([1.0, 3.0, 2.0, 4.0]))
    assert found is not None
    assert found.s == 4
    assert found.z == pytest.approx(1.0190, abs=1e-4)
    assert found.direction == 0
    # slopes 2, 0.5, 1, -1, 0.5, 2 -> median 0.75
    assert found.slope == pytest.approx(0.75)


def test_a_gap_keeps_its_place_in_time():
    found = mann_kendall(np.array([1.0, 2.0, np.nan, 4.0, 5.0]))
    assert found is not None and found.slope == pytest.approx(1.0)


def test_no_change_is_no_trend():
    assert mann_kendall(np.ones(10)) is None
