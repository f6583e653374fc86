"""What left upstream arrives: share · Σ w_k a(t − k), and what has not left yet is the newest, faded."""

import numpy as np
import pytest

from riverchief.forecast import Upstream, issue, score
from riverchief.forecast.upstream import carry
from tests.domain.forecast.toy import DAY_S, oxygen


def test_the_weights_of_a_travel_time_sum_to_what_survives_and_have_its_mean():
    relation = Upstream.after("down", "up", 10 * DAY_S)
    weights = relation.weights(DAY_S)
    assert weights.sum() == pytest.approx(1.0, abs=2e-3)
    # w_k holds delays from k to k + 1 days: the mean of k + ½ is the travel time
    assert ((np.arange(len(weights)) + 0.5) * weights).sum() == pytest.approx(10.0, rel=0.01)
    half_decayed = Upstream("down", "up", 10 * DAY_S, (2 * DAY_S) ** 2, 1e15, np.log(0.5))
    assert half_decayed.weights(DAY_S).sum() == pytest.approx(0.5, abs=2e-3)


def test_a_pulse_upstream_is_expected_after_its_travel_time_and_not_before():
    anomalies = np.zeros((2, 40))
    anomalies[0, 10] = 1.0
    relation = Upstream.after("down", "up", 6 * DAY_S)
    fading = np.array([[0.0], [0.0]])
    carried = carry(anomalies, fading, ("up", "down"), [relation], step_s=DAY_S, leads=(1, 3, 6), end=40)
    assert carried is not None
    # seen at step 12 the pulse of step 10 is expected most for step 16, four steps later
    expected = {lead: float(carried.anomaly(np.array([12]), lead)[1, 0]) for lead in (1, 2, 3, 4, 5, 6, 8)}
    assert max(expected, key=lambda lead: expected[lead]) in (3, 4)
    assert float(carried.anomaly(np.array([9]), 6)[1, 0]) == 0.0  # it has not happened yet
    assert np.isnan(carried.anomaly(np.array([12]), 1)[0, 0])  # nothing lies upstream of `up`


def test_places_that_are_not_there_carry_nothing():
    relation = Upstream.after("elsewhere", "up", DAY_S)
    assert (
        carry(np.zeros((2, 9)), np.zeros((2, 1)), ("up", "down"), [relation], step_s=DAY_S, leads=(1,), end=9) is None
    )


def test_a_station_upstream_makes_the_forecast_downstream_better():
    panel = oxygen(days=500, fading=0.5, seed=4, places=2)
    anomaly = panel.values - panel.values.mean(axis=0)
    panel.values[1, 4:] += 4.0 * anomaly[0, :-4]  # what is upstream arrives four days later
    relation = [Upstream.after("S1", "S0", 4 * DAY_S)]
    with_it, without = (
        next(each.mae for each in score(issue(panel, (3,), 380, upstream=given)) if each.place == "S1")
        for given in (relation, [])
    )
    assert with_it < 0.85 * without
