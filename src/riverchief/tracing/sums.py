"""The innermost loops: what a unit release would show at the times of the samples, and its products with what was seen.

A *curve* is a travel time density about its mean in units of its standard deviation, on :data:`GRID` equal steps from
:data:`LOW` to :data:`HIGH`: ``density[j]`` and its integral ``share[j]``. One curve serves every release time, every
width (a velocity or dispersion that is a little off stretches it) and every duration (a difference of ``share``).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from riverchief.transport.physics import Floats

Ints = NDArray[np.int64]

LOW, HIGH = -6.0, 14.0
PER_SD = 16
GRID = int((HIGH - LOW) * PER_SD) + 1


class Curves(NamedTuple):
    """One row for each candidate and station below it: position of the station, mean and standard deviation of the
    travel time [s], mg/L for each kg and 1/s [g/m³ · s/kg], and the curve, shape (rows, GRID) each."""

    station: Ints
    mean_s: Floats
    sd_s: Floats
    mg_l_per_kg_s: Floats
    density: Floats
    share: Floats


class Weighed(NamedTuple):
    """The samples of station k are ``offset[k]:offset[k + 1]``: time [s], distance ``y`` from the level of the
    background [mg/L] and weight ``w`` [L²/mg²] of a parabola that stands for the log likelihood. With the background's
    ``modes[k]`` columns F (:mod:`.background`) and I + F'WF = RR' the rows of ``lifted`` are R⁻¹F'W and ``pulled[k]``
    is R⁻¹F'Wy: they carry the background's own error."""

    time_s: Floats
    y: Floats
    w: Floats
    offset: Ints
    modes: Ints
    lifted: Floats
    pulled: Floats


@njit(cache=True, nogil=True, error_model="numpy")
def share_at(x, density, share, row):  # type: ignore[no-untyped-def]
    """The share that has passed at x standard deviations after the mean, by the cubic with the right slopes."""
    p = (x - LOW) * PER_SD
    if p <= 0.0:
        return 0.0
    if p >= GRID - 1:
        return share[row, GRID - 1]
    j = int(p)
    u = p - j
    a = share[row, j]
    b = share[row, j + 1]
    da = density[row, j] / PER_SD
    db = density[row, j + 1] / PER_SD
    v = 1.0 - u
    return v * v * ((1.0 + 2.0 * u) * a + u * da) + u * u * ((3.0 - 2.0 * u) * b - v * db)


@njit(cache=True, nogil=True, error_model="numpy")
def seen(t, centre, width, duration, density, share, row):  # type: ignore[no-untyped-def]
    """Density [1/s] at time ``t`` [s] of a release whose mean arrives at ``centre``; even over ``duration``."""
    x = (t - centre) / width
    if duration < 0.2 * width:
        p = (x - LOW) * PER_SD
        if p <= 0.0 or p >= GRID - 1:
            return 0.0
        j = int(p)
        u = p - j
        return ((1.0 - u) * density[row, j] + u * density[row, j + 1]) / width
    half = 0.5 * duration / width
    return (share_at(x + half, density, share, row) - share_at(x - half, density, share, row)) / duration


@njit(cache=True, nogil=True, error_model="numpy")
def first_from(t, low, high, value):  # type: ignore[no-untyped-def]
    """First index in ``t[low:high]`` (ascending) whose time is not before ``value``."""
    while low < high:
        mid = (low + high) // 2
        if t[mid] < value:
            low = mid + 1
        else:
            high = mid
    return low


@njit(cache=True, nogil=True, error_model="numpy")
def products(curves, row, centre, scale, duration, samples):  # type: ignore[no-untyped-def]
    """``(a, b)`` of a unit release whose mean arrives at ``centre`` [s], the curve's width times ``scale`` [-].

    With h the response in mg/L per kg at the row's station and P = W - WF(I + F'WF)⁻¹F'W: a = h'Py, b = h'Ph. Then
    log L(m) - log L(0) = m a - m² b/2 with the background integrated out (Rasmussen and Williams 2006, eq. 2.42).
    """
    h1 = 0.0
    h2 = 0.0
    k = curves.station[row]
    modes = samples.modes[k]
    lift = np.zeros(modes)
    width = curves.sd_s[row] * scale
    factor = curves.mg_l_per_kg_s[row]
    half = 0.5 * duration
    end = centre + HIGH * width + half
    high = samples.offset[k + 1]
    j = first_from(samples.time_s, samples.offset[k], high, centre + LOW * width - half)
    while j < high and samples.time_s[j] <= end:
        h = factor * seen(samples.time_s[j], centre, width, duration, curves.density, curves.share, row)
        if h > 0.0:
            wh = samples.w[j] * h
            h1 += wh * samples.y[j]
            h2 += wh * h
            for r in range(modes):
                lift[r] += samples.lifted[j, r] * h
        j += 1
    for r in range(modes):
        h1 -= lift[r] * samples.pulled[k, r]
        h2 -= lift[r] * lift[r]
    return h1, h2


@njit(cache=True, nogil=True, error_model="numpy")
def best_mass(a, b, greatest):  # type: ignore[no-untyped-def]
    """The mass up to ``greatest`` that fits best, and by how much it does [nats]; 0 where none is better than some."""
    if not (a > 0.0 and b > 0.0):
        return 0.0, 0.0
    mass = min(a / b, greatest) if b > a / greatest else greatest
    return mass, mass * (a - 0.5 * mass * b)


@njit(cache=True, nogil=True, error_model="numpy")
def integrate(row, density, share):  # type: ignore[no-untyped-def]
    """A row of ``share`` from that of ``density``, both scaled so that all passes."""
    share[row, 0] = 0.0
    for j in range(1, GRID):
        share[row, j] = share[row, j - 1] + 0.5 * (density[row, j - 1] + density[row, j]) / PER_SD
    total = share[row, GRID - 1]
    for j in range(GRID):
        share[row, j] /= total
        density[row, j] /= total


@njit(cache=True, nogil=True, error_model="numpy")
def log_phi(z):  # type: ignore[no-untyped-def]
    """log of the normal distribution function, without underflow."""
    if z > -8.0:
        return math.log(0.5 * math.erfc(-z / math.sqrt(2.0)))
    return -0.5 * z * z - math.log(-z) - 0.5 * math.log(2.0 * math.pi) - 1.0 / (z * z)


@njit(cache=True, nogil=True, error_model="numpy")
def quadratic(y, kind, fitted, sd, freedom, wild, log_span):  # type: ignore[no-untyped-def]
    """``(target, weight, constant)``: log p(y | c) is about constant - weight (target - c)²/2 near c = ``fitted``.

    ``kind`` 0: a share 1 - ``wild`` of the readings has Student's t errors of scale ``sd`` about c, the rest may be
    anything (density exp(-``log_span``) [L/mg]); bounded from below by the quadratic that touches it (Lange et al.
    1989, J. Am. Stat. Assoc. 84:881; Dempster et al. 1977 for the mixture). ``kind`` -1 or 1: only known to lie below
    or above ``y``; log Φ to second order.
    """
    if kind == 0:
        r = (y - fitted) / sd
        log_good = (
            -0.5 * (freedom + 1.0) * math.log1p(r * r / freedom)
            - math.log(sd)
            - 0.5 * math.log(2.0 * math.pi)
            + math.log1p(-wild)
        )
        log_p = log_good
        sane = 1.0
        if wild > 0.0:
            log_wild = math.log(wild) - log_span
            top = max(log_good, log_wild)
            log_p = top + math.log(math.exp(log_good - top) + math.exp(log_wild - top))
            sane = math.exp(log_good - log_p)
        weight = sane * (freedom + 1.0) / (freedom + r * r)
        return y, weight / (sd * sd), log_p + 0.5 * weight * r * r
    z = (y - fitted) / sd * (-kind)
    log_p = log_phi(z)
    ratio = math.exp(-0.5 * z * z - 0.5 * math.log(2.0 * math.pi) - log_p)
    curvature = max(ratio * (z + ratio), 1e-12) / (sd * sd)
    slope = kind * ratio / sd  # d log p / d c
    target = fitted + slope / curvature
    return target, curvature, log_p + 0.5 * curvature * (target - fitted) ** 2
