"""Source tracing where everything can be worked out by hand: one channel, one station, three outfalls.

In a uniform channel without end a release M at x = 0, t = 0 stands at x as (Fischer et al. 1979, eq. 2.19)

    c(x, t) = M / (A √(4πDt)) exp(-(x - vt)²/(4Dt) - kt)

so the evidence of each outfall is an integral that a grid can do, with the very errors that the tracer is told.
"""

import math

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import t as students_t

from riverchief.place import Network, locate
from riverchief.tracing import Assumptions, Candidate, StationSamples, trace
from riverchief.tracing.lags import CLOCK_S, PACE, WIDTH
from riverchief.tracing.posterior import NEAR_MARGIN
from riverchief.transport import Physics

V, D, K, Q = 0.5, 15.0, 2e-6, 4.0  # m/s, m²/s, 1/s, m³/s
AREA = Q / V
LENGTH, REACHES = 4000.0, 15
STATION = 58_000.0
OUTFALLS = {"far": 27_000.0, "middle": 30_000.0, "near": 33_500.0}
SECOND_0 = 1_795_104_000.0
TOLD = Assumptions(
    velocity=0.0, local_velocity=0.0, dispersion=0.0, discharge=0.0, noise=0.05, model=0.05, floor_mg_l=0.02,
    shortest_s=900.0, longest_s=900.0, lookback_s=2 * 86400.0,
    listed=1.0, flow=0.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def channel():
    ids = list(range(1, REACHES + 1))
    network = Network.build(ids, [*ids[1:], -1], np.full(REACHES, LENGTH))
    return network, Physics.of(network.length_m, V, D, Q, decay_per_s=K)


def at(network, metres):
    reach = int(metres // LENGTH)
    return locate(network, reach + 1, metres - reach * LENGTH)


def stands(way_m, time_s):
    """mg/L for each kg released evenly over a quarter of an hour about time 0."""
    total = np.zeros_like(time_s)
    for shift in np.linspace(-450.0, 450.0, 31):
        t = np.maximum(time_s - shift, 1.0)
        total += np.exp(-((way_m - V * t) ** 2) / (4 * D * t) - K * t) / (AREA * np.sqrt(4 * math.pi * D * t))
    return 1e3 * total / 31.0


def sampled(true, every_s, seed, mass_kg=120.0):
    rng = np.random.default_rng(seed)
    time_s = np.arange(0.0, 3 * 86400.0, every_s)
    value = 0.3 + mass_kg * stands(STATION - OUTFALLS[true], time_s - 0.4 * 86400.0)
    return time_s, value * np.exp(rng.normal(0.0, 0.05, time_s.size))


def traced(channel, time_s, value):
    network, physics = channel
    candidates = [Candidate(name, at(network, where)) for name, where in OUTFALLS.items()]
    samples = [StationSamples.of("station", at(network, STATION), time_s + SECOND_0, value)]
    return trace(network, physics, candidates, samples, assumptions=TOLD)


def log_evidence_by_grid(way_m, time_s, value):
    """∫ over beginning, mass, stretch of the width, and level of the background, of Student's t (the simple twin)."""
    sd = math.sqrt(2 * D * way_m / V**3)
    mean = way_m / V
    highest = time_s[int(np.argmax(value))]
    quiet = float(np.median(value[np.abs(time_s - highest) > 5 * sd]))
    terms = []
    masses = np.exp(np.linspace(math.log(60.0), math.log(240.0), 70))
    for stretch in np.linspace(-3 * WIDTH, 3 * WIDTH, 9):
        for shift in np.linspace(-sd, sd, 121):
            # wider about its own mean by e^stretch, arrived at highest + shift
            h = stands(way_m, mean + (time_s - highest - shift - 0.1 * sd) / math.exp(stretch)) / math.exp(stretch)
            for level in quiet * np.linspace(0.97, 1.03, 9):
                added = masses[:, None] * h
                error = np.sqrt((0.05 * (level + added)) ** 2 + 0.02**2 + (0.05 * added) ** 2)
                fit = students_t.logpdf((value - level - added) / error, 8) - np.log(error)
                terms.append(fit.sum(axis=1) - 0.5 * (stretch / WIDTH) ** 2 + math.log(sd))
    return float(logsumexp(np.array(terms)))


@pytest.mark.nightly
@pytest.mark.parametrize(("true", "seed"), [("middle", 1), ("near", 2), ("far", 3)])
def test_odds_are_those_of_the_integral(channel, true, seed):
    time_s, value = sampled(true, 3600.0, seed)
    found = traced(channel, time_s, value)
    by_grid = {name: log_evidence_by_grid(STATION - where, time_s, value) for name, where in OUTFALLS.items()}
    weight_of = {one.id: one.log_evidence for one in found.candidates}
    assert found.candidates[0].id == max(by_grid, key=by_grid.get)
    first, *others = sorted(by_grid, key=by_grid.get, reverse=True)
    for other in others:
        wanted = by_grid[other] - by_grid[first]
        if wanted < -NEAR_MARGIN and other not in weight_of:
            continue  # one in four hundred: it got no draws of its own
        given = weight_of[other] - weight_of[first]
        assert given == pytest.approx(wanted, abs=0.5)


def test_mass_and_time_are_those_of_the_channel(channel):
    time_s, value = sampled("middle", 1800.0, 5)
    best = traced(channel, time_s, value).candidates[0]
    assert best.id == "middle"
    assert best.mass_kg.median == pytest.approx(120.0, rel=0.03)
    assert best.mass_kg.p05 < 120.0 < best.mass_kg.p95
    begin = SECOND_0 + 0.4 * 86400.0 - 450.0
    assert best.time_s.median == pytest.approx(begin, abs=CLOCK_S + PACE * 28_000.0 / V)
    assert best.time_s.p05 < begin < best.time_s.p95
