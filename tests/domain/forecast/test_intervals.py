"""Intervals that are held to what they claim, also when the errors grow."""

import numpy as np

from riverchief.forecast.intervals import LEVELS, add_intervals
from riverchief.forecast.scores import covered


def intervals_of(errors: np.ndarray, lead: int = 1) -> np.ndarray:
    """Forecasts of 0 with width 1 whose truth, at the step of issue, is ``errors`` (places, steps)."""
    zero = np.zeros((1, *errors.shape))
    return add_intervals(zero, zero + 1.0, errors[None], (lead,), per_day=1)[:, 0]


def test_errors_of_a_normal_law_are_covered_as_promised():
    errors = np.random.default_rng(3).normal(size=(4, 1500))
    q = intervals_of(errors)
    for low, high, share in ((0, 4, 0.90), (1, 3, 0.50)):
        assert abs(covered(q[low, :, 200:], q[high, :, 200:], errors[:, 200:]) - share) < 0.02


def test_when_errors_double_the_intervals_follow():
    errors = np.random.default_rng(3).normal(size=(4, 1500))
    errors[:, 700:] *= 2.0
    q = intervals_of(errors)
    assert covered(q[0, :, 900:], q[4, :, 900:], errors[:, 900:]) > 0.87


def test_before_errors_are_known_there_is_a_median_and_no_interval():
    q = intervals_of(np.zeros((1, 60)))
    assert (q[2] == 0.0).all()
    assert np.isnan(q[0, 0, :7]).all()


def test_an_error_counts_only_when_its_truth_is_there():
    errors = np.random.default_rng(3).normal(size=(2, 300))
    changed = errors.copy()
    changed[:, 150:] += 50.0  # truth of forecasts issued from step 150 on comes at step 160 with lead 10
    before, after = intervals_of(errors, 10), intervals_of(changed, 10)
    np.testing.assert_array_equal(before[:, :, :160], after[:, :, :160])
    assert (before[4, :, 200:] != after[4, :, 200:]).any()


def test_quantiles_never_cross():
    errors = np.random.default_rng(5).exponential(size=(2, 400))
    q = intervals_of(errors)
    assert len(LEVELS) == len(q)
    assert (np.diff(q[:, :, 100:], axis=0) >= 0).all()
