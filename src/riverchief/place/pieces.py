"""Distances upstream where rivers divide: each side branch adds a slice with its own offset.

In a tree the way from reach j down to reach i is ``below[j] - below[i]``, with ``below`` the distances to the mouth.
Water that leaves the tree at source s by a side branch into target t has come ``below[j] - below[s]`` to s, then runs
``length[t]`` through t and on from there: the same formula with another offset, for the slice of s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from riverchief.place.kernel import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class _Edges(Protocol):
    @property
    def source(self) -> Ints: ...
    @property
    def target(self) -> Ints: ...


class _Divided(Protocol):
    """What is needed of a network, without importing it."""

    @property
    def size(self) -> Ints: ...
    @property
    def length_m(self) -> Floats: ...
    @property
    def distance_to_outlet_m(self) -> Floats: ...
    @property
    def secondary(self) -> _Edges: ...


@dataclass(frozen=True, eq=False)
class Pieces:
    """Slices of everything upstream of one reach: positions ``first[k]`` to ``last[k]`` are
    ``distance_to_outlet_m - offset_m[k]`` away from it by one way; the shortest of all ways is the distance."""

    first: Ints
    last: Ints
    offset_m: Floats

    def distance_m(self, position: int, below_m: Floats) -> float:
        """Shortest way [m] from ``position``, whose distance to the mouth is in ``below_m``; NaN where there is
        none."""
        over = (self.first <= position) & (position <= self.last)
        return float(below_m[position] - self.offset_m[over].max()) if over.any() else float("nan")


def pieces_upstream(network: _Divided, i: int) -> Pieces:
    """The slices upstream of reach ``i``, its own first. Slices may overlap where several ways lead to ``i``.

    In SQL, for each piece, joined by OR: ``position BETWEEN first AND last AND distance_to_outlet_m - offset_m <= x``.
    """
    edges = network.secondary
    turn = np.argsort(-edges.target, kind="stable")
    first, last, offset = _pieces(
        i, network.size, network.length_m, network.distance_to_outlet_m, edges.source[turn], edges.target[turn]
    )
    return Pieces(first, last, offset)


@kernel
def _pieces(
    i: int, size: Ints, length: Floats, below: Floats, sources: Ints, targets: Ints
) -> tuple[Ints, Ints, Floats]:
    """``targets`` descend: every way on from a target is known before the branches into it are looked at."""
    most = sources.size + 1
    first = np.empty(most, np.int64)
    last = np.empty(most, np.int64)
    offset = np.empty(most, np.float64)
    first[0], last[0], offset[0] = i - size[i] + 1, i, below[i]
    found = 1
    for e in range(sources.size):
        s, t = sources[e], targets[e]
        onward, known = np.inf, np.inf
        for k in range(found):
            if first[k] <= t <= last[k]:
                onward = min(onward, below[t] - offset[k])
            if first[k] <= s <= last[k]:
                known = min(known, below[s] - offset[k])
        if length[t] + onward < known:
            first[found], last[found] = s - size[s] + 1, s
            offset[found] = below[s] - (length[t] + onward)
            found += 1
    return first[:found], last[:found], offset[:found]
