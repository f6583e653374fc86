"""Travel time to a station by its cumulants: mean, variance, third cumulant and survival, for all reaches in one pass.

The transfer function of a reach is exp(g(σ(s))) with (van Genuchten and Alves 1982; Bencala and Walters 1983)

    g(σ) = (v L / 2 D) (1 - sqrt(1 + 4 D σ / v²)),   σ(s) = s + k + α (s + k) / (s + k + α/β),   β = A_s/A

so -d/ds, d²/ds², -d³/ds³ of its logarithm at s = 0 are the cumulants of travel time among what survives. Cumulants and
log survivals of reaches in a row add. Where a river divides, the ways are mixed by what arrives along each.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from riverchief.errors import BadInput, Fault
from riverchief.transport.physics import Floats, Physics
from riverchief.transport.way import NO_EDGES, Edges, Integers, way_from


class Cumulants(NamedTuple):
    """Arrays of one shape: mean [s], variance [s²] and third cumulant [s³] of the travel time of what survives, and the
    natural logarithm of the share that survives [-] (-inf where nothing arrives; the others are then NaN)."""

    mean_s: Floats
    variance_s2: Floats
    third_s3: Floats
    log_survival: Floats


class Upstream(NamedTuple):
    """``cumulants[j]`` belongs to reach ``first + j`` of the network."""

    first: int
    cumulants: Cumulants


class Downstream(NamedTuple):
    """``cumulants[j]`` belongs to the foot of reach ``reaches[j]``; upstream before downstream."""

    reaches: Integers
    cumulants: Cumulants


def reach_cumulants(physics: Physics) -> Floats:
    """Each reach's own part, head to foot: shape (reaches, 4), columns as in :class:`Cumulants`.

    With u = v sqrt(1 + 4 D σ₀/v²), σ₀ = σ(0):

        κ₁ = L σ′/u,   κ₂ = 2 D L σ′²/u³ - L σ″/u,   κ₃ = 12 D² L σ′³/u⁵ - 6 D L σ′σ″/u³ + L σ‴/u,
        log survival = L (v - u)/(2 D);    lake: θ = τ/(1 + kτ), κ = θ, θ², 2θ³, -log(1 + kτ)

    Source: cumulants of the inverse Gaussian (Tweedie 1957), chain rule for the storage term. A row is NaN where its
    physics is.
    """
    own = np.empty((physics.length_m.size, 4))
    fill_cumulants(
        physics.length_m,
        physics.velocity_m_s,
        physics.dispersion_m2_s,
        physics.decay_per_s,
        physics.storage_ratio,
        physics.exchange_per_s,
        physics.residence_s,
        own,
    )
    return own


def backward_cumulants(
    down: Integers,
    size: Integers,
    own: Floats,
    station: int,
    *,
    share: float = 1.0,
    secondary: Edges = NO_EDGES,
) -> Upstream:
    """From the head of every reach upstream of a station to the station.

    Parameters
    ----------
    down, size
        The network's post-order arrays, shape (reaches,): reach below (-1 at an outlet, always a larger index) and
        number of reaches at and above.
    own
        :func:`reach_cumulants`, shape (reaches, 4).
    station
        Reach on which the station stands.
    share
        Where on it: chainage/length [-], 0 head, 1 foot; 1 in a lake, which is one mixed tank.
    secondary
        ``(from, to, fraction)`` of the extra edges, sorted by ``from``; each fraction of the discharge leaves the tree
        edge and goes to ``to``.

    Returns
    -------
    Upstream
        The slice of reaches at and above the station; with secondary edges into it, longer, with -inf log survival for
        what does not drain to the station. For an outfall at chainage x of reach i subtract ``own[i] * x/L``.

    Cost: about 5 ns a reach. Raises BadInput where ``station`` or ``share`` lie outside.
    """
    _check_place(down.size, station, share)
    source, target, fraction = secondary
    first = int(station - size[station] + 1)
    if source.size:
        # Upstream set of a DAG: keep taking in what feeds the slice through an extra edge, with its own slice.
        reaches = np.zeros(station + 1, np.bool_)
        reaches[first:] = True
        for edge in range(source.size - 1, -1, -1):
            start, end = int(source[edge]), int(target[edge])
            if end <= station and reaches[end] and not reaches[start]:
                lowest = int(start - size[start] + 1)
                reaches[lowest : start + 1] = True
                first = min(first, lowest)
    out = np.empty((station - first + 1, 4))
    if source.size:
        _backward_mixed(down, own, first, station, share, (source, target, fraction), out)
    else:
        _backward(down, own, first, station, share, out)
    return Upstream(first, Cumulants(out[:, 0], out[:, 1], out[:, 2], out[:, 3]))


def forward_cumulants(
    down: Integers,
    own: Floats,
    source: int,
    *,
    share: float = 0.0,
    secondary: Edges = NO_EDGES,
) -> Downstream:
    """From a place (reach ``source`` at ``share`` = chainage/length of it) to the foot of every reach downstream.

    Arrays and the meaning of ``secondary`` as in :func:`backward_cumulants`; ``share`` is 0 in a lake, which is one
    mixed tank wherever in it the substance falls. Raises BadInput where ``source`` or ``share`` lie outside.
    """
    _check_place(down.size, source, share)
    way = way_from(down, source, secondary)
    part = own[way.reaches]
    part[0] *= 1.0 - share
    head = heads(way.feeders, way.feeder, way.log_share, part)
    table = head + part
    return Downstream(way.reaches, Cumulants(table[:, 0], table[:, 1], table[:, 2], table[:, 3]))


def _check_place(reaches: int, reach: int, share: float) -> None:
    faults = []
    if not 0 <= reach < reaches:
        faults.append(
            Fault("out_of_range", column="reach", details={"given": str(reach), "allowed": f"0 … {reaches - 1}"})
        )
    if not 0.0 <= share <= 1.0:
        faults.append(Fault("out_of_range", column="share", details={"given": str(share), "allowed": "0 … 1"}))
    if faults:
        raise BadInput(faults)


@njit(cache=True, nogil=True, error_model="numpy")
def sigma_at_zero(k, a, ratio):  # type: ignore[no-untyped-def]
    """σ of a reach and its first three derivatives at s = 0; for use inside kernels. ``k`` decay [1/s], ``a`` exchange
    [1/s], ``ratio`` dead zone over channel [-]."""
    if a > 0.0 and ratio > 0.0:
        b = a / ratio
        r = 1.0 / (k + b)
        return k + a * k * r, 1.0 + a * b * r * r, -2.0 * a * b * r * r * r, 6.0 * a * b * r * r * r * r
    return k, 1.0, 0.0, 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def fill_cumulants(length, velocity, dispersion, decay, ratio, exchange, residence, out):  # type: ignore[no-untyped-def]
    """Cumulants of each reach's transfer function g = L v/(2D) (1 - √(1 + 4Dσ(s)/v²)) at s = 0, of a lake's
    -log(1 + (s + k)τ): mean, variance, third and log survival, into ``out`` (reaches, 4). Closed form (Kreft and Zuber
    1978, Chem. Eng. Sci. 33:1471, with dead zones by σ)."""
    for i in range(length.size):
        k = decay[i]
        if residence[i] > 0.0:
            theta = residence[i] / (1.0 + k * residence[i])
            out[i, 0] = theta
            out[i, 1] = theta * theta
            out[i, 2] = 2.0 * theta * theta * theta
            out[i, 3] = -math.log1p(k * residence[i])
            continue
        v = velocity[i]
        d = dispersion[i]
        s0, s1, s2, s3 = sigma_at_zero(k, exchange[i], ratio[i])
        u2 = v * v + 4.0 * d * s0
        u = math.sqrt(u2)
        t = length[i] / u
        q = 2.0 * d / u2
        out[i, 0] = t * s1
        out[i, 1] = t * (q * s1 * s1 - s2)
        out[i, 2] = t * (3.0 * q * q * s1 * s1 * s1 - 3.0 * q * s1 * s2 + s3)
        # L (v - u)/(2 D) = -2 L σ₀/(v + u): no difference of near-equal numbers
        out[i, 3] = -2.0 * length[i] * s0 / (v + u)


@njit(cache=True, nogil=True, error_model="numpy")
def heads(feeders, feeder, log_share, part):  # type: ignore[no-untyped-def]
    """Cumulants of what arrives at the head of every reach of a way, shape (m, 4), from each reach's own ``part``.

    Columns as in :class:`Cumulants`; the graph as in :class:`~riverchief.transport.way.Way`.
    """
    out = np.zeros((part.shape[0], 4))
    for i in range(1, part.shape[0]):
        top = -np.inf
        for e in range(feeders[i], feeders[i + 1]):
            above = feeder[e]
            top = max(top, out[above, 3] + part[above, 3] + log_share[e])
        weight = 0.0
        m = 0.0
        for e in range(feeders[i], feeders[i + 1]):
            above = feeder[e]
            w = math.exp(out[above, 3] + part[above, 3] + log_share[e] - top)
            weight += w
            m += w * (out[above, 0] + part[above, 0])
        m /= weight
        variance = 0.0
        third = 0.0
        for e in range(feeders[i], feeders[i + 1]):
            above = feeder[e]
            w = math.exp(out[above, 3] + part[above, 3] + log_share[e] - top)
            off = out[above, 0] + part[above, 0] - m
            v = out[above, 1] + part[above, 1]
            variance += w * (v + off * off)
            third += w * (out[above, 2] + part[above, 2] + 3.0 * v * off + off * off * off)
        out[i, 0] = m
        out[i, 1] = variance / weight
        out[i, 2] = third / weight
        out[i, 3] = top + math.log(weight)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _backward(down, own, first, station, share, out):  # type: ignore[no-untyped-def]
    """Sums of ``own`` from every reach above a station to it, downstream first: cumulants of independent parts add."""
    last = station - first
    for j in range(4):
        out[last, j] = own[station, j] * share
    for i in range(station - 1, first - 1, -1):
        d = down[i] - first
        r = i - first
        out[r, 0] = own[i, 0] + out[d, 0]
        out[r, 1] = own[i, 1] + out[d, 1]
        out[r, 2] = own[i, 2] + out[d, 2]
        out[r, 3] = own[i, 3] + out[d, 3]


@njit(cache=True, nogil=True, error_model="numpy")
def _backward_mixed(down, own, first, station, share, edges, out):  # type: ignore[no-untyped-def]
    """The same where rivers divide: what arrives is a mixture of ways, whose cumulants are those of a mixture (law of
    total cumulance, weights relative to the greatest)."""
    source, target, fraction = edges
    last = station - first
    for j in range(4):
        out[last, j] = own[station, j] * share
    edge = source.size - 1
    while edge >= 0 and source[edge] >= station:
        edge -= 1
    for i in range(station - 1, first - 1, -1):
        low = edge
        taken = 0.0
        while low >= 0 and source[low] == i:
            taken += fraction[low]
            low -= 1
        # largest log of what arrives along any way: the others are counted relative to it
        top = -np.inf
        d = down[i]
        if d >= 0 and d <= station and taken < 1.0:
            top = out[d - first, 3] + math.log(1.0 - taken)
        for e in range(low + 1, edge + 1):
            if target[e] <= station and fraction[e] > 0.0:
                top = max(top, out[target[e] - first, 3] + math.log(fraction[e]))
        r = i - first
        if top == -np.inf:
            out[r, 0] = np.nan
            out[r, 1] = np.nan
            out[r, 2] = np.nan
            out[r, 3] = -np.inf
            edge = low
            continue
        weight = 0.0
        m = 0.0
        for e in range(low, edge + 1):
            w, row = _way(e, low, down[i], (first, station), taken, edges, out, top)
            if w > 0.0:
                weight += w
                m += w * out[row, 0]
        m /= weight
        variance = 0.0
        third = 0.0
        for e in range(low, edge + 1):
            w, row = _way(e, low, down[i], (first, station), taken, edges, out, top)
            if w > 0.0:
                off = out[row, 0] - m
                variance += w * (out[row, 1] + off * off)
                third += w * (out[row, 2] + 3.0 * out[row, 1] * off + off * off * off)
        out[r, 0] = own[i, 0] + m
        out[r, 1] = own[i, 1] + variance / weight
        out[r, 2] = own[i, 2] + third / weight
        out[r, 3] = own[i, 3] + top + math.log(weight)
        edge = low


@njit(cache=True, nogil=True, error_model="numpy")
def _way(e, low, below, bounds, taken, edges, out, top):  # type: ignore[no-untyped-def]
    """Weight of one way out of a reach, relative to exp(``top``), and the row it leads to: e == low is the tree edge to
    ``below``, which has what is not ``taken``, others are secondary edges. 0 where it misses the station."""
    first, station = bounds
    _, target, fraction = edges
    if e == low:
        part = 1.0 - taken
    else:
        below = target[e]
        part = fraction[e]
    if below < 0 or below > station or part <= 0.0:
        return 0.0, 0
    return part * math.exp(out[below - first, 3] - top), below - first
