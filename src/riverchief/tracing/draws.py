"""What one candidate's release may have been: weighted draws, and the evidence that their weights add up to.

Sequential importance sampling with the best proposal (Doucet et al. 2000, Stat. Comput. 10:197): duration, stretch and
arrival at the anchor are drawn as the anchor's samples alone suggest, the mass as they suggest then; the arrival at
each other station, one after the other, from the product of what the stations before say about it (a Gaussian, see
:mod:`.lags`) and what its own samples say, which is exact on a grid. The weight is the integrand over the proposal, so
the mean weight is the evidence. Station backgrounds and a relative error of each station's concentrations are
integrated in closed form:

    ∫ exp(x a - x² b/2) N(x; m, v) dx = exp((m a - m² b/2 + v a²/2)/(1 + v b)) / √(1 + v b),   v = (q m)²
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from riverchief.tracing.fit import DURATION, MASS, STRETCH
from riverchief.tracing.sums import best_mass, products
from riverchief.transport.physics import Floats

MOST_TIMES = 96
_DEEP = 16.0  # what lies so many nats below the best is left out
_WIDER = 1.4  # the proposal of the mass is so much wider than the anchor's samples say
_ROOT_2PI = math.sqrt(2.0 * math.pi)
MASS_KG, RELEASED_S, BEGIN_S, LOG_STRETCH, FIRST_ARRIVAL = 0, 1, 2, 3, 4


class Prior(NamedTuple):
    """Before any sample: the durations [s], each as likely; nodes of the stretch with log weights; least and greatest
    mass [kg]; first and last beginning [s]; relative error of each station's concentrations [-]."""

    durations_s: Floats
    stretches: Floats
    stretch_log_weight: Floats
    least_kg: float
    greatest_kg: float
    begin_from_s: float
    begin_to_s: float
    amplitude: float


@njit(cache=True, nogil=True, error_model="numpy")
def arrival_grid(curves, row, fit, samples, greatest, centre, sd, low, high, out):  # type: ignore[no-untyped-def]
    """First, step and number of a grid of arrivals at a row's station that holds all that matters.

    With ``sd`` infinite each arrival has the mass that suits it best, else the fit's mass and the prior N(centre, sd).
    """
    scale = math.exp(fit[STRETCH])
    duration = fit[DURATION]
    mass = 0.0 if np.isinf(sd) else fit[MASS]
    wide = math.sqrt((curves.sd_s[row] * scale) ** 2 + duration * duration / 12.0)
    step = min(0.25 * wide, (high - low) / 16.0)
    if high - low > 1500 * step:
        step = (high - low) / 1500
    n = int((high - low) / step) + 1
    score = np.empty(n)
    best = -np.inf
    strength = 0.0
    for i in range(n):
        c = low + i * step
        a, b = products(curves, row, c, scale, duration, samples)
        if mass > 0.0:
            score[i] = mass * a - 0.5 * mass * mass * b - 0.5 * ((c - centre) / sd) ** 2
        else:
            _, score[i] = best_mass(a, b, greatest)
        if score[i] > best:
            best = score[i]
            strength = mass * mass * b if mass > 0.0 else 2.0 * score[i]
    # between two steps a sharp peak may rise by what the parabola through its neighbours says, at most
    lift = 0.0
    for i in range(1, n - 1):
        if score[i] >= score[i - 1] and score[i] >= score[i + 1] and score[i] > best - 60.0:
            bend = 2.0 * score[i] - score[i - 1] - score[i + 1]
            if bend > 0.0:
                lift = max(lift, score[i] + 0.125 * (score[i - 1] - score[i + 1]) ** 2 / bend - best)
    i0 = n
    i1 = -1
    for i in range(n):
        steep = 0.0
        if i > 0:
            steep = max(steep, abs(score[i - 1] - score[i]))
        if i < n - 1:
            steep = max(steep, abs(score[i + 1] - score[i]))
        if score[i] + 0.25 * steep > best + lift - _DEEP:
            i0 = min(i0, i)
            i1 = max(i1, i)
    first = low + max(i0 - 0.7, 0.0) * step
    last = low + min(i1 + 0.7, n - 1.0) * step
    fine = 0.6 * wide / math.sqrt(1.0 + 0.7 * strength)
    if not np.isinf(sd):
        fine = min(fine, 0.6 * sd)
    count = min(max(int((last - first) / fine) + 2, 7), MOST_TIMES)
    out[0] = first
    out[1] = max((last - first) / (count - 1), 1e-3)
    out[2] = count


@njit(cache=True, nogil=True, error_model="numpy")
def log_seen(mass, a, b, error):  # type: ignore[no-untyped-def]
    """log L(mass) - log L(0) of a station whose concentrations may all be off by ``error`` [-]."""
    v = (error * mass) ** 2
    return (mass * a - 0.5 * mass * mass * b + 0.5 * v * a * a) / (1.0 + v * b) - 0.5 * math.log1p(v * b)


@njit(cache=True, nogil=True, error_model="numpy")
def draw(curves, low, high, lags, prior, samples, window, fit, arrivals, uniform, normal, out, log_weight):  # type: ignore[no-untyped-def]
    """Draws of one candidate with rows ``low:high``; returns the number of combinations of duration and stretch used.

    Parameters
    ----------
    curves, lags, prior, samples
        See the classes; ``lags.order`` visits the anchor first.
    window
        First and last arrival at the anchor that is thought of [s].
    fit, arrivals
        The best fit and its arrival of each row [s]: grids are laid round it.
    uniform, normal
        Random numbers in [0, 1), shape (draws, n + 2), and standard normal ones, shape (draws,); n = high - low.
    out
        shape (draws, 4 + n): mass [kg], duration [s], beginning [s], stretch [-], arrivals in the rows' order [s].
    log_weight
        shape (draws,): of the integrand over the proposal, relative to mass 0; -inf where impossible.
    """
    n = high - low
    anchor = lags.order[0]
    draws = log_weight.size
    log_weight[:] = -np.inf
    grids = np.zeros((n, 3))
    arrival_grid(
        curves, anchor, fit, samples, prior.greatest_kg, 0.0, np.inf, window[0], window[1], grids[0]
    )  # fmt: skip
    n_a = int(grids[0, 2])
    for o in range(1, n):
        r = lags.order[o]
        spread = 0.0
        for j in range(o + 1):
            spread += lags.root[o, j] ** 2
        loose = math.sqrt(spread + (0.3 * grids[0, 1] * n_a) ** 2)
        centre = arrivals[anchor] + lags.mean[o]
        arrival_grid(
            curves, r, fit, samples, prior.greatest_kg, centre, loose, centre - 4.5 * loose, centre + 4.5 * loose,
            grids[o],
        )  # fmt: skip

    # which durations and stretches matter: the anchor alone
    n_d, n_s = prior.durations_s.size, prior.stretches.size
    glance = np.empty(n_d * n_s)
    top = -np.inf
    for c in range(n_d * n_s):
        p, q = c // n_s, c % n_s
        scale = math.exp(prior.stretches[q])
        glance[c] = -np.inf
        for i in range(0, n_a, 1 if n_a < 24 else 3):
            a, b = products(curves, anchor, grids[0, 0] + i * grids[0, 1], scale, prior.durations_s[p], samples)
            glance[c] = max(glance[c], best_mass(a, b, prior.greatest_kg)[1])
        glance[c] += prior.stretch_log_weight[q]
        top = max(top, glance[c])
    combos = np.empty(n_d * n_s, np.int64)
    used = 0
    for c in range(n_d * n_s):
        if glance[c] > top - 14.0:
            combos[used] = c
            used += 1
    if used == 0 or not top > -np.inf:
        return 0
    table_a = np.empty((used, n, MOST_TIMES))
    table_b = np.empty((used, n, MOST_TIMES))
    for u in range(used):
        duration = prior.durations_s[combos[u] // n_s]
        scale = math.exp(prior.stretches[combos[u] % n_s])
        for o in range(n):
            for i in range(int(grids[o, 2])):
                table_a[u, o, i], table_b[u, o, i] = products(
                    curves, lags.order[o], grids[o, 0] + i * grids[o, 1], scale, duration, samples
                )

    # the proposal of (duration, stretch, arrival at the anchor): prior x the anchor's likelihood over all masses
    cumulative = np.zeros(used * n_a)
    top = -np.inf
    for u in range(used):
        for i in range(n_a):
            place = u * n_a + i
            cumulative[place] = -np.inf
            a, b = table_a[u, 0, i], table_b[u, 0, i]
            if a > 0.0 and b > 0.0:
                mass = min(a / b, prior.greatest_kg)
                e = _mass_error(mass, b, prior.amplitude)
                cumulative[place] = log_seen(mass, a, b, prior.amplitude) + math.log(e)
                cumulative[place] += prior.stretch_log_weight[combos[u] % n_s]
                top = max(top, cumulative[place])
    if not top > -np.inf:
        return 0
    total = 0.0
    for place in range(cumulative.size):
        total += math.exp(cumulative[place] - top)
        cumulative[place] = total
    # what every draw has in common [nats]: steps and the widths of the flat priors
    front = math.log(grids[0, 1]) - math.log(prior.begin_to_s - prior.begin_from_s) - math.log(n_d * 1.0)
    front -= math.log(math.log(prior.greatest_kg / prior.least_kg))

    z = np.empty(n + 1)
    cell = np.empty(MOST_TIMES)
    for d in range(draws):
        place = np.searchsorted(cumulative, (d + uniform[d, 0]) / draws * total)
        place = min(place, cumulative.size - 1)
        share = (cumulative[place] - (cumulative[place - 1] if place > 0 else 0.0)) / total
        if share <= 0.0:
            continue
        u, i = place // n_a, place % n_a
        s = combos[u] % n_s
        a, b = table_a[u, 0, i], table_b[u, 0, i]
        suits = min(a / b, prior.greatest_kg)
        e = _WIDER * _mass_error(suits, b, prior.amplitude)
        log_mass = math.log(suits) + e * normal[d]
        if log_mass < math.log(prior.least_kg) or log_mass > math.log(prior.greatest_kg):
            continue
        mass = math.exp(log_mass)
        weight = front + prior.stretch_log_weight[s] - math.log(share)
        weight += log_seen(mass, a, b, prior.amplitude) + 0.5 * normal[d] ** 2 + math.log(e * _ROOT_2PI)
        arrival = grids[0, 0] + i * grids[0, 1]
        out[d, MASS_KG] = mass
        out[d, RELEASED_S] = prior.durations_s[combos[u] // n_s]
        out[d, LOG_STRETCH] = prior.stretches[s]
        out[d, FIRST_ARRIVAL + anchor - low] = arrival
        z[0] = prior.stretches[s] / lags.root[0, 0]
        for o in range(1, n):
            expected = arrival + lags.mean[o]
            for j in range(o):
                expected += lags.root[o, j] * z[j]
            sd = lags.root[o, o]
            first, step, count = grids[o, 0], grids[o, 1], int(grids[o, 2])
            top = -np.inf
            for i in range(count):
                x = (first + i * step - expected) / sd
                cell[i] = log_seen(mass, table_a[u, o, i], table_b[u, o, i], prior.amplitude) - 0.5 * x * x
                top = max(top, cell[i])
            amount = 0.0
            for i in range(count):
                amount += math.exp(cell[i] - top)
                cell[i] = amount
            wanted = uniform[d, o] * amount
            i = 0
            while i < count - 1 and cell[i] < wanted:
                i += 1
            weight += top + math.log(amount * step / (sd * _ROOT_2PI))
            came = first + i * step
            out[d, FIRST_ARRIVAL + lags.order[o] - low] = came
            z[o] = (came - expected) / sd
        travel = lags.mean[n]
        for j in range(n):
            travel += lags.root[n, j] * z[j]
        # the beginning is what the travel time leaves, if that lies in its window
        sd = lags.root[n, n]
        latest = arrival - 0.5 * out[d, RELEASED_S] - travel
        below = _phi((prior.begin_from_s - latest) / sd)
        inside = _phi((prior.begin_to_s - latest) / sd) - below
        if inside <= 1e-12:
            continue
        out[d, BEGIN_S] = latest + sd * _quantile(below + inside * uniform[d, n])
        out[d, BEGIN_S] = min(max(out[d, BEGIN_S], prior.begin_from_s), prior.begin_to_s)
        log_weight[d] = weight + math.log(inside)
    return used


@njit(cache=True, nogil=True, error_model="numpy")
def _mass_error(mass, b, amplitude):  # type: ignore[no-untyped-def]
    """Standard error of the logarithm of a mass [-] whose samples say 1/√b [kg] beside ``amplitude``; at most 3."""
    return min(math.sqrt(1.0 / (b * mass * mass) + amplitude * amplitude), 3.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _phi(z):  # type: ignore[no-untyped-def]
    """The normal distribution function."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@njit(cache=True, nogil=True, error_model="numpy")
def _quantile(p):  # type: ignore[no-untyped-def]
    """Of the normal distribution, to 1e-9 relative (Acklam 2003)."""
    p = min(max(p, 1e-15), 1.0 - 1e-15)
    a = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02,
         -3.066479806614716e01, 2.506628277459239e00)  # fmt: skip
    b = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01,
         -1.328068155288572e01)  # fmt: skip
    c = (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e00, -2.549732539343734e00,
         4.374664141464968e00, 2.938163982698783e00)  # fmt: skip
    d = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00)
    if p < 0.02425 or p > 1.0 - 0.02425:
        low = p < 0.5
        q = math.sqrt(-2.0 * math.log(p if low else 1.0 - p))
        x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) / (
            (((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0
        )
        return x if low else -x
    q = p - 0.5
    r = q * q
    return (
        (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5])
        * q
        / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0)
    )


def effective(log_weight: Floats) -> float:
    """How many equal draws the weighted ones are worth (Kong et al. 1994)."""
    top = log_weight.max()
    if not np.isfinite(top):
        return 0.0
    weight: NDArray[np.float64] = np.exp(log_weight - top)
    return float(weight.sum() ** 2 / (weight**2).sum())
