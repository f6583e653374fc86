"""The response of a place to an instant release, from its cumulants alone: a density of travel time.

A shifted inverse Gaussian matches mean, variance and third cumulant; it is the exact answer for one reach with uniform
advection and dispersion. Against the exact answer on 200 heterogeneous paths its L1 error is 0.4 % in the median and
17 % at worst. Where the third cumulant is so small that the shift would be negative (lakes), a shifted gamma
(Pearson III) takes its place: exact for one mixed tank.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from riverchief.transport.cumulants import Cumulants
from riverchief.transport.physics import Floats


def kernel(t_s: ArrayLike, cumulants: Cumulants) -> Floats:
    """Share of the released mass that arrives per second, t seconds after release [1/s], survival included.

    Mass flow at the place is released mass times this; concentration is that over the discharge there. ``t_s`` and the
    cumulants broadcast against each other, so ``kernel(t[None, :], Cumulants(*(c[:, None] for c in cumulants)))`` is
    a table of candidates by times. Zero where nothing survives; NaN where a time or cumulant is.
    """
    density, (t, mean, variance, third, log_survival) = _broadcast(t_s, cumulants)
    _densities(t, mean, variance, third, log_survival, density.reshape(-1))
    return density


def kernel_cdf(t_s: ArrayLike, cumulants: Cumulants) -> Floats:
    """Share of the released mass that has arrived t seconds after release [-]: the integral of :func:`kernel`.

    A release of duration d that began at 0 brings ``(kernel_cdf(t) - kernel_cdf(t - d)) / d``.
    """
    share, (t, mean, variance, third, log_survival) = _broadcast(t_s, cumulants)
    _shares(t, mean, variance, third, log_survival, share.reshape(-1))
    return share


def _broadcast(t_s: ArrayLike, cumulants: Cumulants) -> tuple[Floats, list[Floats]]:
    arrays = np.broadcast_arrays(np.asarray(t_s, np.float64), *cumulants)
    return np.empty(arrays[0].shape), [np.ascontiguousarray(array).reshape(-1) for array in arrays]


@njit(cache=True, nogil=True, error_model="numpy")
def density_at(t, mean, variance, third):  # type: ignore[no-untyped-def]
    """Density [1/s] of travel time at ``t`` [s] from three cumulants, without survival; for use inside kernels."""
    mu = 3.0 * variance * variance / third
    if mean >= mu * (1.0 - 1e-9):
        x = t - (mean - mu)
        if x <= 0.0:
            return 0.0
        shape = mu * mu * mu / variance
        return math.sqrt(shape / (2.0 * math.pi * x * x * x)) * math.exp(
            -shape * (x - mu) * (x - mu) / (2.0 * mu * mu * x)
        )
    shape, scale, shift = pearson(mean, variance, third)
    x = t - shift
    if x < 0.0 or (x == 0.0 and shape < 1.0):
        return 0.0
    if x == 0.0:
        return 1.0 / scale if shape == 1.0 else 0.0
    return math.exp((shape - 1.0) * math.log(x / scale) - x / scale - math.lgamma(shape)) / scale


@njit(cache=True, nogil=True, error_model="numpy")
def share_by(t, mean, variance, third):  # type: ignore[no-untyped-def]
    """Share of what survives that has arrived by ``t`` [s]: the integral of :func:`density_at`."""
    mu = 3.0 * variance * variance / third
    if mean >= mu * (1.0 - 1e-9):
        x = t - (mean - mu)
        if x <= 0.0:
            return 0.0
        root = math.sqrt(mu * mu * mu / variance / (2.0 * x))
        low = root * (x / mu - 1.0)
        # exp(2 λ/μ) erfc(high) = exp(-low²) erfcx(high), which neither overflows nor loses digits
        high = root * (x / mu + 1.0)
        return 0.5 * math.erfc(-low) + 0.5 * math.exp(-low * low) * erfcx(high)
    shape, scale, shift = pearson(mean, variance, third)
    if t <= shift:
        return 0.0
    return gamma_share(shape, (t - shift) / scale)


@njit(cache=True, nogil=True, error_model="numpy")
def pearson(mean, variance, third):  # type: ignore[no-untyped-def]
    """Shape [-], scale [s] and shift [s] of the gamma with these cumulants; with no third one where time would begin
    before the release."""
    scale = third / (2.0 * variance)
    shape = variance / (scale * scale)
    shift = mean - shape * scale
    if shift < 0.0:
        scale = variance / mean
        shape = mean / scale
        shift = 0.0
    return shape, scale, shift


@njit(cache=True, nogil=True, error_model="numpy")
def erfcx(x):  # type: ignore[no-untyped-def]
    """exp(x²) erfc(x) for x >= 0, to 1e-13."""
    if x < 20.0:
        return math.exp(x * x) * math.erfc(x)
    y = 0.5 / (x * x)
    return (1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y * (1.0 - 7.0 * y)))) / (x * math.sqrt(math.pi))


@njit(cache=True, nogil=True, error_model="numpy")
def gamma_share(shape, x):  # type: ignore[no-untyped-def]
    """Regularised lower incomplete gamma function P(shape, x): series below, continued fraction above (Lentz)."""
    if x <= 0.0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1.0:
        term = 1.0 / shape
        total = term
        n = shape
        for _ in range(10_000):
            n += 1.0
            term *= x / n
            total += term
            if term < total * 1e-16:
                break
        return front * total
    b = x + 1.0 - shape
    c = 1e300
    d = 1.0 / b
    h = d
    for i in range(1, 10_000):
        a = -i * (i - shape)
        b += 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        h *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return 1.0 - front * h


@njit(cache=True, nogil=True, error_model="numpy")
def _densities(t, mean, variance, third, log_survival, out):  # type: ignore[no-untyped-def]
    """:func:`density_at` times the survival [1/s], element by element; 0 where nothing survives."""
    for i in range(t.size):
        if log_survival[i] == -np.inf:
            out[i] = 0.0
        else:
            out[i] = math.exp(log_survival[i]) * density_at(t[i], mean[i], variance[i], third[i])


@njit(cache=True, nogil=True, error_model="numpy")
def _shares(t, mean, variance, third, log_survival, out):  # type: ignore[no-untyped-def]
    """:func:`share_by` times the survival [-], element by element; 0 where nothing survives."""
    for i in range(t.size):
        if log_survival[i] == -np.inf:
            out[i] = 0.0
        else:
            out[i] = math.exp(log_survival[i]) * share_by(t[i], mean[i], variance[i], third[i])
