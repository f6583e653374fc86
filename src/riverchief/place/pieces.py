"""Distances upstream where rivers divide: each side branch adds a slice with its own offset.

In a tree the way from reach j down to reach i is ``below[j] - below[i]``, with ``below`` the distances to the mouth.
Water that leaves the tree at source s by a side branch into target t has come ``below[j] - below[s]`` to s, then runs
``along[t]`` through t and on from there: the same formula with another offset, for the slice of s. ``along`` may be
metres or seconds: anything that adds up along the way.
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
    def secondary(self) -> _Edges: ...


@dataclass(frozen=True, eq=False)
class Pieces:
    """Slices of everything upstream of one reach: positions ``first[k]`` to ``last[k]`` are ``below - offset[k]`` away
    from it by one way; the shortest of all ways is the distance."""

    first: Ints
    last: Ints
    offset: Floats

    def way(self, position: int, below: Floats) -> float:
        """Shortest way from ``position``, whose way to the mouth is in ``below``; NaN where there is none."""
        over = (self.first <= position) & (position <= self.last)
        return float(below[position] - self.offset[over].max()) if over.any() else float("nan")

    def ways(self, positions: Ints, below: Floats) -> Floats:
        """Shortest way from each of ``positions`` (ascending); infinite where there is none."""
        shortest = np.full(positions.size, np.inf)
        starts, ends = np.searchsorted(positions, self.first), np.searchsorted(positions, self.last, side="right")
        for start, end, offset in zip(starts.tolist(), ends.tolist(), self.offset.tolist(), strict=True):
            part = slice(start, end)
            np.minimum(shortest[part], below[positions[part]] - offset, out=shortest[part])
        return shortest


def pieces_upstream(network: _Divided, i: int, along: Floats, below: Floats) -> Pieces:
    """The slices upstream of reach ``i``, its own first. Slices may overlap where several ways lead to ``i``.

    ``along`` is the way through each reach, ``below`` the way from its downstream end to the mouth, both of shape (n,).
    In SQL, for each piece, joined by OR: ``position BETWEEN first AND last AND distance_to_outlet_m - offset <= x``.
    """
    edges = network.secondary
    turn = np.argsort(-edges.target, kind="stable")
    return Pieces(*_pieces(i, network.size, along, below, edges.source[turn], edges.target[turn]))


@kernel
def _pieces(
    i: int, size: Ints, along: Floats, below: Floats, sources: Ints, targets: Ints
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
        if along[t] + onward < known:
            first[found], last[found] = s - size[s] + 1, s
            offset[found] = below[s] - (along[t] + onward)
            found += 1
    return first[:found], last[:found], offset[:found]
