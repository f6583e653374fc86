"""A truth that has no equation in common with the tracer: particles that walk down a river whose flow changes.

Each particle stands for the same mass. In a reach of velocity v and dispersion D it moves in a step Δt by

    Δx = v q(t)^β Δt + √(2 D q(t)^β Δt) ξ,        ξ standard normal,

and dwells in dead zones by a two-state Markov process (rate α into them, α/β_s back to the channel; the velocity of
``physics`` is that of the channel). q(t) [-] is the discharge over its mean. What passes a station in a bin is mass
flow; over the discharge of that hour it is a concentration (Visser 1997, Mar. Ecol. Prog. Ser. 158:275 for the walk;
D is constant within a reach, and a particle that crosses into another goes on with what that one has).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PARTICLES = 6000
STEP_S = 240.0
BETA = 0.4  # velocity goes with this power of the discharge


@njit(cache=True, nogil=True, error_model="numpy")
def _walk(ends, velocity, dispersion, ratio, exchange, start_m, begin, duration, flow, flow_step, places, bins, seed):  # type: ignore[no-untyped-def]
    """Counts of first passages at ``places`` [m] in bins of :data:`STEP_S`, shape (places, bins)."""
    np.random.seed(seed)
    out = np.zeros((places.size, bins))
    last = places.max()
    for n in range(PARTICLES):
        t = begin + duration * (n + 0.5) / PARTICLES
        x = start_m
        still = False
        reach = 0
        passed = np.zeros(places.size, np.bool_)
        while x < last and t < bins * STEP_S:
            q = flow[min(int(t / flow_step), flow.size - 1)] ** BETA
            while reach < ends.size - 1 and x >= ends[reach]:
                reach += 1
            if exchange[reach] > 0.0:
                rate = exchange[reach] / ratio[reach] if still else exchange[reach]
                if np.random.random() < -math.expm1(-rate * STEP_S):
                    still = not still
            if not still:
                v = velocity[reach] * q
                x += v * STEP_S + math.sqrt(2.0 * dispersion[reach] * q * STEP_S) * np.random.standard_normal()
            t += STEP_S
            for p in range(places.size):
                if not passed[p] and x >= places[p]:
                    passed[p] = True
                    if t < bins * STEP_S:
                        out[p, int(t / STEP_S)] += 1.0
    return out


def seen_by_particles(
    ends_m: Floats,
    velocity: Floats,
    dispersion: Floats,
    ratio: Floats,
    exchange: Floats,
    *,
    start_m: float,
    mass_kg: float,
    begin_s: float,
    duration_s: float,
    flow: Floats,
    flow_step_s: float,
    places_m: Floats,
    times_s: Floats,
    discharge_m3_s: Floats,
    seed: int,
) -> Floats:
    """Concentrations [mg/L] at ``places_m`` (along the way [m]) and ``times_s`` [s], shape (places, times); the counts
    are smoothed over an hour, for a finite number of particles is no concentration. Not decaying."""
    bins = int(times_s.max() / STEP_S) + 2
    counts = _walk(
        ends_m, velocity, dispersion, ratio, exchange, start_m, begin_s, duration_s, flow, flow_step_s, places_m,
        bins, seed,
    )  # fmt: skip
    window = np.hanning(17)[1:-1]
    window /= window.sum()
    at = np.minimum((times_s / STEP_S).astype(np.int64), bins - 1)
    out = np.zeros((places_m.size, times_s.size))
    q = flow[np.minimum((times_s / flow_step_s).astype(np.int64), flow.size - 1)]
    for p in range(places_m.size):
        rate = np.convolve(counts[p], window, "same") / STEP_S * mass_kg / PARTICLES  # kg/s
        out[p] = rate[at] * 1e3 / (discharge_m3_s[p] * q)
    return out
