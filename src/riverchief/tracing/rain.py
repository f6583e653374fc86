"""What rain washes in everywhere: the common mode of the stations, which nobody released.

    B_k(t) = A_k s(t - t0 - l_k),    s(u) = (1 - e^(-u/r)) e^(-u/d), u > 0, scaled to a greatest value of 1,

with one beginning t0 for all stations, and for each of them a delay of up to eight hours, a rise r, a recession d and a
height A_k (half normal, a few times the level) of its own; a station may stay out of it, which is rare. Where rain was
measured the beginning lies in it. The first-flush shape is that of a unit hydrograph (Nash 1957 for one reservoir).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from scipy.linalg import eigh

from riverchief.tracing.background import HOUR_S, Series
from riverchief.tracing.sums import Ints, Weighed, log_phi
from riverchief.transport.physics import Floats

RISES_H, RECESSIONS_H = (1.5, 5.0), (6.0, 14.0, 36.0)
#: A height is half normal with one of these scales [share of the level], each as likely.
HEIGHTS = (0.5, 2.0, 8.0)
STEP_S, LONGEST_DELAY_S = 1.5 * HOUR_S, 9.0 * HOUR_S
#: Share of the stations that a rain leaves out.
DRY = 0.04
#: A storm is no smooth shape: it goes up and down by this share, for hours.
GUSTS, GUST_S, _GUST_MODES = 0.35, 6.0 * HOUR_S, 8


class Rain(NamedTuple):
    """One rain: ``log_evidence`` over none of it [nats], ``begin_s`` [s], the columns of each station (n, m) [mg/L]
    (None: stayed dry), and ``occam`` [nats]: what beginning, delays and shapes cost against their best values."""

    log_evidence: float
    begin_s: float
    columns: list[Floats | None]
    occam: float


@njit(cache=True, nogil=True, error_model="numpy")
def _gains(k, level, shapes, onsets, samples, heights, gain, height):  # type: ignore[no-untyped-def]
    """``gain[i, j]`` [nats] of shape i that begins at onset j, its height integrated out, and the ``height`` that fits
    best [mg/L], at station k."""
    modes = samples.modes[k]
    for i in range(shapes.shape[0]):
        rise, fall, top = shapes[i, 0], shapes[i, 1], shapes[i, 2]
        for j in range(onsets.size):
            a, b = 0.0, 0.0
            lift = np.zeros(modes)
            for n in range(samples.offset[k], samples.offset[k + 1]):
                u = samples.time_s[n] - onsets[j]
                if u <= 0.0 or u > 7.0 * fall:
                    continue
                h = -math.expm1(-u / rise) * math.exp(-u / fall) / top
                a += samples.w[n] * h * samples.y[n]
                b += samples.w[n] * h * h
                for r in range(modes):
                    lift[r] += samples.lifted[n, r] * h
            for r in range(modes):
                a -= lift[r] * samples.pulled[k, r]
                b -= lift[r] * lift[r]
            best = -np.inf
            total = 0.0
            for s in heights:
                v = (s * level) ** 2
                spread = v / (1.0 + v * b)
                log_z = 0.5 * a * a * spread - 0.5 * math.log1p(v * b)
                log_z += log_phi(a * math.sqrt(spread)) + math.log(2.0)
                if log_z > best:
                    total = total * math.exp(best - log_z) + 1.0
                    best = log_z
                else:
                    total += math.exp(log_z - best)
            gain[i, j] = best + math.log(total / heights.size)
            height[i, j] = max(a, 0.0) / max(b, 1e-12)


def shapes() -> Floats:
    """Rise [s], recession [s] and the greatest value of each shape [-], shape (shapes, 3)."""
    rows = []
    for rise in RISES_H:
        for fall in RECESSIONS_H:
            peak = rise * math.log1p(fall / rise)
            rows.append((rise * HOUR_S, fall * HOUR_S, -math.expm1(-peak / rise) * math.exp(-peak / fall)))
    return np.array(rows)


def shape_at(time_s: Floats, onset_s: float, shape: Floats) -> Floats:
    """A shape that begins at ``onset_s`` [-]."""
    u = np.maximum(time_s - onset_s, 0.0)
    found: Floats = -np.expm1(-u / shape[0]) * np.exp(-u / shape[1]) / shape[2]
    return found


def find_rain(series: list[Series], samples: Weighed, log_weight_of: Floats | None, onsets: Floats) -> Rain:
    """The rain that explains the stations best beside their backgrounds (which ``samples`` carry).

    ``onsets`` [s] equally spaced by :data:`STEP_S`; ``log_weight_of`` [nats] each before any sample (None: equal).
    """
    kinds = shapes()
    delays = int(LONGEST_DELAY_S / STEP_S)
    heights = np.array(HEIGHTS)
    count = onsets.size - delays
    tables, tallest, score = [], [], np.zeros(count)
    for k, one in enumerate(series):
        gain, height = np.empty((2, kinds.shape[0], onsets.size))
        _gains(k, max(one.level, one.floor), kinds, onsets, samples, heights, gain, height)
        tables.append(gain)
        tallest.append(height)
        late = np.stack([gain[:, d : d + count] for d in range(delays + 1)])
        top = late.max(axis=(0, 1))
        score += np.logaddexp(math.log(DRY), math.log1p(-DRY) + top + np.log(np.exp(late - top).mean(axis=(0, 1))))
    weight = np.full(count, -math.log(count)) if log_weight_of is None else log_weight_of[:count]
    total = score + weight
    best = int(np.argmax(total))
    log_evidence = float(total[best] + np.log(np.exp(total - total[best]).sum()))
    columns: list[Floats | None] = []
    explained = 0.0
    for one, gain, height in zip(series, tables, tallest, strict=True):
        late = gain[:, best : best + delays + 1]
        i, d = np.unravel_index(int(np.argmax(late)), late.shape)
        if late[i, d] <= 0.0:
            columns.append(None)
            explained += math.log(DRY)
            continue
        explained += float(late[i, d])
        curve = shape_at(one.time_s, float(onsets[best + d]), kinds[i])
        tall = max(float(height[i, best + d]), 0.3 * max(one.level, one.floor))
        columns.append(np.hstack([tall * curve[:, None], _gusts(one.time_s, GUSTS * tall * curve)]))
    return Rain(log_evidence, float(onsets[best]), columns, log_evidence - explained)


def _gusts(time_s: Floats, size: Floats) -> Floats:
    """Columns of a noise that is forgotten over hours and as large as ``size`` (n,) [mg/L]."""
    few: Ints = np.flatnonzero(size > 0.02 * size.max()) if size.max() > 0 else np.empty(0, np.int64)
    if few.size < 2:
        return np.empty((time_s.size, 0))
    few = few[:: max(few.size // 200, 1)]
    apart = np.abs(time_s[few][:, None] - time_s[few][None, :])
    covariance = np.outer(size[few], size[few]) * np.exp(-apart / GUST_S)
    most = min(_GUST_MODES, few.size)
    value, vector = eigh(covariance, subset_by_index=(few.size - most, few.size - 1))
    columns = np.zeros((time_s.size, most))
    for m in range(most):
        own = vector[:, m] * math.sqrt(max(value[m], 0.0))
        columns[:, m] = np.interp(time_s, time_s[few], own, left=0.0, right=0.0)
    return columns
