"""Cumulants are derivatives of the logarithm of the transfer function; kernels have the cumulants they were given."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erfcx as scipy_erfcx
from scipy.special import gammainc

from riverchief.transport import (
    Cumulants,
    Physics,
    as_edges,
    backward_cumulants,
    forward_cumulants,
    kernel,
    kernel_cdf,
    reach_cumulants,
)
from riverchief.transport.kernel import erfcx, gamma_share
from tests.truth.transport_equations import derivatives_at_zero, log_transfer, slug_flux

#   0 ──┐
#       2 ──┐            3 is a lake; half of 1 leaves through a side arm into 4
#   1 ──┴╌╌╌╌╌┐
#           3 ─ 4 ─ 5    (2 → 3 → 4 → 5)
DOWN = np.array([2, 2, 3, 4, 5, -1])
SIZE = np.array([1, 1, 3, 4, 5, 6])
RIVER = {
    "length_m": np.array([2000.0, 900, 5000, 1000, 3000, 8000]),
    "velocity_m_s": np.array([0.3, 0.8, 0.5, 0.1, 0.6, 0.4]),
    "dispersion_m2_s": np.array([5.0, 12, 10, 1, 20, 15]),
    "discharge_m3_s": np.array([1.0, 2, 3, 3, 4, 4]),
    "decay_per_s": np.array([1e-5, 0, 2e-5, 1e-6, 0, 1e-5]),
    "storage_ratio": np.array([0.3, 0, 0.2, 0, 0.5, 0]),
    "exchange_per_s": np.array([1e-3, 0, 4e-4, 0, 1e-4, 0]),
    "residence_s": np.array([np.nan, np.nan, np.nan, 20000, np.nan, np.nan]),
}


def log_of_reach(s, i):
    return log_transfer(s, *(RIVER[name][i] for name in RIVER if name != "discharge_m3_s"))


@pytest.mark.parametrize("reach", range(6))
def test_a_reach_has_the_derivatives_of_its_transfer_function(reach: int):
    own = reach_cumulants(Physics.of(**RIVER))
    value, first, second, third = derivatives_at_zero(lambda s: log_of_reach(s, reach), radius=2e-5)
    assert own[reach] == pytest.approx([-first, second, -third, value], rel=1e-7, abs=1e-12)


def test_reaches_in_a_row_add_up():
    own = reach_cumulants(Physics.of(**RIVER))
    first, found = backward_cumulants(DOWN, SIZE, own, 5)
    assert first == 0
    for reach, way in ((0, [0, 2, 3, 4, 5]), (1, [1, 2, 3, 4, 5]), (4, [4, 5]), (5, [5])):
        assert [column[reach] for column in found] == pytest.approx(own[way].sum(axis=0).tolist())


def test_a_station_part_way_counts_that_part_of_its_reach():
    own = reach_cumulants(Physics.of(**RIVER))
    first, found = backward_cumulants(DOWN, SIZE, own, 2, share=0.25)
    assert first == 0
    assert [column[2] for column in found] == pytest.approx((own[2] * 0.25).tolist())
    assert [column[0] for column in found] == pytest.approx((own[0] + own[2] * 0.25).tolist())


def test_where_a_river_divides_the_ways_are_mixed_by_what_arrives():
    # 1 sends 0.4 to 4 directly and 0.6 through 2 and the lake 3: H = h₁ (0.6 h₂ h₃ h₄ h₅ + 0.4 h₄ h₅)
    own = reach_cumulants(Physics.of(**RIVER))
    edges = as_edges([(1, 4, 0.4)])

    def log_of_both(s):
        ways = 0.6 * np.exp(log_of_reach(s, 2) + log_of_reach(s, 3)) + 0.4
        return np.log(ways) + log_of_reach(s, 1) + log_of_reach(s, 4) + log_of_reach(s, 5)

    value, one, two, three = derivatives_at_zero(log_of_both, radius=5e-6)
    _, found = backward_cumulants(DOWN, SIZE, own, 5, secondary=edges)
    assert [column[1] for column in found] == pytest.approx([-one, two, -three, value], rel=1e-6)
    reaches, forward = forward_cumulants(DOWN, own, 1, secondary=edges)
    assert reaches.tolist() == [1, 2, 3, 4, 5]
    assert [column[-1] for column in forward] == pytest.approx([-one, two, -three, value], rel=1e-6)


def test_a_side_arm_that_misses_the_station_is_a_loss():
    own = reach_cumulants(Physics.of(**RIVER))
    _, found = backward_cumulants(DOWN, SIZE, own, 2, secondary=as_edges([(1, 4, 0.4)]))
    assert found.log_survival[1] == pytest.approx(own[1, 3] + own[2, 3] + np.log(0.6))
    assert found.mean_s[1] == pytest.approx(own[1, 0] + own[2, 0])


def test_a_side_arm_brings_a_neighbouring_tree_into_the_station_and_only_what_drains_to_it():
    # two basins: 0 → 1 → 2 (outlet) and 3 → 4 (outlet); reach 1 sends a third of its water to 3
    down, size = np.array([1, 2, -1, 4, -1]), np.array([1, 2, 3, 1, 2])
    own = reach_cumulants(Physics.of(np.full(5, 1000.0), 0.5, 10.0, 1.0))
    first, found = backward_cumulants(down, size, own, 4, secondary=as_edges([(1, 3, 1 / 3)]))
    assert first == 0
    assert found.log_survival.tolist() == pytest.approx([np.log(1 / 3), np.log(1 / 3), -np.inf, 0, 0])
    assert found.mean_s[0] == pytest.approx(8000.0)
    assert kernel(8000.0, found)[2] == 0.0 and kernel_cdf(8000.0, found)[2] == 0.0


@settings(deadline=None)  # the first example compiles the kernels
@given(seed=st.integers(0, 2**32 - 1), reaches=st.integers(2, 40))
def test_backward_and_forward_tell_the_same(seed: int, reaches: int):
    rng = np.random.default_rng(seed)
    down = np.array([rng.integers(i + 1, min(i + 6, reaches)) if i + 1 < reaches else -1 for i in range(reaches)])
    # A sparse random DAG: any "to" above "from" will do for the forward pass; sizes of one basin hold everything.
    size = np.arange(1, reaches + 1)
    residence = np.where(rng.random(reaches) < 0.2, rng.uniform(1e3, 1e5, reaches), np.nan)
    physics = Physics.of(
        rng.uniform(100, 5000, reaches),
        rng.uniform(0.05, 2, reaches),
        rng.uniform(0.5, 60, reaches),
        1.0,
        decay_per_s=rng.choice([0, 1e-5], reaches),
        storage_ratio=0.2,
        exchange_per_s=1e-4,
        residence_s=residence,
    )
    edges = [
        (i, rng.integers(i + 1, reaches), rng.uniform(0.05, 0.5)) for i in range(reaches - 1) if rng.random() < 0.2
    ]
    own = reach_cumulants(physics)
    first, back = backward_cumulants(down, size, own, reaches - 1, secondary=as_edges(edges))
    source = int(rng.integers(0, reaches))
    found, forth = forward_cumulants(down, own, source, secondary=as_edges(edges))
    assert found[-1] == reaches - 1
    assert [c[source - first] for c in back] == pytest.approx([c[-1] for c in forth], rel=1e-9)


def test_the_kernel_of_one_reach_is_the_closed_form():
    # slug over 20 km, v 0.5, D 10, k 1e-5: mass flow over Q = 10 m³/s
    physics = Physics.of(20_000.0, 0.5, 10.0, 10.0, decay_per_s=1e-5)
    _, found = backward_cumulants(np.array([-1]), np.array([1]), reach_cumulants(physics), 0)
    t = np.linspace(9, 13, 41) * 3600
    assert 1e6 / 10 * kernel(t, found) == pytest.approx(slug_flux(2e4, t, 1e6, 10, 0.5, 10, 1e-5), rel=1e-9)


def test_the_kernel_of_one_lake_is_the_mixed_tank():
    # mass flow out of a tank: exp(-(k + 1/τ) t)/τ
    physics = Physics.of(1.0, np.nan, np.nan, 1.0, decay_per_s=1e-5, residence_s=3e4)
    _, found = backward_cumulants(np.array([-1]), np.array([1]), reach_cumulants(physics), 0)
    t = np.linspace(1.0, 2e5, 50)
    assert kernel(t, found) == pytest.approx(np.exp(-(1e-5 + 1 / 3e4) * t) / 3e4, rel=1e-9)


@pytest.mark.parametrize(
    ("mean", "variance", "third"),
    [(1e4, 1e6, 4e8), (1e4, 4e6, 3.5e9), (1e4, 1e8, 2e12), (1e4, 5e7, 5e11), (500, 1e5, 7e7)],
)
def test_a_kernel_has_its_mass_its_cumulants_and_its_integral(mean, variance, third):
    given_cumulants = Cumulants(*(np.array(x) for x in (mean, variance, third, np.log(0.25))))
    spread = np.sqrt(variance)
    cuts = np.concatenate([np.linspace(max(mean - 8 * spread, 0), mean + 10 * spread, 20), [mean + 60 * spread]])

    def moment(power):
        pairs = pairwise(cuts)
        return sum(quad(lambda t: float(kernel(t, given_cumulants)) * (t - mean) ** power, a, b)[0] for a, b in pairs)

    assert moment(0) == pytest.approx(0.25, rel=1e-6)
    assert moment(1) / 0.25 == pytest.approx(0.0, abs=1e-5 * mean)
    assert moment(2) / 0.25 == pytest.approx(variance, rel=1e-4)
    assert moment(3) / 0.25 == pytest.approx(third, rel=1e-3)
    until = mean + 0.7 * spread
    arrived = quad(lambda t: float(kernel(t, given_cumulants)), 0, until, points=[max(mean - spread, 1), mean])[0]
    assert float(kernel_cdf(until, given_cumulants)) == pytest.approx(arrived, rel=1e-6)


def test_special_functions_against_scipy():
    for x in (0.0, 0.3, 2.0, 19.99, 20.01, 50.0, 1e4):
        assert erfcx(x) == pytest.approx(scipy_erfcx(x), rel=1e-12)
    for shape in (0.3, 1.0, 4.5, 400.0):
        for x in (0.01, 0.9, 5.0, 380.0, 430.0):
            assert gamma_share(shape, x) == pytest.approx(gammainc(shape, x), rel=1e-10, abs=1e-300)
