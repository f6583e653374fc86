"""The climatology: what a place usually has at this time of year and of day, as harmonics.

    c(t) = b₀ + Σ_{k=1,2} (a_k cos + b_k sin)(2πk t/year) + Σ_{k=1,2} (c_k cos + d_k sin)(2πk t/day)

with c₁ and d₁ varying over the year, fitted by least squares with a small ridge (Wilks, Statistical Methods in the
Atmospheric Sciences, 4th ed. 2019, section 10.4).

Two climatologies are kept. The one in use rests on everything before the origin. What is *learned from* the past may
not use it there: against a mean that it helped to make, the past looks calmer than the future will. So each block of
about a month has a climatology of its own, fitted without that block and its two neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAY_S = 86400.0
YEAR_S = 365.2425 * DAY_S
BLOCK_S = 30 * DAY_S
HARMONICS = 2
WHOLE_YEAR = 0.9  # with less of a year than this the yearly course is not fitted
RIDGE_DAYS = 3.0  # the ridge weighs as much as so many days of values
MEMORY_S = 45 * DAY_S  # without a year, near blocks tell more than far ones
FEWEST = 20  # values for a climatology


@dataclass(frozen=True, eq=False)
class Season:
    """The climatologies known at one moment.

    ``basis`` (steps, k); ``now`` (places, k) the coefficients in use, ``apart`` (places, blocks, k) those of each
    block fitted without it; ``block`` (steps,) which block a step is in; ``end`` the first step that was not used.
    NaN where a place has too few values.
    """

    basis: Floats
    now: Floats
    apart: Floats
    block: Ints
    end: int

    def ahead(self, at: Ints, lead: int) -> Floats:
        """(places, times): what is usual ``lead`` steps after the steps ``at``, by the climatology in use."""
        return self.now @ self.basis[at + lead].T

    def learned(self, at: Ints, lead: int) -> Floats:
        """The same, by the climatology that does not know the block of ``at``; the one in use from ``end`` on."""
        found: Floats = np.einsum("ptk,tk->pt", self.apart[:, self.block[at]], self.basis[at + lead])
        late = at >= self.end
        if late.any():
            found[:, late] = self.ahead(at[late], lead)
        return found


def fit_season(values: Floats, times_s: Floats, end: int) -> Season:
    """The climatologies of ``values`` (places, steps) from the steps before ``end``.

    ``times_s`` (steps + leads,) [s since 1970 UTC] reach as far as something will be forecast. A yearly course is
    fitted where the values before ``end`` span at least nine tenths of a year, a daily one where a day has four steps
    or more; without a yearly course near months count more (``exp(−Δt/45 d)``), so that the mean follows the season.
    """
    step_s = float(times_s[1] - times_s[0])
    filled = np.flatnonzero((~np.isnan(values[:, :end])).any(axis=0))
    span_s = float(times_s[filled[-1]] - times_s[filled[0]]) if len(filled) else 0.0
    has_year = span_s >= WHOLE_YEAR * YEAR_S
    basis = _basis(times_s, has_year, step_s <= DAY_S / 4)
    block: Ints = ((times_s - times_s[0]) // max(BLOCK_S, 2 * step_s)).astype(np.int64)
    blocks = int(block[-1]) + 1
    k = basis.shape[1]
    ridge = RIDGE_DAYS * max(1.0, DAY_S / step_s) * np.diag(np.r_[0.01, np.ones(k - 1)])
    last = int(block[min(end, len(block) - 1)])
    nearness = np.ones((blocks, blocks))
    if not has_year:
        apart_s = max(BLOCK_S, 2 * step_s) * np.abs(np.subtract.outer(np.arange(blocks), np.arange(blocks)))
        nearness = np.exp(-apart_s / MEMORY_S)
    now = np.full((len(values), k), np.nan)
    apart = np.full((len(values), blocks, k), np.nan)
    without = nearness * (np.abs(np.subtract.outer(np.arange(blocks), np.arange(blocks))) > 1)
    for place, row in enumerate(values):
        gram, moment, count = _sums(row[:end], basis, block, blocks)
        if count.sum() < FEWEST:
            continue
        w = nearness[last]
        now[place] = np.linalg.solve(np.tensordot(w, gram, 1) + ridge, w @ moment)
        enough = (without > 0) @ count >= FEWEST
        left = np.tensordot(without[enough], gram, 1) + ridge
        apart[place, enough] = np.linalg.solve(left, (without[enough] @ moment)[..., None])[..., 0]
    return Season(basis, now, apart, block, end)


def _basis(times_s: Floats, has_year: bool, has_day: bool) -> Floats:
    columns = [np.ones(len(times_s))]
    year = 2 * np.pi * times_s / YEAR_S
    day = 2 * np.pi * times_s / DAY_S
    if has_year:
        columns += [f(k * year) for k in range(1, HARMONICS + 1) for f in (np.cos, np.sin)]
    if has_day:
        daily = [f(k * day) for k in range(1, HARMONICS + 1) for f in (np.cos, np.sin)]
        columns += daily
        if has_year:
            columns += [one * other(year) for one in daily[:2] for other in (np.cos, np.sin)]
    return np.column_stack(columns)


def _sums(row: Floats, basis: Floats, block: Ints, blocks: int) -> tuple[Floats, Floats, Floats]:
    """BᵀB (blocks, k, k), Bᵀy (blocks, k) and how many values each block has."""
    there = np.flatnonzero(~np.isnan(row))
    k = basis.shape[1]
    gram, moment, count = np.zeros((blocks, k, k)), np.zeros((blocks, k)), np.zeros(blocks)
    edges = np.searchsorted(block[there], np.arange(blocks + 1))
    for b in range(blocks):
        chosen = there[edges[b] : edges[b + 1]]
        if len(chosen):
            part = basis[chosen]
            gram[b], moment[b], count[b] = part.T @ part, part.T @ row[chosen], len(chosen)
    return gram, moment, count
