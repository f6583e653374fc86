"""Cells along the reaches and the time step that suits them, chosen from the physics, and where they are coarse, said.

Numerical spreading of the TVD scheme stays below 1 % of a peak while the grid Péclet number v Δx/D is at most 5; a
reach gets as many cells as that takes. A step must move less than a cell and spread less than one; short reaches take
several small steps within one of the river's, so that one short reach does not slow down all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.transport.physics import Floats, Physics
from riverchief.transport.way import Integers

COURANT = 0.9
PECLET = 5.0
MOST_CELLS = 4_000_000
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """``first[i]`` to ``first[i + 1]`` are the cells of reach i, in order; a lake has one.

    ``peclet`` is each reach's v Δx/D [-], NaN in lakes; ``coarse`` the reaches where it is above what was asked for.
    ``step_s`` is a good time step of the river [s].
    """

    first: Integers
    peclet: Floats
    coarse: Integers
    step_s: float

    @cached_property
    def cells(self) -> Integers:
        """Number of cells of each reach."""
        return np.diff(self.first)


@dataclass(frozen=True)
class Stepping:
    """How a step is made while flow and water stay as they are: ``parts`` small steps of each reach in one of the
    river's, dispersive exchange [m³/s] between a reach's cells (``inner``) and across its foot (``link``)."""

    parts: Integers
    inner: Floats
    link: Floats


def plan_grid(
    down: Integers,
    physics: Physics,
    *,
    peclet: float = PECLET,
    most_cells: int = MOST_CELLS,
    longest_step_s: float = 3600.0,
) -> Grid:
    """Cells and step for a river.

    Parameters
    ----------
    down
        The network's array.
    physics
        At the fastest flow that is to be computed.
    peclet
        Wanted v Δx/D [-].
    most_cells
        If the whole river would need more, all reaches get fewer and ``coarse`` lists those above ``peclet``.
    longest_step_s
        Of the river [s].

    Raises ``BadInput`` where a number is not greater than 0.
    """
    faults = [
        Fault("out_of_range", column=name, details={"given": f"{value:g}", "allowed": "> 0"})
        for name, value in (("peclet", peclet), ("most_cells", most_cells), ("longest_step_s", longest_step_s))
        if not value > 0
    ]
    if faults:
        raise BadInput(faults)
    lake = physics.is_lake
    with np.errstate(invalid="ignore"):
        ideal = physics.length_m * physics.velocity_m_s / (peclet * physics.dispersion_m2_s)
    wanted = np.where(lake, 1.0, np.maximum(np.ceil(ideal - 1e-9), 1.0))
    if wanted.sum() > most_cells:
        left = max(most_cells - int(lake.sum()), 1)
        wanted = np.where(lake, 1.0, np.maximum(np.floor(wanted * left / wanted[~lake].sum()), 1.0))
    cells = wanted.astype(np.int64)
    with np.errstate(invalid="ignore"):
        found = np.where(lake, np.nan, physics.velocity_m_s * physics.length_m / cells / physics.dispersion_m2_s)
    volume = reach_volume(physics)
    inner, foot, head = _exchange(down, physics, cells, volume, lake)
    stable = _stable_steps(physics.discharge_m3_s, cells, volume, inner, foot, head)
    first = np.concatenate([[0], np.cumsum(cells)]).astype(np.int64)
    return Grid(first, found, np.flatnonzero(found > peclet * (1 + 1e-9)), _best_step(stable, cells, longest_step_s))


def plan_steps(
    down: Integers,
    physics: Physics,
    cells: Integers,
    through_m3_s: Floats,
    volume_m3: Floats,
    felt: Flags,
    held_link: Floats,
    step_s: float,
) -> Stepping:
    """The stepping for flow ``through_m3_s`` (the larger of head and foot [m³/s]) and ``volume_m3``, the least water.

    Only reaches that feel the one below (``felt``) exchange with it; ``held_link`` [m³/s] is exchange across heads with
    the water outside.
    """
    lake = physics.is_lake
    inner, foot, _ = _exchange(down, physics, cells, volume_m3, lake)
    foot[~felt] = 0.0
    joined = np.flatnonzero(foot > 0)
    head = _heads(down, foot, joined)
    # What comes back across a foot is that of the step's beginning: it must be less than the head cell holds.
    allowed = 0.8 * volume_m3 / cells / step_s
    foot[joined] *= np.minimum(1.0, allowed[down[joined]] / head[down[joined]])
    head = _heads(down, foot, joined)
    stable = _stable_steps(through_m3_s, cells, volume_m3, inner, foot, head + held_link)
    parts = np.where(lake, 1, np.maximum(np.ceil(step_s / stable - 1e-9), 1)).astype(np.int64)
    return Stepping(parts, inner, foot)


def reach_volume(physics: Physics) -> Floats:
    """Water in each reach [m³]: Q L/v, and Q τ in lakes."""
    with np.errstate(invalid="ignore"):
        running = physics.discharge_m3_s * physics.length_m / physics.velocity_m_s
    return np.where(physics.is_lake, physics.discharge_m3_s * physics.residence_s, running)


def _exchange(
    down: Integers, physics: Physics, cells: Integers, volume: Floats, lake: Flags
) -> tuple[Floats, Floats, Floats]:
    """Dispersive exchange [m³/s] between a reach's cells, across its foot, and summed at its head.

    D A/Δx inside; across a foot the two half cells in series. None into or out of lakes.
    """
    spread = np.where(lake, 1.0, physics.dispersion_m2_s)
    half = np.where(lake, np.inf, physics.length_m**2 / (2 * cells * spread * volume))
    inner = np.where(lake | (cells == 1), 0.0, 1.0 / (2 * half))
    foot = np.zeros(down.size)
    joined = np.flatnonzero(down >= 0)
    foot[joined] = 1.0 / (half[joined] + half[down[joined]])
    return inner, foot, _heads(down, foot, joined)


def _heads(down: Integers, foot: Floats, joined: Integers) -> Floats:
    """Sum of ``foot`` over the reaches above each head."""
    return np.bincount(down[joined], weights=foot[joined], minlength=down.size).astype(np.float64)


def _stable_steps(
    through: Floats, cells: Integers, volume: Floats, inner: Floats, foot: Floats, head: Floats
) -> Floats:
    """Longest stable step of each reach [s]: what leaves a cell, by flow and by exchange, is less than it holds."""
    ends = np.where(cells == 1, foot + head, inner + np.maximum(foot, head))
    middle = np.where(cells > 2, 2 * inner, 0.0)
    return np.asarray(COURANT * volume / cells / (through + np.maximum(ends, middle)))


def _best_step(stable: Floats, cells: Integers, longest_s: float) -> float:
    """The step with the least work: each reach costs cells · parts, and a little for coming by, a step."""
    candidates = np.minimum(np.unique(np.quantile(stable, np.linspace(0.0, 0.5, 26))), longest_s)
    work = [float(np.sum(cells * np.ceil(step / stable - 1e-9) + 1.0)) / step for step in candidates]
    return float(candidates[int(np.argmin(work))])
