"""Where the tests are the same, so are the flags: held against ioos_qc 3 where it is installed (the bench group)."""

import warnings

import numpy as np
import pytest

from riverchief.observation.checks import attenuated, range_check, rate, spike, stuck

qartod = pytest.importorskip(
    "ioos_qc.qartod", reason="PEER MISSING: ioos_qc is not installed; this test proved nothing"
)
warnings.filterwarnings("ignore", module="ioos_qc")


@pytest.fixture(scope="module")
def series() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    times = np.arange(20_000) * 900.0
    values = 10 + 5 * np.sin(np.arange(20_000) / 96 * 2 * np.pi) + rng.normal(0, 0.1, 20_000)
    values[rng.integers(0, 20_000, 60)] += rng.normal(0, 30, 60)
    for start in rng.integers(0, 19_000, 12):
        values[start : start + 150] = values[start]
    return times, values


def moments(times: np.ndarray) -> np.ndarray:
    return times.astype("datetime64[s]")


def test_range(series):
    _, values = series
    mine = range_check(values, hard=(0, 40), soft=(2, 20)).codes
    theirs = qartod.gross_range_test(values, (0, 40), (2, 20))
    assert np.array_equal(mine, np.asarray(theirs)) and set(mine) == {1, 3, 4}


@pytest.mark.parametrize("method", ["average", "differential"])
def test_spike_on_even_steps(series, method):
    times, values = series
    mine = spike(times, values, suspect=3.0, fail=8.0, method=method).codes
    theirs = qartod.spike_test(values, 3.0, 8.0, method=method)
    assert np.array_equal(mine, np.asarray(theirs)) and {3, 4} <= set(mine)


def test_rate(series):
    times, values = series
    mine = rate(times, values, suspect_per_h=8.0, fail_per_h=40.0).codes
    theirs = np.asarray(qartod.rate_of_change_test(values, moments(times), 8.0 / 3600, 40.0 / 3600))
    assert np.array_equal(mine[1:], theirs[1:]) and {3, 4} <= set(mine)  # the first value: "not evaluated" here


def test_stuck_on_even_steps_while_arriving(series):
    times, values = series
    mine = stuck(times, values, suspect_s=6 * 3600, fail_s=24 * 3600, tolerance=1e-9, is_trailing=True).codes
    theirs = np.asarray(qartod.flat_line_test(values, moments(times), 6 * 3600, 24 * 3600, tolerance=1.000001e-9))
    assert np.array_equal(mine, theirs) and {3, 4} <= set(mine)


def test_attenuated(series):
    times, values = series
    mine = attenuated(times, values, window_s=6 * 3600, suspect=0.5, fail=0.1).codes
    theirs = np.asarray(
        qartod.attenuated_signal_test(values, moments(times), 0.5, 0.1, test_period=6 * 3600, min_period=6 * 3600)
    )
    judged = (mine != 2) & (theirs != 2)
    assert judged.mean() > 0.99 and np.array_equal(mine[judged], theirs[judged]) and {3, 4} <= set(mine)
