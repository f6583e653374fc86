"""A spill along the river over time: means over the steps of a clock, at the feet of reaches or in short stretches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riverchief.transport.physics import Floats, Physics
from riverchief.transport.response import Response, responses
from riverchief.transport.way import Integers, Way

#: Share of the mass [-] that a picture may lose at its edges.
TAIL = 1e-5


@dataclass(frozen=True)
class Front:
    """Mean concentration [mg/L] at the foot of each reach over each time step, ``mg_l[step, reach]``, shape
    (steps, reaches); step j is from ``time_s[j]`` to ``time_s[j + 1]`` [s], and ``reaches`` are network positions."""

    reaches: Integers
    time_s: Floats
    mg_l: Floats


@dataclass(frozen=True)
class Profile:
    """Mean concentration [mg/L] in the middle of each stretch over each time step, ``mg_l[step, stretch]``.

    Stretch k is ``from_m[k]`` to ``to_m[k]`` [m] of the reach at network position ``reaches[k]``; a lake is one
    stretch. Step j is from ``time_s[j]`` to ``time_s[j + 1]`` [s].
    """

    reaches: Integers
    from_m: Floats
    to_m: Floats
    time_s: Floats
    mg_l: Floats


def front_at_feet(
    way: Way, physics: Physics, rows: Integers, share: float, mass_kg: float, duration_s: float, time_s: Floats
) -> Front:
    """The front at the foot of every reach of ``way``, whose network positions are ``rows``.

    ``physics`` is that of the way only, ``share`` [-] where in its first reach ``mass_kg`` [kg] came in, over
    ``duration_s`` [s].
    """
    positions = np.arange(rows.size)
    shares = np.ones(rows.size)
    return Front(rows, time_s, _means(way, physics, positions, shares, share, mass_kg, duration_s, time_s))


def profile_along(
    way: Way,
    physics: Physics,
    rows: Integers,
    start_m: float,
    mass_kg: float,
    duration_s: float,
    time_s: Floats,
    segments: int,
) -> Profile:
    """The front in stretches of even length, from ``start_m`` [m] of the first reach on."""
    length = physics.length_m
    first = np.zeros(rows.size)
    first[0] = 0.0 if physics.is_lake[0] else min(start_m, float(length[0]))
    spacing = float((length - first).sum()) / max(segments - rows.size, 1)
    pieces = np.maximum(np.floor((length - first) / spacing), 1.0).astype(np.int64)
    pieces[physics.is_lake] = 1
    if rows.size >= segments:
        pieces[:] = 1
    positions = np.repeat(np.arange(rows.size), pieces)
    number = np.arange(positions.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = ((length - first) / pieces)[positions]
    from_m = first[positions] + number * step
    to_m = from_m + step
    middle = 0.5 * (from_m + to_m) / length[positions]
    share = 0.0 if physics.is_lake[0] else float(first[0] / length[0])
    mg_l = _means(way, physics, positions, middle, share, mass_kg, duration_s, time_s)
    return Profile(rows[positions], from_m, to_m, time_s, mg_l)


def _means(
    way: Way,
    physics: Physics,
    positions: Integers,
    shares: Floats,
    share: float,
    mass_kg: float,
    duration_s: float,
    time_s: Floats,
) -> Floats:
    """Mean concentration [mg/L] of each step at each place, shape (steps, places)."""
    curves = responses(way, physics, positions, shares, source_share=share, duration_s=duration_s, tail=TAIL)
    mg_l = np.zeros((time_s.size - 1, positions.size))
    for k, curve in enumerate(curves):
        if curve is None:
            continue
        # The mean over a step is the difference of what has passed: a sharp pulse between two frames is not lost.
        arrived = _passed(curve, time_s)
        flow = physics.discharge_m3_s[positions[k]]
        # 1/s · kg · g/kg / (m³/s) → g/m³
        mg_l[:, k] = np.maximum(np.diff(arrived), 0.0) / np.diff(time_s) * mass_kg * 1e3 / flow
    return mg_l


def _passed(curve: Response, time_s: Floats) -> Floats:
    """Share of the release that has passed by each time [-]; while the fine beginning of a curve lasts, by that."""
    summed = np.concatenate([[0.0], np.cumsum(0.5 * (curve.per_s[1:] + curve.per_s[:-1])) * curve.step_s])
    by_whole: Floats = np.interp(time_s, curve.time_s, summed, left=0.0, right=summed[-1])
    if curve.onset is None:
        return by_whole
    by_onset, end = _passed(curve.onset, time_s), float(curve.onset.time_s[-1])
    later = by_whole - float(np.interp(end, curve.time_s, summed, left=0.0))
    return np.where(time_s <= end, by_onset, by_onset + np.maximum(later, 0.0))
