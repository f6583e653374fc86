"""Checks of one series: by hand, against their slow twins, and each trap of the peers as a case of its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.observation.checks import (
    attenuated,
    climatology,
    gap,
    gaps,
    monthly_bands,
    range_check,
    rate,
    sensor_state,
    spike,
    stuck,
    time_order,
)
from tests.domain.observation.checks import slow_twins

NAN = float("nan")
HOUR = 3600.0


def hours(*values: float) -> np.ndarray:
    return np.array(values) * HOUR


def codes(outcome) -> list[int]:
    return outcome.codes.tolist()


def test_range_is_hard_and_soft_and_its_bounds_pass():
    outcome = range_check([0, 6, 9, 9.1, 14, 14.1, NAN], hard=(0, 14), soft=(6, 9))
    assert codes(outcome) == [3, 1, 1, 3, 3, 4, 9]
    assert outcome.thresholds == {"hard_low": 0, "hard_high": 14, "soft_low": 6, "soft_high": 9}


def test_a_bound_may_differ_from_value_to_value():
    assert codes(range_check([20, 20], soft=(None, np.array([25.0, 10.0])))) == [1, 3]


def test_climatology_knows_the_month_where_the_station_stands():
    low, high = np.full(12, NAN), np.full(12, NAN)
    low[0], high[0], low[6], high[6] = 0, 10, 15, 30
    new_year_in_china = np.datetime64("2020-12-31T16:30").astype("datetime64[s]").astype(float)
    july, march = (np.datetime64(day).astype("datetime64[s]").astype(float) for day in ("2021-07-15", "2021-03-15"))
    times = [new_year_in_china, july, july, march]
    assert codes(climatology(times, [25, 25, 5, 25], low, high, utc_offset_s=8 * HOUR)) == [3, 1, 3, 2]
    assert codes(climatology(times, [25, 25, 5, NAN], low, high)) == [2, 1, 3, 9]


def test_bands_out_of_the_past_hold_the_past_and_not_a_hundred_times_it():
    times = np.arange(0, 3 * 365 * 86400, 86400.0)
    values = 15 + 10 * np.sin(times / (365.25 * 86400) * 2 * np.pi)
    low, high = monthly_bands(times, values)
    assert (climatology(times, values, low, high).codes == 1).all()
    assert (climatology(times, values * 100, low, high).codes == 3).mean() > 0.9
    assert np.isnan(monthly_bands(times[:10], values[:10])[0]).all()


def test_a_spike_is_far_from_the_line_between_its_neighbours_in_time():
    # between 0 at 0 h and 9 at 9 h the line says 1 at 1 h: 1 is no spike, although the mean of the neighbours is 4.5
    assert codes(spike(hours(0, 1, 9), [0, 1, 9], suspect=3, fail=6)) == [2, 1, 2]
    assert codes(spike(hours(0, 1, 2), [0, 5, 0], suspect=3, fail=6)) == [2, 3, 2]
    assert codes(spike(hours(0, 1, 2), [0, 7, 0], suspect=3, fail=6)) == [2, 4, 2]
    assert codes(spike(hours(0, 1, 2), [0, 3, 0], suspect=3, fail=6)) == [2, 1, 2]  # equal passes


def test_an_edge_is_no_spike_for_the_differential_method():
    edge = [0, 0, 9, 9, 9]
    assert codes(spike(hours(0, 1, 2, 3, 4), edge, suspect=3, fail=6)) == [2, 3, 3, 1, 2]
    assert codes(spike(hours(0, 1, 2, 3, 4), edge, suspect=3, fail=6, method="differential")) == [2, 1, 1, 1, 2]


def test_a_spike_beside_a_missing_value_is_found_all_the_same():
    # ioos_qc says "unknown" here
    outcome = spike(hours(0, 1, 2, 3, 4), [0, NAN, 9, 0, 0], suspect=3, fail=6, method="differential")
    assert codes(outcome) == [2, 9, 4, 1, 2]


def test_neighbours_too_far_away_judge_nobody():
    assert codes(spike(hours(0, 1, 9), [0, 7, 0], suspect=3, fail=6, max_gap_s=2 * HOUR)) == [2, 2, 2]


def test_a_share_of_the_value_makes_floods_no_spikes():
    flood = [100, 400, 100]
    assert codes(spike(hours(0, 1, 2), flood, suspect=50, fail=500)) == [2, 3, 2]
    assert codes(spike(hours(0, 1, 2), flood, suspect=50, suspect_share=4, fail=500)) == [2, 1, 2]
    assert codes(spike(hours(0, 1, 2), [0, 7, 0], suspect=0.0)) == [2, 3, 2]  # a threshold of 0 is one


def test_the_rate_counts_hours_and_not_samples():
    assert codes(rate(hours(0, 1, 2, 12), [0, 3, 9, 39], suspect_per_h=2, fail_per_h=5)) == [2, 3, 4, 3]
    assert codes(rate(hours(0, 0.25), [0, 1], suspect_per_h=2)) == [2, 3]
    assert codes(rate(hours(0, 1, 2), [0, NAN, 9], suspect_per_h=2, fail_per_h=5)) == [2, 9, 3]
    assert codes(rate(hours(0, 30), [0, 900], suspect_per_h=2, max_gap_s=24 * HOUR)) == [2, 2]
    assert codes(rate(hours(1, 1), [0, 9], suspect_per_h=2)) == [2, 2]


def test_a_constant_signal_is_stuck_with_tolerance_zero():
    # ioos_qc with its default tolerance of 0 never finds a perfectly constant signal
    assert codes(stuck(hours(0, 1, 2, 3), [5, 5, 5, 5], suspect_s=2 * HOUR, fail_s=3 * HOUR)) == [4, 4, 4, 4]
    assert codes(stuck(hours(0, 1, 2, 3), [5, 5, 5, 5], suspect_s=2 * HOUR, fail_s=9 * HOUR)) == [3, 3, 3, 3]


def test_stuck_counts_hours_and_not_samples():
    # ninety values a minute apart are an hour and a half, whatever the usual interval of the series is
    burst = np.concatenate([np.arange(90) * 60.0, 1e6 + np.arange(200) * 4 * HOUR])
    values = np.concatenate([np.full(90, 5.0), np.arange(200.0)])
    assert (stuck(burst, values, suspect_s=8 * HOUR).codes == 1).all()


def test_looking_back_marks_the_whole_stretch_and_arriving_only_its_end():
    values = [1, 5, 5, 5, 5, 2]
    times = hours(0, 1, 2, 3, 4, 5)
    assert codes(stuck(times, values, suspect_s=2 * HOUR)) == [1, 3, 3, 3, 3, 1]
    assert codes(stuck(times, values, suspect_s=2 * HOUR, is_trailing=True)) == [1, 1, 1, 3, 3, 1]


def test_a_missing_value_does_not_end_a_stretch_and_a_gap_does():
    assert codes(stuck(hours(0, 1, 2, 3), [5, NAN, 5, 5], suspect_s=3 * HOUR)) == [3, 9, 3, 3]
    apart = stuck(hours(0, 1, 20, 21), [5, 5, 5, 5], suspect_s=3 * HOUR, max_gap_s=4 * HOUR)
    assert codes(apart) == [1, 1, 1, 1]


def test_at_the_detection_limit_a_value_may_stand_for_weeks():
    # ammonia at 土堡寨 stood at 0.025, the analyser's limit, for days
    times = np.arange(100) * 4 * HOUR
    assert (stuck(times, np.full(100, 0.025), suspect_s=72 * HOUR, floor=0.05).codes == 2).all()


def test_a_signal_that_moves_too_little_over_a_window():
    times = np.arange(20) * HOUR
    values = np.concatenate([np.tile([0.0, 1.0], 5), np.tile([0.5, 0.51], 5)])
    found = codes(attenuated(times, values, window_s=5 * HOUR, suspect=0.1, fail=0.001))
    assert found[:4] == [2] * 4 or found[:5] == [2] * 5
    assert set(found[5:10]) == {1} and set(found[15:]) == {3}
    assert codes(attenuated(times, values, window_s=5 * HOUR, suspect=0.1, of="range"))[15:] == [3] * 5


def test_a_gap_is_told_at_the_value_after_it():
    outcome = gap(hours(0, 1, 2, 10, 11), max_gap_s=2 * HOUR)
    assert codes(outcome) == [2, 1, 1, 3, 1]
    assert [(found.begin_s, found.end_s, found.missing) for found in gaps(hours(0, 1, 2, 10, 11), interval_s=HOUR)] == [
        (2 * HOUR, 10 * HOUR, 7)
    ]


def test_times_that_go_back_or_come_again():
    # in the order of arrival: 2 h comes late; 3 h comes again the same and then with another value
    outcome = time_order(hours(1, 3, 2, 3, 3, 4), [1, 3, 2, 3, 9, NAN])
    assert codes(outcome) == [1, 1, 3, 3, 4, 1]
    assert codes(time_order([], [])) == []


def test_what_the_source_says_of_its_instrument():
    assert codes(sensor_state(["unchecked", "maintenance", "above_range", "missing", "good"])) == [2, 4, 3, 9, 1]


SERIES = st.lists(
    st.tuples(st.integers(0, 20), st.one_of(st.just(NAN), st.sampled_from([0.0, 1.0, 1.0, 1.25, 2.0, 5.0]))),
    max_size=40,
)
LIMITS = st.one_of(st.just(NAN), st.sampled_from([0.0, 0.5, 1.0, 3.0]))


def arrays(series) -> tuple[np.ndarray, np.ndarray]:
    times = np.cumsum([step for step, _ in series]) if series else np.array([])
    return times.astype(float), np.array([value for _, value in series], dtype=float)


@settings(max_examples=400)
@given(SERIES, st.sampled_from([5.0, 12.0, np.inf]), LIMITS, LIMITS, LIMITS, LIMITS, st.booleans())
def test_spike_is_its_slow_twin(series, max_gap_s, suspect, fail, suspect_share, fail_share, is_differential):
    times, values = arrays(series)
    fast = spike(
        times,
        values,
        suspect=suspect,
        fail=fail,
        suspect_share=suspect_share,
        fail_share=fail_share,
        max_gap_s=max_gap_s,
        method="differential" if is_differential else "average",
    )
    slow = slow_twins.spike(times, values, max_gap_s, suspect, fail, suspect_share, fail_share, is_differential)
    assert codes(fast) == slow


@settings(max_examples=600)
@given(
    SERIES,
    st.sampled_from([None, 0.0, 1.0]),
    st.sampled_from([5.0, 15.0, np.inf]),
    st.sampled_from([NAN, 5.0, 20.0]),
    st.sampled_from([NAN, 20.0, 60.0]),
    st.sampled_from([0.0, 0.25, 1.0]),
    st.booleans(),
)
def test_stuck_is_its_slow_twin(series, floor, max_gap_s, suspect_s, fail_s, tolerance, is_trailing):
    times, values = arrays(series)
    fast = stuck(
        times,
        values,
        suspect_s=suspect_s,
        fail_s=fail_s,
        tolerance=tolerance,
        floor=floor,
        max_gap_s=max_gap_s,
        is_trailing=is_trailing,
    )
    limit = -np.inf if floor is None else floor
    assert codes(fast) == slow_twins.stuck(times, values, limit, max_gap_s, suspect_s, fail_s, tolerance, is_trailing)


@settings(max_examples=300)
@given(SERIES, st.sampled_from([10.0, 40.0]), st.integers(1, 4), st.booleans())
def test_attenuation_is_its_slow_twin(series, window_s, fewest, is_range):
    times, values = arrays(series)
    # thresholds between the spreads that so few distinct values can have, so that rounding cannot decide
    options = {"window_s": window_s, "suspect": 0.7130001, "fail": 0.1010001, "fewest": fewest}
    fast = attenuated(times, values, **options, of="range" if is_range else "std")
    assert codes(fast) == slow_twins.attenuated(times, values, window_s, fewest, 0.7130001, 0.1010001, is_range)


def test_rounding_does_not_add_up_over_a_long_series_far_from_zero():
    rng = np.random.default_rng(3)
    values = 1e6 + rng.normal(0, 0.01, 50_000)
    times = np.arange(50_000) * 60.0
    outcome = attenuated(times, values, window_s=3600, suspect=0.002, fail=0.0005)
    assert (outcome.codes[60:] == 1).all()


@pytest.mark.parametrize("check", [range_check, lambda v: spike(v, v), lambda v: rate(v, v), lambda v: stuck(v, v)])
def test_an_empty_series_has_no_codes(check):
    assert codes(check([])) == []
