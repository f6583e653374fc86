"""Scores by hand."""

import math

import numpy as np
import pytest

from riverchief.forecast import issue, score
from riverchief.forecast.scores import LeadScore, covered, crps, skill_horizon_h
from tests.domain.forecast.toy import oxygen


def test_the_crps_is_twice_the_mean_pinball_loss():
    # all five quantiles at 1, y = 2: τ · 1 each, so 2 · mean(0.05, 0.25, 0.5, 0.75, 0.95) = 1, the absolute error
    assert crps(np.ones((5, 1)), np.array([2.0])) == pytest.approx(1.0)
    # quantiles 0, 1, 2, 3, 4 and y = 2: 2/5 · (0.05·2 + 0.25·1 + 0 + 0.25·1 + 0.05·2) = 0.28
    assert crps(np.arange(5.0)[:, None], np.array([2.0])) == pytest.approx(0.28)
    assert math.isnan(crps(np.full((5, 1), np.nan), np.array([2.0])))


def test_an_end_of_an_interval_belongs_to_it():
    low, high = np.array([1.0, 1.0, 1.0, np.nan]), np.array([2.0, 2.0, 2.0, 2.0])
    assert covered(low, high, np.array([2.0, 3.0, np.nan, 1.5])) == 0.5


def a_score(lead_h: float, mae: float, used: float = 1.0, n: int = 100) -> LeadScore:
    return LeadScore("S", "DO", lead_h, n, used, mae, {"damped": 1.0}, "damped", 0.7, 0.9, 0.1)


def test_the_skill_horizon_ends_where_the_first_lead_has_none():
    assert skill_horizon_h([a_score(24, 0.8), a_score(48, 0.9), a_score(72, 1.0), a_score(96, 0.9)]) == 48
    assert skill_horizon_h([a_score(24, 1.1), a_score(48, 0.9)]) is None
    assert skill_horizon_h([a_score(24, 0.8, used=0.0)]) is None  # a base is no skill
    assert skill_horizon_h([a_score(24, 0.8, n=5)]) is None  # neither are five cases


@pytest.fixture(scope="module")
def scores():
    panel = oxygen(days=900)
    panel.values[2, 600:] = np.nan  # a station that stopped
    return score(issue(panel, (1, 3), 600))


def test_every_method_is_scored_on_the_same_cases_and_hindsight_picks_the_bar(scores):
    for each in scores[:4]:
        assert each.n == 300 - each.lead_h / 24
        assert each.mae_best_base == min(each.mae_of.values())
        assert set(each.mae_of) == {"persistence", "climatology", "damped"}


def test_a_station_that_stopped_has_no_cases_and_no_figures(scores):
    assert [each.n for each in scores[4:]] == [0, 0]
    assert math.isnan(scores[4].mae) and math.isnan(scores[4].skill)


def test_what_can_be_known_is_reached_and_not_more(scores):
    # the damped anomaly is the best there is here: σ √(1 − φ²ʰ) · √(2/π) with σ = 0.5, φ = 0.8
    best = {
        24.0: 0.5 * (1 - 0.8**2) ** 0.5 * (2 / math.pi) ** 0.5,
        72.0: 0.5 * (1 - 0.8**6) ** 0.5 * (2 / math.pi) ** 0.5,
    }
    for each in scores[:4]:
        assert 0.85 * best[each.lead_h] < each.mae < 1.15 * best[each.lead_h]
        assert each.mae < 1.02 * each.mae_best_base


def test_nine_tenths_are_about_nine_tenths(scores):
    assert np.mean([each.coverage_90 for each in scores[:4]]) == pytest.approx(0.90, abs=0.03)
