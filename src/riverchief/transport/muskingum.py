"""Flow down the network: linear Muskingum, a reach's whole series before the next reach's.

    O(t+1) = C₁ I(t+1) + C₂ I(t) + C₃ O(t),   with 1/C = K(1 - x) + Δt/2:
    C₁ = (Δt/2 - Kx) C,  C₂ = (Δt/2 + Kx) C,  C₃ = (K(1 - x) - Δt/2) C

All three are positive, and no discharge can become negative, while 2Kx <= Δt <= 2K(1 - x). Where a reach is too long
for the step it is cut into equal parts, where it is too short the step is (:func:`plan_routing`). Only the series of
reaches whose confluence is still to come are kept, some log₂ of their number: few, however large the river.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, Fault
from riverchief.place import Network
from riverchief.transport.flow import Flow
from riverchief.transport.physics import Floats
from riverchief.transport.way import Integers

MOST_X = 0.45
MOST_CUTS = 64
DEFAULT_X = 0.2


@dataclass(frozen=True)
class Routing:
    """K [s] and x [-] of each reach, into how many ``parts`` it is cut and into how many ``cycles`` the step; a reach
    with 0 parts is so short that what enters leaves within the step."""

    k_s: Floats
    x: Floats
    parts: Integers
    cycles: Integers
    step_s: float


def muskingum_parameters(
    length_m: ArrayLike,
    velocity_m_s: ArrayLike,
    discharge_m3_s: ArrayLike = np.nan,
    width_m: ArrayLike = np.nan,
    slope: ArrayLike = np.nan,
) -> tuple[Floats, Floats]:
    """K = L/c [s] and x = ½ (1 - Q/(B S c L)) [-], with the wave's celerity c = 5/3 v of a wide Manning channel.

    x lies in 0 … 0.45; where discharge, width B or slope S are not known it is 0.2. NaN velocity gives NaN K. Source:
    Cunge (1969), J. Hydraul. Res. 7:205.
    """
    length, v, q, b, s = np.broadcast_arrays(
        *(np.asarray(a, np.float64) for a in (length_m, velocity_m_s, discharge_m3_s, width_m, slope))
    )
    celerity = 5.0 / 3.0 * v
    with np.errstate(invalid="ignore", divide="ignore"):
        x = 0.5 * (1.0 - q / (b * s * celerity * length))
    return length / celerity, np.where(np.isfinite(x), np.clip(x, 0.0, MOST_X), DEFAULT_X)


def plan_routing(k_s: ArrayLike, x: ArrayLike, step_s: float) -> Routing:
    """Cuts of reach and step with which no coefficient is negative: the fewest n · m for which
    2Kx/n <= Δt/m <= 2K(1 - x)/n.

    Raises ``BadInput``: K not greater than 0, x outside 0 … 0.45, step not greater than 0.
    """
    k, weight = np.broadcast_arrays(np.asarray(k_s, np.float64), np.asarray(x, np.float64))
    faults = []
    for name, bad, allowed in (
        ("k_s", ~(np.isfinite(k) & (k > 0)), "> 0 s"),
        ("x", ~((weight >= 0) & (weight <= MOST_X)), f"0 … {MOST_X}"),
    ):
        if bad.any():
            where = np.flatnonzero(bad)
            values = k if name == "k_s" else weight
            given = ", ".join(f"{i}: {values.reshape(-1)[i]:g}" for i in where[:5])
            details = {"count": str(where.size), "given": given, "allowed": allowed}
            faults.append(Fault("bad_reach_values", column=name, details=details))
    if not step_s > 0:
        faults.append(Fault("out_of_range", column="step_s", details={"given": f"{step_s:g}", "allowed": "> 0 s"}))
    if faults:
        raise BadInput(faults)
    k, weight = np.ascontiguousarray(k).reshape(-1), np.ascontiguousarray(weight).reshape(-1)
    parts, cycles = np.zeros(k.size, np.int64), np.ones(k.size, np.int64)
    _cuts(k, weight, step_s, MOST_CUTS, parts, cycles)
    return Routing(k, weight, parts, cycles, step_s)


def route(
    network: Network, lateral_m3_s: ArrayLike, routing: Routing, keep: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Discharge at the foot of reaches [m³/s].

    Parameters
    ----------
    lateral_m3_s
        What comes into each reach from its own land [m³/s], at 0, Δt, 2Δt …, shape (times, reaches), in post-order. The
        river starts steady at the first row.
    routing
        :func:`plan_routing`.
    keep
        Positions whose series are wanted; all by default. Shape of the answer (times, kept).

    Raises ``BadInput`` for a wrong shape or inflow that is negative or not finite: a gap has to be filled knowingly.
    """
    lateral = np.asarray(lateral_m3_s, np.float64)
    if lateral.ndim != 2 or lateral.shape[1] != network.n or lateral.shape[0] < 1:
        details = {"given": str(lateral.shape), "allowed": f"(times, {network.n})"}
        raise BadInput([Fault("wrong_shape", column="lateral_m3_s", details=details)])
    low = float(lateral.min()) if np.isfinite(lateral).all() else np.nan
    if not low >= 0:
        details = {"given": f"{low:g}", "allowed": "finite, >= 0 m³/s"}
        raise BadInput([Fault("out_of_range", column="lateral_m3_s", details=details)])
    kept = np.arange(network.n) if keep is None else np.atleast_1d(np.asarray(keep, np.int64))
    wanted = np.full(network.n, -1, np.int64)
    wanted[kept] = np.arange(kept.size)
    order = network.sched.astype(np.int64)
    edges = network.secondary
    rows = _live_rows(order, network.down, edges.source, edges.target)
    out = np.empty((kept.size, lateral.shape[0]))
    _route(
        order,
        network.down,
        (edges.source, edges.target, edges.fraction),
        np.ascontiguousarray(lateral.T),
        (routing.k_s, routing.x, routing.parts, routing.cycles, routing.step_s),
        rows,
        wanted,
        out,
    )
    return np.ascontiguousarray(out.T)


def routed_flow(network: Network, lateral_m3_s: ArrayLike, routing: Routing) -> Flow:
    """The routed discharge as the finite-volume solver takes it: means over the steps, so that the water a reach holds
    changes by just what Muskingum stores. Land water comes in at the heads."""
    foot = route(network, lateral_m3_s, routing)
    lateral = np.asarray(lateral_m3_s, np.float64)
    steps = max(foot.shape[0] - 1, 1)
    middle = 0.5 * (foot[1:] + foot[:-1]) if foot.shape[0] > 1 else foot
    inflow = 0.5 * (lateral[1:] + lateral[:-1]) if foot.shape[0] > 1 else lateral
    return Flow(routing.step_s * np.arange(steps), middle, inflow, np.zeros_like(inflow))


@njit(cache=True, nogil=True, error_model="numpy")
def _cuts(k, x, step, most, parts, cycles):  # type: ignore[no-untyped-def]
    """For each reach the fewest n · m cuts of reach and step with 2Kx m/n <= Δt <= 2K(1 - x) m/n: no coefficient is
    negative (Cunge 1969, J. Hydraul. Res. 7:205)."""
    for i in range(k.size):
        best = 2**62
        for m in range(1, most + 1):
            low = int(np.ceil(2.0 * k[i] * x[i] * m / step - 1e-12))
            low = max(low, 1)
            if low <= 2.0 * k[i] * (1.0 - x[i]) * m / step + 1e-12 and low * m < best:
                parts[i] = low
                cycles[i] = m
                best = low * m
            if m >= best:
                break


@njit(cache=True, nogil=True, error_model="numpy")
def _live_rows(order, down, source, target):  # type: ignore[no-untyped-def]
    """Most series that wait for their confluence at one time, the one being made included."""
    waiting = np.zeros(down.size, np.bool_)
    live = 0
    most = 1
    for i in order:
        if not waiting[i]:
            live += 1
        first = np.searchsorted(source, i)
        e = first
        while e < source.size and source[e] == i:
            if not waiting[target[e]]:
                waiting[target[e]] = True
                live += 1
            e += 1
        if down[i] >= 0 and not waiting[down[i]]:
            waiting[down[i]] = True
            live += 1
        most = max(most, live)
        live -= 1
    return most


@njit(cache=True, nogil=True, error_model="numpy")
def _route(  # type: ignore[no-untyped-def]
    order, down, edges, lateral, routing, rows, wanted, out
):
    """Muskingum reach by reach, the whole series of one before the next.

    Equation: dS/dt = I - Q, S = K (x I + (1 - x) Q). Scheme: Q₁ = c₁ I₁ + c₂ I₀ + c₃ Q₀, second order, stable for
    x <= ½; without overshoot where no coefficient is negative (:func:`_cuts`). ``routing`` is (K, x, parts, cycles,
    Δt); ``rows`` series wait at most. Source: McCarthy 1938; Cunge 1969, J. Hydraul. Res. 7:205.
    """
    source, target, fraction = edges
    k, x, parts, cycles, step = routing
    times = lateral.shape[1]
    room = np.zeros((rows, times))
    free = np.arange(rows)
    top = rows
    row_of = np.full(down.size, -1, np.int64)
    term = np.empty(times)
    for i in order:
        row = row_of[i]
        if row < 0:
            top -= 1
            row = free[top]
            for t in range(times):
                room[row, t] = lateral[i, t]
        else:
            for t in range(times):
                room[row, t] += lateral[i, t]
        h = step / cycles[i]
        for _ in range(parts[i]):
            part_k = k[i] / parts[i]
            scale = 1.0 / (part_k * (1.0 - x[i]) + 0.5 * h)
            c1 = (0.5 * h - part_k * x[i]) * scale
            c2 = (0.5 * h + part_k * x[i]) * scale
            c3 = (part_k * (1.0 - x[i]) - 0.5 * h) * scale
            if cycles[i] == 1:
                # the sum first, which becomes vectors, then the recurrence, which cannot
                for t in range(times - 1):
                    term[t] = c1 * room[row, t + 1] + c2 * room[row, t]
                last = room[row, 0]
                for t in range(times - 1):
                    last = term[t] + c3 * last
                    room[row, t + 1] = last
            else:
                last = room[row, 0]
                now = room[row, 0]
                for t in range(1, times):
                    then = room[row, t]
                    rise = (then - now) / cycles[i]
                    inflow = now
                    for _cycle in range(cycles[i]):
                        last = c1 * (inflow + rise) + c2 * inflow + c3 * last
                        inflow += rise
                    now = then
                    room[row, t] = last
        if wanted[i] >= 0:
            for t in range(times):
                out[wanted[i], t] = room[row, t]
        main = 1.0
        e = np.searchsorted(source, i)
        while e < source.size and source[e] == i:
            main -= fraction[e]
            arm = row_of[target[e]]
            if arm < 0:
                top -= 1
                arm = free[top]
                row_of[target[e]] = arm
                for t in range(times):
                    room[arm, t] = 0.0
            for t in range(times):
                room[arm, t] += fraction[e] * room[row, t]
            e += 1
        d = down[i]
        if d >= 0:
            if row_of[d] < 0 and main == 1.0:
                row_of[d] = row  # the only one so far: its series becomes the next one's inflow
                continue
            into = row_of[d]
            if into < 0:
                top -= 1
                into = free[top]
                row_of[d] = into
                for t in range(times):
                    room[into, t] = 0.0
            for t in range(times):
                room[into, t] += main * room[row, t]
        free[top] = row
        top += 1
