"""Traces: what is up- or downstream of a reach, how far, and what lies between two reaches.

All distances run between the **downstream ends** of reaches, as differences of PathLength do in NHDPlus: the reach
itself is at 0, the next reach down is its own length away, a reach that joins at the upper end is the traced reach's
length away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.place.kernel import kernel
from riverchief.place.network import Network
from riverchief.place.pieces import pieces_upstream

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trace:
    """Reaches found: ``positions`` (ascending, so with the water) and the way to or from the traced reach
    ``distance_m`` [m]."""

    positions: Ints
    distance_m: Floats

    def __len__(self) -> int:
        return self.positions.size


def trace_upstream(network: Network, i: int, within_m: float = np.inf) -> Trace:
    """Reaches whose water reaches ``i`` by any edge and whose downstream end is at most ``within_m`` [m] away; ``i``
    last.

    Where several ways lead down to ``i``, the distance is that of the shortest.
    """
    return Trace(*upstream_ways(network, i, within_m, network.length_m, network.distance_to_outlet_m))


def trace_downstream(network: Network, i: int, within_m: float = np.inf) -> Trace:
    """Reaches that water of ``i`` reaches by any edge, their downstream end at most ``within_m`` [m] away; ``i`` first.

    Where several ways lead there, the distance is that of the shortest.
    """
    return Trace(*downstream_ways(network, i, within_m, network.length_m, network.distance_to_outlet_m))


def upstream_ways(network: Network, i: int, within: float, along: Floats, below: Floats) -> tuple[Ints, Floats]:
    """Positions upstream of ``i`` (ascending) and the shortest way from each to it.

    ``along`` is the way through each reach [m or s], ``below`` the way below its downstream end, both of shape (n,).
    """
    positions = np.concatenate([np.arange(first, last + 1) for first, last in network.upstream_intervals(i)])
    if len(network.secondary):
        ways = pieces_upstream(network, i, along, below).ways(positions, below)
    else:
        ways = below[positions] - below[i]
    near = ways <= within
    return positions[near], ways[near]


def downstream_ways(network: Network, i: int, within: float, along: Floats, below: Floats) -> tuple[Ints, Floats]:
    """Positions downstream of ``i`` (ascending) and the shortest way to each; parameters as of
    :func:`upstream_ways`."""
    edges = network.secondary
    if len(edges):
        return _spread(i, within, network.down, along, edges.source, edges.target)
    positions = np.concatenate([np.arange(a, b + 1) for a, b in network.downstream(i).tolist()])
    ways = below[i] - below[positions]
    near = ways <= within
    return positions[near], ways[near]


def between(network: Network, a: int, b: int) -> Ints:
    """Positions of the reaches on any way of the water from ``a`` down to ``b``, both included; empty if there is
    none."""
    if not network.is_upstream(a, b):
        return np.empty(0, np.int64)
    on_the_way = trace_downstream(network, a).positions
    inside = np.zeros(on_the_way.size, np.bool_)
    for first, last in network.upstream_intervals(b):
        inside |= (on_the_way >= first) & (on_the_way <= last)
    return on_the_way[inside]


@kernel
def _spread(i: int, within: float, down: Ints, along: Floats, sources: Ints, targets: Ints) -> tuple[Ints, Floats]:
    """Shortest ways with the water from ``i``: one pass, because every edge leads to a higher position."""
    distance = np.full(down.size - i, np.inf)
    distance[0] = 0.0
    edge = np.searchsorted(sources, i)
    found = 0
    for j in range(i, down.size):
        here = distance[j - i]
        if here < np.inf and here <= within:
            found += 1
            d = down[j]
            if d >= 0:
                distance[d - i] = min(distance[d - i], here + along[d])
            while edge < sources.size and sources[edge] < j:
                edge += 1
            while edge < sources.size and sources[edge] == j:
                t = targets[edge]
                distance[t - i] = min(distance[t - i], here + along[t])
                edge += 1
    positions = np.empty(found, np.int64)
    found_m = np.empty(found, np.float64)
    found = 0
    for j in range(i, down.size):
        if distance[j - i] < np.inf and distance[j - i] <= within:
            positions[found], found_m[found] = j, distance[j - i]
            found += 1
    return positions, found_m
