"""The best explanation by one candidate: arrival at each station, width, duration and mass; and the weights it implies.

Stations are tied together by the lag that the physics expects, within its error. The *anchor* is the station below the
candidate that shows most; the arrival there is free, since the time of release is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from riverchief.tracing.sums import Ints, Weighed, best_mass, products, quadratic, seen
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
def station_sums(observed, weights, stations, lifted, pulled, evidence):  # type: ignore[no-untyped-def]
    """What :func:`~riverchief.tracing.sums.products` needs of some ``stations``, and the log evidence of each at mass 0
    under the given weights, the background integrated out [nats]: R'R-factor of I + F'WF (:class:`.sums.Weighed`)."""
    for k in stations:
        modes = observed.modes[k]
        inner = np.eye(modes)
        first = np.zeros(modes)
        square = 0.0
        rest = 0.0
        begin, end = observed.offset[k], observed.offset[k + 1]
        for j in range(begin, end):
            w = weights.w[j]
            y = weights.y[j]
            square += w * y * y
            rest += weights.constant[j]
            for r in range(modes):
                wf = w * observed.basis[j, r]
                first[r] += wf * y
                for q in range(r + 1):
                    inner[r, q] += wf * observed.basis[j, q]
        for r in range(modes):  # Cholesky, in place, lower
            for q in range(r + 1):
                total = inner[r, q]
                for i in range(q):
                    total -= inner[r, i] * inner[q, i]
                inner[r, q] = math.sqrt(total) if q == r else total / inner[q, q]
        log_root = 0.0
        for r in range(modes):
            total = first[r]
            for q in range(r):
                total -= inner[r, q] * pulled[k, q]
            pulled[k, r] = total / inner[r, r]
            square -= pulled[k, r] * pulled[k, r]
            log_root += math.log(inner[r, r])
        for j in range(begin, end):
            for r in range(modes):
                total = weights.w[j] * observed.basis[j, r]
                for q in range(r):
                    total -= inner[r, q] * lifted[j, q]
                lifted[j, r] = total / inner[r, r]
        evidence[k] = rest - 0.5 * square - log_root


def weighed(observed, weights: Weights, stations: Ints | None = None) -> Weighed:  # type: ignore[no-untyped-def]
    """Samples and weights together, with the sums of each station (or of some)."""
    return _weighed(observed, weights, stations)[0]


def baseline(observed, weights: Weights, stations: Ints | None = None) -> Floats:  # type: ignore[no-untyped-def]
    """Log evidence of each station (or of some, else 0) at mass 0 under the given weights [nats]."""
    return _weighed(observed, weights, stations)[1]


def _weighed(observed, weights: Weights, stations: Ints | None) -> tuple[Weighed, Floats]:  # type: ignore[no-untyped-def]
    count, width = observed.modes.size, observed.basis.shape[1]
    lifted, pulled, evidence = np.empty((observed.value.size, width)), np.zeros((count, width)), np.zeros(count)
    chosen = np.arange(count) if stations is None else stations
    station_sums(observed, weights, chosen, lifted, pulled, evidence)
    return Weighed(observed.time_s, weights.y, weights.w, observed.offset, observed.modes, lifted, pulled), evidence


@njit(cache=True, nogil=True, error_model="numpy")
def settle(k, observed, weights, off, curve):  # type: ignore[no-untyped-def]
    """The background of station k [mg/L] into ``curve`` at its samples, from their distances ``off`` to its level;
    returns z'z of its coefficients: what it costs to be there [2 nats]."""
    modes = observed.modes[k]
    inner = np.eye(modes)
    first = np.zeros(modes)
    for j in range(observed.offset[k], observed.offset[k + 1]):
        for r in range(modes):
            wf = weights.w[j] * observed.basis[j, r]
            first[r] += wf * off[j]
            for q in range(modes):
                inner[r, q] += wf * observed.basis[j, q]
    z = np.linalg.solve(inner, first)
    for j in range(observed.offset[k], observed.offset[k + 1]):
        level = observed.background[k]
        for r in range(modes):
            level += observed.basis[j, r] * z[r]
        curve[j] = max(level, 0.0)
    return np.sum(z * z)


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
    off, curve = np.zeros(observed.value.size), np.empty(observed.value.size)
    for r in range(low, high):
        k = curves.station[r]
        first, last = observed.offset[k], observed.offset[k + 1]
        curve[first:last] = observed.background[k]
        width = curves.sd_s[r] * scale
        factor = fit[MASS] * curves.mg_l_per_kg_s[r]
        for turn in range(4):
            for j in range(first, last):
                # the value at the sample and a tenth of a width before and after: what a wrong shape makes of it
                t = observed.time_s[j]
                h = factor * seen(t, arrivals[r], width, fit[DURATION], curves.density, curves.share, r)
                rise = 0.0
                if h > 0.0:
                    rise = seen(t + 0.1 * width, arrivals[r], width, fit[DURATION], curves.density, curves.share, r)
                    rise -= seen(t - 0.1 * width, arrivals[r], width, fit[DURATION], curves.density, curves.share, r)
                target = _weigh_one(j, curve[j], h, 5.0 * factor * rise, observed, errors, weights)
                off[j] = target - h - observed.background[k]
            if turn < 3:
                settle(k, observed, weights, off, curve)
        for j in range(first, last):
            weights.y[j] -= observed.background[k] + observed.added[j]


@njit(cache=True, nogil=True, error_model="numpy")
def add_fit(curves, low, high, arrivals, fit, observed, added):  # type: ignore[no-untyped-def]
    """What a fit of the rows ``low:high`` adds to each sample of their stations [mg/L], into ``added``."""
    for r in range(low, high):
        k = curves.station[r]
        width = curves.sd_s[r] * math.exp(fit[STRETCH])
        factor = fit[MASS] * curves.mg_l_per_kg_s[r]
        for j in range(observed.offset[k], observed.offset[k + 1]):
            t = observed.time_s[j]
            added[j] += factor * seen(t, arrivals[r], width, fit[DURATION], curves.density, curves.share, r)


@njit(cache=True, nogil=True, error_model="numpy")
def _weigh_one(j, level, h, slope, observed, errors, weights):  # type: ignore[no-untyped-def]
    """The parabola (:func:`.sums.quadratic`) of sample j where ``h`` [mg/L] is added to ``level``, into ``weights``;
    ``slope`` is what h rises by in one width. Returns the target without what other sources add."""
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
def null_weights(observed, errors, weights, shown, highest):  # type: ignore[no-untyped-def]
    """Weights if nothing (more) was released; ``shown[k]`` [nats] is how far that falls short of explaining every
    sample above the background perfectly, what the background strains for it included, ``highest[k]`` the most of one.
    """
    off, curve = np.zeros(observed.value.size), np.empty(observed.value.size)
    for k in range(observed.offset.size - 1):
        first, last = observed.offset[k], observed.offset[k + 1]
        curve[first:last] = observed.background[k]
        strained = 0.0
        for turn in range(5):
            for j in range(first, last):
                off[j] = _weigh_one(j, curve[j], 0.0, 0.0, observed, errors, weights) - observed.background[k]
            if turn < 4:
                strained = settle(k, observed, weights, off, curve)
        shown[k], highest[k] = 0.5 * strained, 0.0
        for j in range(first, last):
            c = curve[j] + observed.added[j]
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
