"""A truth that source tracing did not make: finite volumes along one way, with dead zones, one cell after another.

The tracer works with cumulants and transfer functions; this works with cells, fluxes and a limiter, so that an error
of either shows. Along a way every quantity is carried as mass flow g [kg/s] at the speed v of each cell:

    ∂(g/v)/∂t = -∂/∂x (g - (D/v) ∂g/∂x) - k g/v + (α/v)(g_s - g),     dg_s/dt = (α/β)(g - g_s) - k g_s

van Leer's limiter, explicit steps at half of what is stable, exact exchange with the dead zones in between (Strang).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Channel(NamedTuple):
    """The reaches of a way, in its order: length [m], velocity [m/s], dispersion [m²/s], decay [1/s], dead zone over
    channel [-], exchange [1/s]."""

    length_m: Floats
    velocity_m_s: Floats
    dispersion_m2_s: Floats
    decay_per_s: Floats
    storage_ratio: Floats
    exchange_per_s: Floats


def carried(
    channel: Channel,
    start_m: float,
    places_m: Floats,
    mass_kg: float,
    start_s: float,
    duration_s: float,
    times_s: Floats,
    cell_m: float = 100.0,
) -> Floats:
    """Mass flow [kg/s] past ``places_m`` (from the head of the way [m]) at ``times_s`` [s, ascending from 0], shape
    (places, times), of ``mass_kg`` let out evenly at ``start_m``."""
    cells = np.maximum(np.ceil(channel.length_m / cell_m), 2).astype(np.int64)
    width = np.repeat(channel.length_m / cells, cells)
    v, d, k, ratio, exchange = (np.repeat(np.asarray(x, np.float64), cells) for x in channel[1:])
    middle = np.cumsum(width) - 0.5 * width
    step = 0.5 * float(np.min(1.0 / (v / width + 2.0 * d / width**2)))
    source = min(int(np.searchsorted(np.cumsum(width), start_m, "right")), width.size - 1)
    right = np.clip(np.searchsorted(middle, places_m), 1, width.size - 1)
    share = np.clip((places_m - middle[right - 1]) / (middle[right] - middle[right - 1]), 0.0, 1.0)
    lasting = max(duration_s, step)
    return _march(width, v, d, k, ratio, exchange, source, mass_kg, start_s, lasting, step, times_s, right, share)


@njit(cache=True, nogil=True, error_model="numpy")
def _march(width, v, d, k, ratio, exchange, source, mass, start, lasting, step, times, right, share):  # type: ignore[no-untyped-def]
    n = width.size
    g = np.zeros(n)
    s = np.zeros(n)
    flux = np.zeros(n + 1)
    out = np.zeros((right.size, times.size))
    last = right.max() + 1
    low = source
    high = source + 1
    still = True
    now = start
    j = 0
    while j < times.size and times[j] < start:
        j += 1
    keep = np.empty(n)
    mixed = np.empty(n)
    for i in range(n):
        keep[i] = math.exp(-k[i] * 0.5 * step)
        rate = exchange[i] * (1.0 + 1.0 / ratio[i]) if exchange[i] > 0.0 else 0.0
        mixed[i] = -math.expm1(-rate * 0.5 * step)
    while j < times.size:
        dt = min(step, times[j] - now)
        if dt > 0.0:
            full = dt == step
            for turn in range(2):
                for i in range(low, high):
                    if exchange[i] > 0.0:
                        m = mixed[i] if full else -math.expm1(-exchange[i] * (1.0 + 1.0 / ratio[i]) * 0.5 * dt)
                        both = (g[i] + ratio[i] * s[i]) / (1.0 + ratio[i])
                        g[i] += m * (both - g[i])
                        s[i] += m * (both - s[i])
                    decay = keep[i] if full else math.exp(-k[i] * 0.5 * dt)
                    g[i] *= decay
                    s[i] *= decay
                if turn == 1:
                    break
                flux[low] = 0.0
                for i in range(low + 1, high + 1):
                    left = g[i - 1]
                    here = g[i] if i < n else left
                    before = g[i - 2] if i >= 2 else 0.0
                    one = left - before
                    two = here - left
                    slope = 2.0 * one * two / (one + two) if one * two > 0.0 else 0.0
                    courant = v[i - 1] * dt / width[i - 1]
                    spread = d[i - 1] / (v[i - 1] * width[i - 1])
                    if i < n and width[i] != width[i - 1]:
                        spread = 0.5 * (spread + d[i] / (v[i] * width[i]))
                    flux[i] = left + 0.5 * (1.0 - courant) * slope - spread * two
                for i in range(low, high):
                    g[i] += v[i] * dt / width[i] * (flux[i] - flux[i + 1])
                if now < start + lasting:
                    part = min(dt, start + lasting - now)
                    g[source] += v[source] / width[source] * mass * part / lasting
            now += dt
            # the window follows the cloud, at first upstream too
            while still and low > 0 and g[low] > 1e-8 * mass / 3600.0:
                low -= 1
            if high < last and g[high - 1] > 1e-12 * mass:
                high = min(high + 1, last)
            while high < last and g[high - 1] > 1e-9 * mass / 3600.0:
                high += 1
            while low < high - 1 and now > start + lasting and g[low] + s[low] < 1e-8 * mass / 3600.0:
                g[low] = 0.0
                s[low] = 0.0
                low += 1
                still = False
        if times[j] - now <= 1e-9:
            for p in range(right.size):
                r = right[p]
                out[p, j] = (1.0 - share[p]) * g[r - 1] + share[p] * g[r]
            j += 1
    return out
