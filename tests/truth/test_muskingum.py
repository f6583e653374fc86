"""Muskingum routing: the textbook's flood, its own mass, no negative water, and the linear reservoir."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.example.rivers import random_rivers, toy_river
from riverchief.place import Network
from riverchief.transport import Kinetics, Physics, simulate
from riverchief.transport.muskingum import muskingum_parameters, plan_routing, route, routed_flow

HOUR = 3600.0


def one(length=10_000.0) -> Network:
    return Network.build([1], [-1], [length])


def slow_twin(inflow, k, x, step, parts, cycles):
    """The equation as it is written, one step after the other."""
    series = np.asarray(inflow, float)
    for _ in range(parts):
        h = step / cycles
        fine = np.interp(np.arange((series.size - 1) * cycles + 1) / cycles, np.arange(series.size), series)
        den = k / parts * (1 - x) + h / 2
        c1, c2, c3 = (h / 2 - k / parts * x) / den, (h / 2 + k / parts * x) / den, (k / parts * (1 - x) - h / 2) / den
        out = [fine[0]]
        for t in range(fine.size - 1):
            out.append(c1 * fine[t + 1] + c2 * fine[t] + c3 * out[-1])
        series = np.array(out)[::cycles]
    return series


def test_a_flood_worked_by_hand():
    # K 2 d, x 0.2, step 1 d: 1/C = 2·0.8 + 0.5 = 2.1; C₁ = 0.1/2.1, C₂ = 0.9/2.1, C₃ = 1.1/2.1
    inflow = np.array([10.0, 30, 60, 40, 20, 10])
    expected = [10.0]
    for now, then in pairwise(inflow):
        expected.append((0.1 * then + 0.9 * now + 1.1 * expected[-1]) / 2.1)
    found = route(one(), inflow[:, None], plan_routing(2 * 86_400.0, 0.2, 86_400.0))
    assert found[:, 0] == pytest.approx(expected)
    assert found[1, 0] == pytest.approx((3 + 9 + 11) / 2.1)


@settings(deadline=None, max_examples=100)
@given(k=st.floats(1.0, 1e7), x=st.floats(0, 0.45), step=st.sampled_from([60.0, 900.0, HOUR, 86_400.0]))
def test_no_coefficient_is_ever_negative(k, x, step):
    plan = plan_routing(k, x, step)
    n, m = int(plan.parts[0]), int(plan.cycles[0])
    if n == 0:
        assert 2 * k * (1 - x) < step / 64 * 1.001  # shorter than any cycle: what enters leaves
        return
    assert 2 * k * x / n <= step / m * (1 + 1e-9) and step / m <= 2 * k * (1 - x) / n * (1 + 1e-9)


def random_case(seed, reaches, times):
    rng = np.random.default_rng(seed)
    network = random_rivers(reaches, seed % 997, divisions=0.1).network()
    lateral = rng.gamma(0.5, 1.0, (times, network.n))
    k = rng.uniform(30.0, 40_000.0, network.n)
    return network, lateral, plan_routing(k, rng.uniform(0, 0.45, network.n), HOUR)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), reaches=st.integers(1, 50), times=st.integers(1, 40))
def test_any_network_equals_the_equation_reach_by_reach(seed, reaches, times):
    network, lateral, plan = random_case(seed, reaches, times)
    inflow = lateral.T.copy()
    expected = np.empty_like(inflow)
    edges = network.secondary
    for i in range(network.n):
        args = (plan.k_s[i], plan.x[i], HOUR, int(plan.parts[i]), int(plan.cycles[i]))
        expected[i] = slow_twin(inflow[i], *args)
        for source, target, fraction in zip(edges.source, edges.target, edges.fraction, strict=True):
            if source == i:
                inflow[target] += fraction * expected[i]
        if network.down[i] >= 0:
            inflow[network.down[i]] += network.main_fraction[i] * expected[i]
    found = route(network, lateral, plan)
    assert found == pytest.approx(expected.T, rel=1e-12, abs=1e-12)
    assert found.min() >= 0
    some = np.arange(0, network.n, 3)
    assert route(network, lateral, plan, some) == pytest.approx(found[:, some], rel=0, abs=0)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), k=st.floats(60, 1e5), x=st.floats(0, 0.45))
def test_water_is_neither_made_nor_lost(seed, k, x):
    # ∫ (I - O) dt over the trapezoids = S(end) - S(0), S = K (x I + (1 - x) O) of each part
    rng = np.random.default_rng(seed)
    inflow = rng.gamma(0.7, 5.0, 60)
    plan = plan_routing(k, x, HOUR)
    n, m = int(plan.parts[0]), int(plan.cycles[0])
    series, stored = inflow, 0.0
    if n == 0 or m > 1:
        return
    for _ in range(n):
        out = slow_twin(series, k / n, x, HOUR, 1, 1)
        storage = k / n * (x * series + (1 - x) * out)
        stored += storage[-1] - storage[0]
        series = out
    found = route(one(), inflow[:, None], plan)[:, 0]
    moved = np.trapezoid(inflow - found, dx=HOUR)
    assert moved == pytest.approx(stored, abs=1e-12 * np.trapezoid(inflow, dx=HOUR))


def test_x_zero_is_a_linear_reservoir():
    # step of inflow 0 → 1: O = 1 - exp(-t/K), to the trapezoid's second order
    k = 20 * HOUR
    inflow = np.ones((200, 1))
    inflow[0] = 0.0
    found = route(one(), inflow, plan_routing(k, 0.0, HOUR))[:, 0]
    t = HOUR * np.arange(200)
    assert found[1:] == pytest.approx(1 - np.exp(-(t[1:] - 0.5 * HOUR) / k), abs=3e-4)


def test_parameters_of_cunge():
    # v 0.6 → c 1.0; L 6 km → K 6,000 s; Q 12, B 20, S 0.001: x = ½ (1 - 12/(20·0.001·1·6000)) = 0.45
    k, x = muskingum_parameters(6000.0, 0.6, 12.0, 20.0, 0.001)
    assert k == pytest.approx(6000.0) and x == pytest.approx(0.45)
    _, unknown = muskingum_parameters(6000.0, 0.6)
    assert unknown == 0.2
    _, steep_and_short = muskingum_parameters(10.0, 0.6, 100.0, 5.0, 0.0001)
    assert steep_and_short == 0.0


def test_routed_flow_fills_and_empties_the_river_of_the_finite_volumes():
    network = toy_river()
    rng = np.random.default_rng(3)
    lateral = 0.5 + rng.gamma(2.0, 0.5, (25, 5))
    lateral[0] = 1.0
    flow0 = network.accumulate(lateral[0])
    physics = Physics.of(network.length_m, 0.6, 12.0, flow0)
    k, x = muskingum_parameters(network.length_m, physics.velocity_m_s)
    flow = routed_flow(network, lateral, plan_routing(k, x, HOUR))
    found = simulate(
        network, physics, 24 * HOUR, [], kinetics=Kinetics.of(["TRACER"]), flow=flow, inflow_mg_l=3.0, initial_mg_l=3.0
    )
    assert found.state == pytest.approx(3.0, rel=1e-10)
    assert np.abs(found.balance.error).max() < 1e-12
    before = flow0 * network.length_m / 0.6
    moved = (flow.head_m3_s.sum() - flow.foot_m3_s[:, network.down < 0].sum()) * HOUR
    assert found.volume_m3.sum() - before.sum() == pytest.approx(moved, rel=1e-9)


def test_gaps_and_impossible_parameters_are_refused():
    network = toy_river()
    plan = plan_routing(HOUR, 0.2, HOUR)
    for lateral in (np.full((3, 5), np.nan), np.full((3, 5), -1.0), np.ones((3, 4)), np.ones(5)):
        with pytest.raises(BadInput):
            route(network, lateral, plan)
    with pytest.raises(BadInput) as refused:
        plan_routing([HOUR, 0.0, np.nan], [0.2, 0.9, 0.2], 0.0)
    assert [fault.column for fault in refused.value.faults] == ["k_s", "x", "step_s"]
