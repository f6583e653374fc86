"""Mass closes to 1e-12 in every solver, on random rivers with lakes and side arms.

Finite volumes have their own test (``test_finite_volume.py``): there the balance of a run is at stake. Of transfer
functions and cumulants it is that what is released leaves through the mouths, all of it; of flow that the water does.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.example.rivers import random_rivers
from riverchief.transport import (
    Physics,
    backward_cumulants,
    forward_cumulants,
    reach_cumulants,
    responses,
    way_from,
)
from riverchief.transport.muskingum import plan_routing, route

HOUR = 3600.0
CASES = {"seed": st.integers(0, 2**32 - 1), "reaches": st.integers(2, 80)}


def river(seed: int, reaches: int):
    """A network with lakes and arms, its edges, and physics without decay, dead zones included."""
    rng = np.random.default_rng(seed)
    network = random_rivers(reaches, seed % 1000, lakes=0.15, divisions=0.1).network()
    lake = network.kind > 0
    physics = Physics.of(
        network.length_m,
        rng.uniform(0.1, 1.5, network.n),
        rng.uniform(1, 60, network.n),
        network.accumulate(rng.uniform(0.02, 1.0, network.n)),
        storage_ratio=0.3,
        exchange_per_s=rng.choice([0.0, 2e-4], network.n),
        residence_s=np.where(lake, rng.uniform(2e3, 2e5, network.n), np.nan),
    )
    edges = network.secondary
    return rng, network, (edges.source, edges.target, edges.fraction), physics


@settings(deadline=None, max_examples=40)
@given(**CASES)
def test_what_is_released_leaves_through_the_mouths_all_of_it(seed: int, reaches: int):
    rng, network, edges, physics = river(seed, reaches)
    source = int(rng.integers(network.n))
    own = reach_cumulants(physics)
    below, moments = forward_cumulants(network.down, own, source, secondary=edges)
    mouths = np.flatnonzero(network.down[below] < 0)
    assert np.exp(moments.log_survival[mouths]).sum() == pytest.approx(1.0, abs=1e-12)
    # seen from each mouth, the same shares
    for mouth in mouths.tolist():
        first, back = backward_cumulants(network.down, network.size, own, int(below[mouth]), secondary=edges)
        assert back.log_survival[source - first] == pytest.approx(moments.log_survival[mouth], abs=1e-12)
    way = way_from(network.down, source, edges)
    found = responses(way, physics, mouths, np.ones(mouths.size))
    assert sum(one.survival for one in found if one is not None) == pytest.approx(1.0, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(**CASES)
def test_all_the_water_of_a_storm_runs_out(seed: int, reaches: int):
    # Σ over the mouths ∫ O dt = Σ ∫ lateral dt once all is drained: 3,000 hours, K of 4 hours at most, 20 in lakes
    rng, network, _, physics = river(seed, reaches)
    lake = physics.is_lake
    lateral = np.zeros((3000, network.n))
    lateral[1:30] = rng.gamma(0.5, 2.0, (29, network.n))
    k = np.where(lake, rng.uniform(1.0, 20.0, network.n), rng.uniform(0.2, 4.0, network.n)) * HOUR
    x = np.where(lake, 0.0, rng.uniform(0.0, 0.4, network.n))
    flow = route(network, lateral, plan_routing(k, x, HOUR))
    mouths = np.flatnonzero(network.down < 0)
    assert flow[:, mouths].sum() == pytest.approx(lateral.sum(), rel=1e-12)
