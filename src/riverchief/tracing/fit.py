"""The best explanation by one candidate: arrival at each station, width, duration and mass; and the weights it implies.

Stations are tied together by the lag that the physics expects, within its error. The *anchor* is the station below the
candidate that shows most; the arrival there is free, since the time of release is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from riverchief.tracing.sums import Weighed, best_mass, products, quadratic, seen
from riverchief.transport.physics import Floats

# columns of a fit: mass [kg], duration [s], log of the stretch of the curves' width [-], score [nats]
MASS, DURATION, STRETCH, SCORE = 0, 1, 2, 3


class Errors(NamedTuple):
    """Of readings: relative error [-]; of the curves: relative error [-] and error of the shape, as a shift by a share
    of the width [-]; degrees of freedom of Student's t, share of readings that may be anything [-], log of the range
    those come from [mg/L]."""

    noise: float
    model: float
    shape: float
    freedom: float
    wild: float
    log_span: float


class Weights(NamedTuple):
    """Parabolas that stand for the log likelihood of each sample (see :func:`.sums.quadratic`): ``y`` from the
    background and from what other sources add [mg/L], ``w`` and ``constant``."""

    y: Floats
    w: Floats
    constant: Floats


@njit(cache=True, nogil=True, error_model="numpy")
def station_sums(observed, weights, pull, weight):  # type: ignore[no-untyped-def]
    """What :func:`~riverchief.tracing.sums.products` needs of each station, its background integrated out."""
    for k in range(observed.offset.size - 1):
        total = 1.0 / (observed.spread[k] * observed.spread[k])
        first = 0.0
        for j in range(observed.offset[k], observed.offset[k + 1]):
            total += weights.w[j]
            first += weights.w[j] * weights.y[j]
        weight[k] = total
        pull[k] = first / total


def weighed(observed, weights: Weights) -> Weighed:  # type: ignore[no-untyped-def]
    """Samples and weights together, with the sums of each station."""
    stations = observed.offset.size - 1
    pull, weight = np.empty(stations), np.empty(stations)
    station_sums(observed, weights, pull, weight)
    return Weighed(observed.time_s, weights.y, weights.w, observed.offset, pull, weight)


@njit(cache=True, nogil=True, error_model="numpy")
def _best_arrival(curves, row, scale, duration, samples, mass, centre, sd, begin, end, step):  # type: ignore[no-untyped-def]
    """Arrival at the row's station that fits best for a given mass, between ``begin`` and ``end``; the lag says
    ``centre`` within ``sd`` [s]."""
    best, before, left, right = -np.inf, -np.inf, -np.inf, -np.inf
    at = -1
    n = min(math.ceil((end - begin) / step), 600)
    for i in range(n + 1):
        c = begin + i * step
        a, b = products(curves, row, c, scale, duration, samples)
        score = mass * a - 0.5 * mass * mass * b - 0.5 * ((c - centre) / sd) ** 2
        if at == i - 1:
            right = score
        if score > best:
            best, at, left, right = score, i, before, -np.inf
        before = score
    return begin + (at + _vertex(left, best, right)) * step


@njit(cache=True, nogil=True, error_model="numpy")
def _vertex(left, middle, right):  # type: ignore[no-untyped-def]
    """Where between -1/2 and 1/2 the parabola through three values is highest; 0 at the end of a walk (-inf)."""
    bend = left - 2.0 * middle + right
    if not -1e300 < bend < 0.0:
        return 0.0
    return 0.5 * (left - right) / bend


@njit(cache=True, nogil=True, error_model="numpy")
def fit_candidate(  # type: ignore[no-untyped-def]
    curves, low, high, anchor, lag_sd, durations, stretch_sd, halvings, samples, window, greatest, arrivals, fit
):
    """Best ``fit`` (columns above) and ``arrivals[r]`` [s] of the rows ``low:high`` of one candidate.

    ``lag_sd[r]`` [s] error of the lag between the anchor and row r; ``window`` first and last arrival at the anchor
    that is thought of, and the one near which it is looked for where it is known, else NaN [s]. Every duration is tried
    with three stretches, then the stretch of the best is refined by so many ``halvings``.
    """
    fit[SCORE] = -np.inf
    fit[MASS] = 0.0
    near = window[2]
    other = np.full(high - low, np.nan)
    for p in range(durations.size):
        for q in range(-1, 2):
            if q != 0 and stretch_sd < 0.04:
                continue
            near = _try(
                curves, low, high, anchor, lag_sd, durations[p], 1.5 * q * stretch_sd, stretch_sd, samples, window,
                near, greatest, other, arrivals, fit,
            )  # fmt: skip
    step = 1.5 * stretch_sd
    if fit[MASS] > 0.0:
        for _ in range(halvings):
            step *= 0.5
            middle = fit[STRETCH]
            for q in range(-1, 2, 2):
                near = _try(
                    curves, low, high, anchor, lag_sd, fit[DURATION], middle + q * step, stretch_sd, samples, window,
                    near, greatest, other, arrivals, fit,
                )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _try(  # type: ignore[no-untyped-def]
    curves, low, high, anchor, lag_sd, duration, stretch, stretch_sd, samples, window, near, greatest, other, arrivals,
    fit,
):  # fmt: skip
    """One duration and stretch; keeps what is better than ``fit``. Returns the best arrival at the anchor [s].

    The arrival there is walked in steps of a third of the pulse's width (only near ``near``, if that is known), and the
    vertex of the parabola through the best three taken.
    """
    scale = math.exp(stretch)
    wide = math.sqrt((curves.sd_s[anchor] * scale) ** 2 + duration * duration / 12.0)
    step = wide / 3.0
    start, end = window[0], window[1]
    if not np.isnan(near):
        start, end = max(start, near - 3.0 * wide), min(end, near + 3.0 * wide)
    n = min(int((end - start) / step) + 1, 2000)
    if n > 1:
        step = (end - start) / (n - 1)
    best, before, left, right = 0.0, -np.inf, -np.inf, -np.inf
    at = -1
    for i in range(n):
        a, b = products(curves, anchor, start + i * step, scale, duration, samples)
        _, now = best_mass(a, b, greatest)
        if at == i - 1 and at >= 0:
            right = now
        if now > best:
            best, at, left, right = now, i, before, -np.inf
        before = now
    if at < 0:
        return near
    centre = start + (at + _vertex(left, best, right)) * step
    a, b = products(curves, anchor, centre, scale, duration, samples)
    if not (a > 0.0 and b > 0.0):
        return near
    mass = min(a / b, greatest)
    total = 0.0
    for _ in range(2):
        top = a
        bottom = b
        total = -0.5 * (stretch / stretch_sd) ** 2
        for r in range(low, high):
            if r == anchor:
                other[r - low] = centre
                continue
            wide_r = math.sqrt((curves.sd_s[r] * scale) ** 2 + duration * duration / 12.0)
            expected = centre + curves.mean_s[r] - curves.mean_s[anchor]
            grain = max(wide_r / 3.0, lag_sd[r] / 40.0)
            begin, end = expected - 3.0 * lag_sd[r], expected + 3.0 * lag_sd[r]
            if not np.isnan(other[r - low]):  # it was looked for with another mass, width or duration: it is near
                begin, end = max(begin, other[r - low] - 3.0 * grain), min(end, other[r - low] + 3.0 * grain)
            c = _best_arrival(
                curves, r, scale, duration, samples, mass, expected, lag_sd[r], begin, max(begin, end), grain
            )  # fmt: skip
            other[r - low] = c
            ar, br = products(curves, r, c, scale, duration, samples)
            top += ar
            bottom += br
            total -= 0.5 * ((c - expected) / lag_sd[r]) ** 2
        if top <= 0.0:
            return centre
        mass = min(top / bottom, greatest)
        total += mass * top - 0.5 * mass * mass * bottom
    if total > fit[SCORE]:
        fit[SCORE] = total
        fit[MASS] = mass
        fit[DURATION] = duration
        fit[STRETCH] = stretch
        for r in range(low, high):
            arrivals[r] = other[r - low]
    return centre


@njit(cache=True, nogil=True, error_model="numpy")
def reweigh(curves, low, high, arrivals, fit, observed, errors, weights):  # type: ignore[no-untyped-def]
    """Weights of every sample of the stations of rows ``low:high`` under a fit: robust errors, limits of detection,
    and errors that grow with what the fit says is there."""
    scale = math.exp(fit[STRETCH])
    for r in range(low, high):
        k = curves.station[r]
        first, last = observed.offset[k], observed.offset[k + 1]
        level = observed.background[k]
        width = curves.sd_s[r] * scale
        for _ in range(3):
            top = 0.0
            bottom = 1.0 / (observed.spread[k] * observed.spread[k])
            for j in range(first, last):
                # the value at the sample and a tenth of a width before and after: what a wrong shape makes of it
                factor = fit[MASS] * curves.mg_l_per_kg_s[r]
                t = observed.time_s[j]
                h = factor * seen(t, arrivals[r], width, fit[DURATION], curves.density, curves.share, r)
                rise = 0.0
                if h > 0.0:
                    rise = seen(t + 0.1 * width, arrivals[r], width, fit[DURATION], curves.density, curves.share, r)
                    rise -= seen(t - 0.1 * width, arrivals[r], width, fit[DURATION], curves.density, curves.share, r)
                off = _weigh_one(j, level, h, 5.0 * factor * rise, observed, errors, weights)
                top += weights.w[j] * (off - h - observed.background[k])
                bottom += weights.w[j]
            level = max(observed.background[k] + top / bottom, 0.0)
        for j in range(first, last):
            weights.y[j] -= observed.background[k] + observed.added[j]


@njit(cache=True, nogil=True, error_model="numpy")
def _weigh_one(j, level, h, slope, observed, errors, weights):  # type: ignore[no-untyped-def]
    # slope: what h rises by in one width. Returns the target without what other sources add; leaves the target itself
    # in y
    added = observed.added[j]
    c = level + added + h
    error = math.sqrt(
        (errors.noise * c) ** 2 + observed.floor_of[j] ** 2 + (errors.model * h) ** 2 + (errors.shape * slope) ** 2
        + observed.added_error[j] ** 2
    )  # fmt: skip
    target, weight, rest = quadratic(
        observed.value[j], observed.kind[j], c, error, errors.freedom, errors.wild, errors.log_span
    )
    weights.y[j] = target
    weights.w[j] = weight
    weights.constant[j] = rest
    return target - added


@njit(cache=True, nogil=True, error_model="numpy")
def null_weights(observed, errors, weights, evidence, shown, highest):  # type: ignore[no-untyped-def]
    """Weights, and the log evidence of each station, if nothing (more) was released; ``shown[k]`` [nats] is how far
    that falls short of explaining every sample above the background perfectly, ``highest[k]`` the most of one sample.
    """
    for k in range(observed.offset.size - 1):
        first, last = observed.offset[k], observed.offset[k + 1]
        level = observed.background[k]
        for _ in range(4):
            top = 0.0
            bottom = 1.0 / (observed.spread[k] * observed.spread[k])
            for j in range(first, last):
                off = _weigh_one(j, level, 0.0, 0.0, observed, errors, weights)
                top += weights.w[j] * (off - observed.background[k])
                bottom += weights.w[j]
            level = max(observed.background[k] + top / bottom, 0.0)
        shown[k], highest[k] = 0.0, 0.0
        for j in range(first, last):
            c = level + observed.added[j]
            if observed.value[j] > c and observed.kind[j] >= 0:
                miss = 0.5 * weights.w[j] * (weights.y[j] - c) ** 2
                if observed.kind[j] == 0:
                    error = math.sqrt(
                        (errors.noise * c) ** 2 + observed.floor_of[j] ** 2 + observed.added_error[j] ** 2
                    )
                    miss += -weights.constant[j] - math.log(error) - 0.5 * math.log(2.0 * math.pi)
                shown[k] += max(miss, 0.0)
                highest[k] = max(highest[k], miss)
            weights.y[j] -= observed.background[k] + observed.added[j]
    baseline(observed, weights, evidence)


@njit(cache=True, nogil=True, error_model="numpy")
def plain_weights(observed, errors, weights):  # type: ignore[no-untyped-def]
    """Weights for the first fit, when nothing is known: every reading is taken at its word, its error that of what was
    read. (Under the null hypothesis a wave looks like so many wild readings.)"""
    for k in range(observed.offset.size - 1):
        for j in range(observed.offset[k], observed.offset[k + 1]):
            c = observed.background[k] + observed.added[j]
            if observed.kind[j] == 0:
                h = max(observed.value[j] - c, 0.0)
                error2 = (errors.noise * (c + h)) ** 2 + observed.floor_of[j] ** 2
                error2 += (errors.model * h) ** 2 + observed.added_error[j] ** 2
                weights.y[j] = observed.value[j] - c
                weights.w[j] = 1.0 / error2
                weights.constant[j] = 0.0
            else:
                _weigh_one(j, observed.background[k], 0.0, 0.0, observed, errors, weights)
                weights.y[j] -= c


@njit(cache=True, nogil=True, error_model="numpy")
def baseline(observed, weights, evidence):  # type: ignore[no-untyped-def]
    """Log evidence of each station at mass 0 under the given weights, its background integrated out."""
    for k in range(observed.offset.size - 1):
        s2 = observed.spread[k] * observed.spread[k]
        total = 1.0 / s2
        first = 0.0
        square = 0.0
        rest = 0.0
        for j in range(observed.offset[k], observed.offset[k + 1]):
            total += weights.w[j]
            first += weights.w[j] * weights.y[j]
            square += weights.w[j] * weights.y[j] * weights.y[j]
            rest += weights.constant[j]
        evidence[k] = rest - 0.5 * (square - first * first / total) - 0.5 * math.log(total * s2)
