"""Exact steps of linear reactions: exponentials of many small systems at once, and their use in every cell.

dc/dt = K c + b has c(h) = exp(K h) c + ∫₀ʰ exp(K τ) dτ b, the exponential of [[K, b], [0, 0]] h. Few substances turn
into few others, so most of that matrix is zero and stays so: only the entries that products can reach are kept.
Reaches, and cells of a reach, are computed side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from riverchief.transport.physics import Floats
from riverchief.transport.way import Integers

_LANES = 32  # reaches computed side by side
_TABLE, _PER_MG_L = 1500, 50.0  # marks of the table of oxygen shares: up to 30 mg/L


@dataclass(frozen=True)
class Pattern:
    """Entries of the exponential that can differ from zero, by row: ``column[e]`` for e from ``start[i]`` to
    ``start[i + 1]``; column and row S (of S species) are those of the constant 1.

    ``made``, ``left`` and ``right`` list the products of two such matrices: entry made += left · right.
    """

    row: Integers
    column: Integers
    start: Integers
    made: Integers
    left: Integers
    right: Integers

    @classmethod
    def of(cls, nonzero: NDArray[np.bool_]) -> Pattern:
        """From the nonzero entries of [[K, b], [0, 0]], (S + 1, S + 1): whatever can follow from them."""
        size = nonzero.shape[0]
        reach = nonzero | np.eye(size, dtype=bool)
        for _ in range(size):
            reach = (reach.astype(int) @ reach.astype(int)) > 0
        row, column = np.nonzero(reach)
        at = {pair: e for e, pair in enumerate(zip(row.tolist(), column.tolist(), strict=True))}
        products = [
            (at[i, j], at[i, k], at[k, j]) for (i, j) in at for k in range(size) if (i, k) in at and (k, j) in at
        ]
        made, left, right = (np.array(part, np.int64) for part in zip(*products, strict=True))
        start = np.searchsorted(row, np.arange(size + 1)).astype(np.int64)
        return cls(row.astype(np.int64), column.astype(np.int64), start, made, left, right)


@dataclass(frozen=True)
class Step:
    """A step of the reactions: ``values`` (reaches, nodes, entries of ``pattern``); nodes are shares of full oxygen
    supply from 0 to 1, or one where oxygen rules nothing."""

    values: Floats
    pattern: Pattern

    def twice(self) -> Step:
        """The step of double span: its square."""
        flat = self.values.reshape(-1, self.pattern.row.size)
        out = np.empty_like(flat)
        _square(flat, self.pattern.made, self.pattern.left, self.pattern.right, out)
        return Step(out.reshape(self.values.shape), self.pattern)


def exact_step(systems: list[tuple[Floats, Floats]], span_s: float) -> Step:
    """The step over ``span_s`` [s] of systems K (reaches, S, S) [1/s], b (reaches, S) [g/m³/s], one for each node."""
    reaches, species = systems[0][1].shape
    nonzero = np.zeros((species + 1, species + 1), bool)
    for matrix, offset in systems:
        nonzero[:species, :species] |= (matrix != 0).any(axis=0)
        nonzero[:species, species] |= (offset != 0).any(axis=0)
    pattern = Pattern.of(nonzero)
    values = np.empty((reaches, len(systems), pattern.row.size))
    for node, (matrix, offset) in enumerate(systems):
        _exponentiate(
            matrix, offset, span_s, pattern.row, pattern.column, pattern.made, pattern.left, pattern.right,
            values, node,
        )  # fmt: skip
    return Step(values, pattern)


@njit(cache=True, nogil=True, error_model="numpy")
def _exponentiate(matrix, offset, span, row, column, made, left, right, out, node):  # type: ignore[no-untyped-def]
    """Scaling to norm <= 1/4, Taylor until what is left no longer counts (13 terms at most), squaring."""
    reaches, species = offset.shape
    entries = row.size
    a = np.zeros(entries * _LANES)
    term = np.zeros(entries * _LANES)
    total = np.zeros(entries * _LANES)
    product = np.zeros(entries * _LANES)
    rows = np.zeros((species + 1) * _LANES)
    for begin in range(0, reaches, _LANES):
        lanes = min(_LANES, reaches - begin)
        rows[:] = 0.0
        for e in range(entries):
            i, j = row[e], column[e]
            for lane in range(lanes):
                value = 0.0
                if i < species:
                    value = span * (matrix[begin + lane, i, j] if j < species else offset[begin + lane, i])
                    if j < species:  # the constant's column does not limit the scaling: it enters linearly
                        rows[i * _LANES + lane] += abs(value)
                a[e * _LANES + lane] = value
        norm = 0.0
        for k in range(rows.size):
            norm = max(norm, rows[k])
        halvings = 0
        while norm > 0.25:
            norm *= 0.5
            halvings += 1
        factor = 0.5**halvings
        for e in range(entries):
            one = 1.0 if row[e] == column[e] else 0.0
            for lane in range(_LANES):
                k = e * _LANES + lane
                a[k] *= factor
                term[k] = one
                total[k] = one
        left_out = 1.0  # norm^m/m!: what the terms from the m-th on can be, next to the first
        for order in range(1, 14):
            _multiply(term, a, made, left, right, product)
            for k in range(product.size):
                term[k] = product[k] / order
                total[k] += term[k]
            left_out *= norm / order
            if left_out < 1e-18:
                break
        for _ in range(halvings):
            _multiply(total, total, made, left, right, product)
            total[:] = product
        for e in range(entries):
            for lane in range(lanes):
                out[begin + lane, node, e] = total[e * _LANES + lane]


@njit(cache=True, nogil=True, error_model="numpy")
def _multiply(first, second, made, left, right, product):  # type: ignore[no-untyped-def]
    product[:] = 0.0
    for m in range(made.size):
        p = np.uint64(made[m] * _LANES)
        q = np.uint64(left[m] * _LANES)
        r = np.uint64(right[m] * _LANES)
        for lane in range(np.uint64(_LANES)):
            product[p + lane] += first[q + lane] * second[r + lane]


@njit(cache=True, nogil=True, error_model="numpy")
def _square(values, made, left, right, out):  # type: ignore[no-untyped-def]
    for k in range(values.shape[0]):
        for e in range(values.shape[1]):
            out[k, e] = 0.0
        for m in range(made.size):
            out[k, made[m]] += values[k, left[m]] * values[k, right[m]]


@njit(cache=True, nogil=True, error_model="numpy")
def react(first, volume, values, start, column, oxygen_at, hold, c, made):  # type: ignore[no-untyped-def]
    """One step of the reactions in every cell of ``c`` (cells, species; flat), with the entries of a :class:`Step`.

    Adds to ``made`` (species) the grams that came to be in reaches of ``volume`` [m³]; one of no volume is left alone.

    The supply of oxygen is that of the mean of beginning and end: a trial step of oxygen first, then the step. Where a
    demand of zeroth order asks for more oxygen than is left, the rest is not taken: oxygen ends at 0.
    """
    nodes = values.shape[1]
    entries = column.size
    species = made.size
    flat = values.reshape(-1)
    before = np.ones((species + 1) * _LANES)  # cells side by side, species after species; last the constant 1
    after = np.zeros(_LANES)
    low = np.zeros(_LANES, np.int64)
    high = np.zeros(_LANES)
    # 1 - exp(-hold · DO) from a table: at 0.02 mg/L apart its straight lines are right to 2e-5
    shares = np.empty(_TABLE + 2)
    for k in range(_TABLE + 2):
        shares[k] = (1.0 - math.exp(-hold * k / _PER_MG_L)) * (nodes - 1)
    for i in range(volume.size):
        water = volume[i] / (first[i + 1] - first[i])
        if water == 0.0:
            continue
        for begin in range(first[i], first[i + 1], _LANES):
            lanes = np.uint64(min(_LANES, first[i + 1] - begin))
            for lane in range(lanes):
                at = np.uint64(begin * species) + lane * np.uint64(species)
                for s in range(np.uint64(species)):
                    before[s * np.uint64(_LANES) + lane] = c[at + s]
            base = np.uint64(i * nodes * entries)
            if oxygen_at >= 0:
                oxygen = np.uint64(oxygen_at * _LANES)
                for lane in range(lanes):
                    after[lane] = before[oxygen + lane]
                _share(after, shares, nodes, lanes, low, high)
                _row(
                    start[oxygen_at],
                    start[oxygen_at + 1],
                    column,
                    flat,
                    base,
                    entries,
                    nodes,
                    low,
                    high,
                    before,
                    lanes,
                    after,
                )
                for lane in range(lanes):
                    after[lane] = 0.5 * (before[oxygen + lane] + after[lane])
                _share(after, shares, nodes, lanes, low, high)
            for s in range(species):
                _row(start[s], start[s + 1], column, flat, base, entries, nodes, low, high, before, lanes, after)
                gained = 0.0
                for lane in range(lanes):
                    value = after[lane]
                    if s == oxygen_at:
                        value = max(value, 0.0)
                    gained += value - before[np.uint64(s * _LANES) + lane]
                    c[np.uint64(begin * species + s) + lane * np.uint64(species)] = value
                made[s] += water * gained


@njit(cache=True, nogil=True, error_model="numpy")
def _share(oxygen, shares, nodes, lanes, low, high):  # type: ignore[no-untyped-def]
    """Between which two nodes the supply of oxygen [mg/L] lies, and how far up."""
    for lane in range(lanes):
        mark = min(max(oxygen[lane], 0.0) * _PER_MG_L, float(_TABLE))
        k = np.uint64(mark)
        place = shares[k] + (mark - k) * (shares[k + np.uint64(1)] - shares[k])
        node = min(int(place), nodes - 2)
        low[lane] = node
        high[lane] = place - node


@njit(cache=True, nogil=True, error_model="numpy")
def _row(begin, end, column, flat, base, entries, nodes, low, high, before, lanes, after):  # type: ignore[no-untyped-def]
    """One row of the step times the cells' concentrations, between the nodes ``low`` and the next."""
    least, most = low[0], low[0]
    for lane in range(lanes):
        least = min(least, low[lane])
        most = max(most, low[lane])
        after[lane] = 0.0
    for e in range(begin, end):
        x = np.uint64(column[e] * _LANES)
        if least == most:
            here = flat[base + np.uint64(least * entries + e)]
            rise = 0.0
            if nodes > 1:
                rise = flat[base + np.uint64((least + 1) * entries + e)] - here
            for lane in range(lanes):
                after[lane] += (here + high[lane] * rise) * before[x + lane]
        else:
            for lane in range(lanes):
                at = base + np.uint64(low[lane] * entries + e)
                after[lane] += (flat[at] + high[lane] * (flat[at + np.uint64(entries)] - flat[at])) * before[x + lane]
