"""Exact steps of linear reactions: exponentials of many small systems at once, and their use in every cell.

dc/dt = K c + b has c(h) = exp(K h) c + ∫₀ʰ exp(K τ) dτ b, the exponential of [[K, b], [0, 0]] h. Few substances turn
into few others, so most of that matrix is zero and stays so: only the entries that products can reach are kept.
Reaches, and cells of a reach, are computed side by side.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from riverchief.transport.physics import Floats
from riverchief.transport.way import Integers

_LANES = 32  # reaches whose exponentials are computed side by side
_SAME = 1e-4  # cells of a reach whose shares of oxygen supply differ by less take that of their mean
_SHARE = 64 * _LANES  # reaches that one thread reacts at a time: whole blocks, so that no two make the same one
_TERMS = 13  # of the exponential's series, at most


class Pattern(NamedTuple):
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


class Exponentials(NamedTuple):
    """Arrays of a :class:`Step` and of the ``half`` step whose squares they are where ``is_square`` (else its own)."""

    free: Floats
    ruled: Floats
    half: Floats
    half_ready: NDArray[np.bool_]
    values: Floats
    ready: NDArray[np.bool_]
    is_square: bool


class Oxygen(NamedTuple):
    """Which species is oxygen (-1: none rules), and by how much of it its share of full supply rises [L/mg]."""

    at: int
    hold: float


@dataclass(frozen=True)
class Step:
    """A step of the reactions, made where and when it is asked for.

    ``free`` (entries of ``pattern``, reaches) is the exponent without oxygen, ``ruled`` what full supply adds.
    ``values`` (reaches, nodes, entries) are the exponentials at ``nodes`` shares of supply from 0 to 1, or at one where
    oxygen rules nothing; ``ready`` (blocks of reaches, nodes) tells which are there. A step that is ``half`` twice is
    its square.
    """

    free: Floats
    ruled: Floats
    values: Floats
    ready: NDArray[np.bool_]
    pattern: Pattern
    half: Step | None = None

    @classmethod
    def of(cls, free: Floats, ruled: Floats, nodes: int, pattern: Pattern, half: Step | None = None) -> Step:
        """A step of which nothing is made yet."""
        entries, reaches = free.shape
        values = np.empty((reaches, nodes, entries))
        return cls(free, ruled, values, np.zeros((-(-reaches // _LANES), nodes), np.bool_), pattern, half)

    def twice(self) -> Step:
        """The step of double span."""
        return Step.of(self.free, self.ruled, self.values.shape[1], self.pattern, self)

    def react(
        self,
        first: Integers,
        volume: Floats,
        oxygen_at: int,
        hold: float,
        c: Floats,
        made: Floats,
        crew: Executor | None = None,
    ) -> None:
        """One step in every cell of ``c`` (cells, species; flat).

        Adds to ``made`` (species) the grams that came to be in reaches of ``volume`` [m³]; one of no volume is left
        alone. Oxygen, if it rules, is species ``oxygen_at``, and its share of full supply 1 - exp(-``hold`` · DO).
        A ``crew`` of threads shares the reaches; the answer is the same to the last bit.

        The supply of oxygen is that of the mean of beginning and end: a trial step of oxygen first, then the step.
        Where a demand of zeroth order asks for more oxygen than is left, the rest is not taken: oxygen ends at 0.
        """
        base = self.half or self
        made_of = Exponentials(
            self.free, self.ruled, base.values, base.ready, self.values, self.ready, self.half is not None
        )
        oxygen = Oxygen(oxygen_at, hold)

        def part(begin: int) -> Floats:
            gained = np.zeros(made.size)
            reaches = (begin, min(begin + _SHARE, volume.size))
            _react(reaches, first, volume, made_of, self.pattern, oxygen, c, gained)
            return gained

        begins = range(0, volume.size, _SHARE)
        for gained in crew.map(part, begins) if crew is not None and len(begins) > 1 else map(part, begins):
            made += gained


def exact_step(without: Floats, full: Floats | None, nodes: int, span_s: float) -> Step:
    """The step over ``span_s`` [s] of systems [K, b] (species, species + 1, reaches) [1/s, g/m³/s]: ``without`` oxygen
    and with its ``full`` supply, linear between; None where oxygen rules nothing."""
    species, _, reaches = without.shape
    nonzero = np.zeros((species + 1, species + 1), bool)
    nonzero[:species] = without.any(axis=2) if full is None else without.any(axis=2) | full.any(axis=2)
    pattern = Pattern.of(nonzero)
    of_species = np.flatnonzero(pattern.row < species)
    free, ruled = np.zeros((pattern.row.size, reaches)), np.zeros((pattern.row.size, reaches))
    at = pattern.row[of_species], pattern.column[of_species]
    free[of_species] = span_s * without[at]
    if full is not None:
        ruled[of_species] = span_s * (full[at] - without[at])
    return Step.of(free, ruled, nodes, pattern)


@njit(cache=True, nogil=True, error_model="numpy")
def _exponentiate(block, node, step, pattern):  # type: ignore[no-untyped-def]
    """Make exp(A), A = ``free`` + share · ``ruled``, of a block of reaches at a node, into the half step's values.

    Scheme: scaling to a norm of at most 1/4, Taylor's series by Horner's rule in A² (half as many products; what is
    left out is below 1e-18 of the first term), squaring (Moler and Van Loan 2003, SIAM Rev. 45:3, method 3). Stable for
    any step.
    """
    free, ruled, values = step.free, step.ruled, step.half
    row, column = pattern.row, pattern.column
    entries, reaches = free.shape
    nodes = values.shape[1]
    share = node / (nodes - 1.0) if nodes > 1 else 0.0
    begin = block * _LANES
    lanes = min(_LANES, reaches - begin)
    species = row[entries - 1]
    wide = np.uint64(min(_LANES, reaches + _LANES))
    a = np.zeros(entries * _LANES)
    rows = np.zeros((species + 1) * _LANES)
    for e in range(entries):
        for lane in range(lanes):
            value = free[e, begin + lane] + share * ruled[e, begin + lane]
            a[e * _LANES + lane] = value
            if column[e] < species:  # the constant's column does not limit the scaling: it enters linearly
                rows[row[e] * _LANES + lane] += abs(value)
    norm = 0.0
    for k in range(rows.size):
        norm = max(norm, rows[k])
    halvings = 0
    while norm > 0.25:
        norm *= 0.5
        halvings += 1
    factor = 0.5**halvings
    for k in range(a.size):
        a[k] *= factor
    pairs, left_out = 0, norm * norm / 2.0  # what the terms left out can be, next to the first
    while left_out > 1e-18 and 2 * pairs + 1 < _TERMS:
        pairs += 1
        left_out *= norm * norm / ((2 * pairs + 1.0) * (2 * pairs + 2.0))
    squared = np.zeros(entries * _LANES)
    total = np.zeros(entries * _LANES)
    product = np.zeros(entries * _LANES)
    if pairs > 0:
        _multiply(a, a, pattern, wide, squared)
    even = 1.0  # 1/(2 pairs)!
    for k in range(2, 2 * pairs + 1):
        even /= k
    for pair in range(pairs, -1, -1):
        if pair < pairs:
            _multiply(total, squared, pattern, wide, product)
        odd = even / (2 * pair + 1.0)
        for k in range(total.size):
            total[k] = product[k] + odd * a[k]
        for e in range(entries):
            if row[e] == column[e]:
                for lane in range(wide):
                    total[np.uint64(e) * wide + lane] += even
        even *= max(2.0 * pair * (2.0 * pair - 1.0), 1.0)
    for _ in range(halvings):
        _multiply(total, total, pattern, wide, product)
        total[:] = product
    for e in range(entries):
        for lane in range(lanes):
            values[begin + lane, node, e] = total[e * _LANES + lane]


@njit(cache=True, nogil=True, error_model="numpy")
def _multiply(first, second, pattern, lanes, product):  # type: ignore[no-untyped-def]
    """The product of two matrices of one pattern, of ``lanes`` reaches side by side: only entries that can be there."""
    made, left, right = pattern.made, pattern.left, pattern.right
    # ``lanes`` is not a constant, or the compiler would write out all of them one by one instead of making vectors
    product[:] = 0.0
    for m in range(made.size):
        p = np.uint64(made[m]) * lanes
        q = np.uint64(left[m]) * lanes
        r = np.uint64(right[m]) * lanes
        for lane in range(lanes):
            product[p + lane] += first[q + lane] * second[r + lane]


@njit(cache=True, nogil=True, error_model="numpy")
def _square(block, node, step, pattern):  # type: ignore[no-untyped-def]
    """exp(2A) = exp(A)²: the exponentials of a whole step from those of its half, for a block of reaches at a node."""
    values, out = step.half, step.values
    made, left, right = pattern.made, pattern.left, pattern.right
    for i in range(block * _LANES, min((block + 1) * _LANES, values.shape[0])):
        for e in range(values.shape[2]):
            out[i, node, e] = 0.0
        for m in range(made.size):
            out[i, node, made[m]] += values[i, node, left[m]] * values[i, node, right[m]]


@njit(cache=True, nogil=True, error_model="numpy")
def _react(reaches, first, volume, step, pattern, oxygen_rule, c, made):  # type: ignore[no-untyped-def]
    """One step of the reactions in the cells of the ``reaches`` from … to.

    Equation: dc/dt = K(s) c + b(s), linear but for s = 1 - exp(-hold · DO), the share of full oxygen supply. Scheme:
    c(h) = exp([[K, b], [0, 0]] h) (c, 1), the exponential linear in s between nodes; s is that of the mean of oxygen at
    beginning and end, from a trial step of oxygen alone (the midpoint rule, second order in h). Stable for any h, since
    exponentials of decaying systems decay; oxygen below 0 is cut to 0. Source: Moler and Van Loan 2003, SIAM Rev. 45:3;
    midpoint: Hairer, Nørsett and Wanner 1993, II.1. Four cells side by side; a reach whose cells have one supply takes
    one matrix for all.
    """
    values, ready = step.values, step.ready
    column, start = pattern.column, pattern.start
    oxygen_at, hold = oxygen_rule.at, oxygen_rule.hold
    begin_reach, end_reach = reaches
    nodes = values.shape[1]
    entries = np.uint64(column.size)
    species = np.uint64(made.size)
    flat = values.reshape(-1)
    one, two, three, side = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    before = np.ones((made.size + 1) * 4)  # four cells side by side, species after species; last the constant 1
    trial = np.zeros(4)
    low = np.zeros(4, np.int64)
    high = np.zeros(4)
    place_of = (4 * column).astype(np.uint64)  # of each entry's species in ``before``
    mixed = np.empty(column.size)  # the step of a reach whose cells all have the same supply of oxygen
    mean = np.ones(made.size + 1)
    ruled_by = oxygen_at >= 0
    oxygen = np.uint64(oxygen_at if ruled_by else 0)
    most = nodes - 1.0
    for i in range(begin_reach, end_reach):
        cells_here = first[i + 1] - first[i]
        water = volume[i] / cells_here
        if water == 0.0:
            continue
        block = i // _LANES
        same = True
        node, part = 0, 0.0
        if ruled_by:
            at = np.uint64(first[i]) * species
            least = greatest = c[at + oxygen]
            for s in range(species):
                mean[s] = 0.0
            for cell in range(np.uint64(cells_here)):
                least = min(least, c[at + cell * species + oxygen])
                greatest = max(greatest, c[at + cell * species + oxygen])
                for s in range(species):
                    mean[s] += c[at + cell * species + s]
            same = _supply(greatest, hold) - _supply(least, hold) <= _SAME
        for turn in range(2 if ruled_by and same else 1 if same else 0):
            # first a trial of oxygen, where it rules, by the mean of the cells: a step is linear
            if ruled_by:
                if turn == 0:
                    for s in range(species):
                        mean[s] /= cells_here
                    now = mean[oxygen]
                else:
                    now = 0.0
                    for e in range(start[oxygen_at], start[oxygen_at + 1]):
                        now += mixed[e] * mean[column[e]]
                    now = 0.5 * (mean[oxygen] + now)
                place = _supply(now, hold) * most
                node = min(int(place), nodes - 2)
                part = place - node
            for k in range(node, min(node + 2, nodes)):
                if not ready[block, k]:
                    _make(block, k, step, pattern)
                    ready[block, k] = True
            here = np.uint64(i * nodes + node) * entries
            above = here + entries if nodes > 1 else here
            begins, ends = np.uint64(0), entries
            if ruled_by and turn == 0:  # the trial is of oxygen alone
                begins, ends = np.uint64(start[oxygen]), np.uint64(start[oxygen + one])
            for e in range(begins, ends):
                mixed[e] = flat[here + e] + part * (flat[above + e] - flat[here + e])
        for first_cell in range(first[i], first[i + 1], 4):
            cells = np.uint64(min(4, first[i + 1] - first_cell))
            at = np.uint64(first_cell) * species
            for cell in range(side):
                # where fewer than four are left the last stands for those that are missing
                there = at + (cell if cell < cells else cells - one) * species
                for s in range(species):
                    before[s * side + cell] = c[there + s]
            for turn in range(0 if same else -1, made.size):
                if turn <= 0 and not same:
                    for cell in range(side):
                        now = before[oxygen * side + cell]
                        if turn == 0:
                            now = 0.5 * (now + trial[cell])
                        place = _supply(now, hold) * most
                        low[cell] = min(int(place), nodes - 2)
                        high[cell] = place - low[cell]
                        for k in range(low[cell], low[cell] + 2):
                            if not ready[block, k]:
                                _make(block, k, step, pattern)
                                ready[block, k] = True
                to = np.uint64(turn) if turn >= 0 else oxygen
                a0, a1, a2, a3 = 0.0, 0.0, 0.0, 0.0
                begins, ends = np.uint64(start[to]), np.uint64(start[to + one])
                if same:
                    for e in range(begins, ends):
                        x = place_of[e]
                        value = mixed[e]
                        a0 += value * before[x]
                        a1 += value * before[x + one]
                        a2 += value * before[x + two]
                        a3 += value * before[x + three]
                else:
                    b0, b1 = np.uint64(i * nodes + low[0]) * entries, np.uint64(i * nodes + low[1]) * entries
                    b2, b3 = np.uint64(i * nodes + low[2]) * entries, np.uint64(i * nodes + low[3]) * entries
                    for e in range(begins, ends):
                        x = place_of[e]
                        v0, v1, v2, v3 = flat[b0 + e], flat[b1 + e], flat[b2 + e], flat[b3 + e]
                        a0 += (v0 + high[0] * (flat[b0 + entries + e] - v0)) * before[x]
                        a1 += (v1 + high[1] * (flat[b1 + entries + e] - v1)) * before[x + one]
                        a2 += (v2 + high[2] * (flat[b2 + entries + e] - v2)) * before[x + two]
                        a3 += (v3 + high[3] * (flat[b3 + entries + e] - v3)) * before[x + three]
                if turn < 0:
                    trial[0], trial[1], trial[2], trial[3] = a0, a1, a2, a3
                    continue
                if turn == oxygen_at:
                    a0, a1, a2, a3 = max(a0, 0.0), max(a1, 0.0), max(a2, 0.0), max(a3, 0.0)
                x = to * side
                gained = a0 - before[x]
                c[at + to] = a0
                if cells > one:
                    gained += a1 - before[x + one]
                    c[at + species + to] = a1
                if cells > two:
                    gained += a2 - before[x + two]
                    c[at + two * species + to] = a2
                if cells > three:
                    gained += a3 - before[x + three]
                    c[at + three * species + to] = a3
                made[to] += water * gained


@njit(cache=True, nogil=True, error_model="numpy")
def _supply(oxygen, hold):  # type: ignore[no-untyped-def]
    """1 - exp(-hold · DO), the exponential as the 64th power of a short series: right to 1e-8."""
    t = min(max(oxygen, 0.0) * hold / 64.0, 0.5)
    power = 1.0 - t * (1.0 - t * (0.5 - t * (1.0 / 6.0 - t * (1.0 / 24.0))))
    power *= power
    power *= power
    power *= power
    power *= power
    power *= power
    power *= power
    return 1.0 - power


@njit(cache=True, nogil=True, error_model="numpy")
def _make(block, node, step, pattern):  # type: ignore[no-untyped-def]
    """The exponentials of a block of reaches at a node, and those of the half step if theirs are squares of them."""
    if not step.half_ready[block, node]:
        _exponentiate(block, node, step, pattern)
        step.half_ready[block, node] = True
    if step.is_square:
        _square(block, node, step, pattern)
