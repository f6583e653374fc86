"""How the arrivals at several stations hang together: travel times and their errors as one Gaussian.

With g the error of the logarithm of all velocities, ε(x) that of the place, forgotten over ℓ, and s the stretch of the
curves' width:

    τ_r = μ_r (1 - g) + ∫ ε dμ + e_r,      s = κ g + e_s

so that (s, lags to the anchor, τ of the anchor) are Gaussian. The sampler conditions one on those before it, which is
what the rows of a Cholesky factor do.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from riverchief.tracing.assumptions import Assumptions
from riverchief.tracing.pairs import Pairs, forgotten
from riverchief.tracing.sums import Ints
from riverchief.transport.physics import Floats

#: Errors that are there even where everything is known: of clocks and solvers [s], of a pulse's width [-], of the pace
#: from place to place [-].
CLOCK_S, WIDTH, PACE = 60.0, 0.02, 0.005
#: Share of the delay of a release that is not known: how far a substance spreads upstream depends on where it falls.
END = 0.5


class Lags(NamedTuple):
    """Of one candidate with n rows, the anchor first in ``order``: ``mean`` of (s [-], lag of each other row to the
    anchor [s], travel time to the anchor [s]), shape (n + 1,), and the lower factor ``root`` of their covariance."""

    order: Ints
    mean: Floats
    root: Floats


def pace_error(assumptions: Assumptions) -> float:
    """Standard error of the pace from place to place [-]."""
    return math.hypot(1.2 * assumptions.local_velocity, PACE)


def shape_error(assumptions: Assumptions) -> float:
    """Error of a curve's shape beside its mean and width, as a shift of each sample by a share of the width [-].

    Velocities that are off in one place more than in another change the skewness: on random basins its logarithm has a
    standard error of 0.9 of the local and 0.4 of the common error of velocity (measured with the cumulants).
    """
    return 0.9 * math.hypot(assumptions.local_velocity, 0.5 * assumptions.velocity) + 0.5 * WIDTH


def lag_errors(pairs: Pairs, low: int, high: int, anchor: int, assumptions: Assumptions) -> Floats:
    """Standard error of the lag of each row to the anchor [s]; quick, for the first look."""
    lag = np.abs(pairs.mean_s[low:high] - pairs.mean_s[anchor])
    way = np.abs(pairs.distance_m[low:high] - pairs.distance_m[anchor])
    local = pace_error(assumptions) * lag * forgotten(way, assumptions.correlation_m)
    width = WIDTH * pairs.sd_s[low:high]
    found: Floats = np.sqrt(local**2 + (assumptions.velocity * lag) ** 2 + CLOCK_S**2 + width**2)
    return found


def stretch_errors(pairs: Pairs, row: int, assumptions: Assumptions) -> tuple[float, float]:
    """Standard error of the stretch that g does not explain, and of all of it [-]."""
    local = pace_error(assumptions)
    rest = math.sqrt(
        WIDTH**2
        + (float(pairs.by_velocity[row]) * local) ** 2
        + (float(pairs.by_dispersion[row]) * assumptions.dispersion) ** 2
    )
    return rest, math.hypot(rest, float(pairs.by_velocity[row]) * assumptions.velocity)


def lags_of(pairs: Pairs, low: int, high: int, order: Ints, assumptions: Assumptions) -> Lags:
    """The Gaussian of the rows ``low:high`` (the nearest station first), visited in ``order`` (the anchor first)."""
    anchor = int(order[0])
    mu = pairs.mean_s[low:high]
    n = high - low
    power = float(pairs.by_velocity[anchor])
    rest, _ = stretch_errors(pairs, anchor, assumptions)
    travel = local_covariance(pairs.distance_m[low:high], mu, pace_error(assumptions), assumptions.correlation_m)
    travel[np.diag_indices(n)] += 0.5 * (CLOCK_S**2 + (WIDTH * pairs.sd_s[low:high]) ** 2)
    travel += (END * pairs.release_s[low]) ** 2
    both = np.zeros((n + 1, n + 1))
    both[0, 0] = rest**2
    both[1:, 1:] = travel
    loading = np.concatenate([[power], -mu])
    both += assumptions.velocity**2 * np.outer(loading, loading)
    turn = np.zeros((n + 1, n + 1))
    turn[0, 0] = 1.0
    for row, other in enumerate(order[1:].tolist(), start=1):
        turn[row, 1 + other - low] = 1.0
        turn[row, 1 + anchor - low] = -1.0
    turn[n, 1 + anchor - low] = 1.0
    mean = turn @ np.concatenate([[0.0], mu])
    covariance = turn @ both @ turn.T
    scale = np.sqrt(np.diag(covariance))
    relative = covariance / np.outer(scale, scale)
    relative[np.diag_indices(n + 1)] += 1e-9
    return Lags(order.astype(np.int64), mean, scale[:, None] * np.linalg.cholesky(relative))


def local_covariance(distance_m: Floats, mean_s: Floats, error: float, correlation_m: float) -> Floats:
    """Covariance [s²] of travel times to places along one way, from an error of the pace that is forgotten as
    exp(-x/ℓ) and a mean pace between one place and the next: the double integral over the legs, summed."""
    n = mean_s.size
    ends = np.maximum.accumulate(np.concatenate([[0.0], distance_m]))
    times = np.diff(np.concatenate([[0.0], mean_s]))
    legs = np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            if i == j:
                share = float(forgotten(np.array([ends[i + 1] - ends[i]]), correlation_m)[0]) ** 2
            else:
                share = math.exp(-(ends[j] - ends[i + 1]) / correlation_m)
                share *= _faded(ends[i + 1] - ends[i], correlation_m) * _faded(ends[j + 1] - ends[j], correlation_m)
            legs[i, j] = legs[j, i] = error**2 * times[i] * times[j] * share
    return np.cumsum(np.cumsum(legs, axis=0), axis=1)


def _faded(way_m: float, correlation_m: float) -> float:
    z = way_m / correlation_m
    return -math.expm1(-z) / z if z > 1e-9 else 1.0
