"""The river network: reaches numbered so that everything upstream of a reach is one slice that ends at it.

``down[i] > i`` for every reach that is no outlet, and the reaches upstream of ``i``, itself included, are the positions
``i - size[i] + 1`` to ``i``. The largest tributary is numbered last, so a main stem is a run of consecutive numbers and
a way to the sea is a few runs. All per-reach arrays are kept in this order; :meth:`Network.position_of` is the one id
map.

Where a river divides, the larger branch belongs to the tree and each other branch is a *secondary edge*; every
secondary edge leads from a lower to a higher position, so a loop from 0 to n-1 goes with the water by whatever edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, unknown_name
from riverchief.place import sweep
from riverchief.place.branches import Branches, number_for_rows, number_with_branches
from riverchief.place.identity import IdMap, Ids
from riverchief.place.order import main_first, number_main_last
from riverchief.place.pieces import pieces_upstream
from riverchief.place.soundness import Origin, SideBranches, check

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class ReachKind(IntEnum):
    """What holds the water of a reach; lakes and reservoirs have a storage."""

    RIVER = 0
    LAKE = 1
    RESERVOIR = 2


@dataclass(frozen=True, eq=False)
class SecondaryEdges:
    """The side branches of a network in positions, sorted by ``source``; always ``source[k] < target[k]``.

    ``fraction[k]`` is the share of the source reach's flow [-] that takes this branch; the rest goes by ``down``.
    """

    source: Ints
    target: Ints
    fraction: Floats

    def __len__(self) -> int:
        return self.source.size


@dataclass(frozen=True, eq=False)
class Network:
    """A sound, numbered river network; make one with :meth:`build`. Arrays have one entry per reach, in post-order.

    Attributes
    ----------
    n
        Number of reaches.
    ids
        The reaches' own ids, 64-bit integers or text, shape (n,).
    down
        Position of the reach that each flows into, greater than its own; -1 at an outlet. int64, shape (n,).
    size
        Number of reaches upstream of each in the tree, itself counted. int64, shape (n,).
    length_m
        Length [m], greater than 0. shape (n,).
    kind
        :class:`ReachKind` of each, int8, shape (n,).
    storage_m3
        Volume of a lake or reservoir [m³]; NaN for a river. shape (n,).
    secondary
        Side branches where rivers divide.
    main_fraction
        Share of each reach's outflow [-] that goes by ``down``: 1 less the fractions of its secondary edges. shape
        (n,).
    row_of_position
        The row of the input that each reach came from: ``values[network.row_of_position]`` puts a column in post-order.
    """

    n: int
    ids: Ids
    down: Ints
    size: Ints
    length_m: Floats
    secondary: SecondaryEdges
    row_of_position: NDArray[np.int32]
    _map: IdMap
    _kind: NDArray[np.int8] | None
    _storage_m3: Floats | None

    @classmethod
    def build(
        cls,
        ids: Sequence[Any] | NDArray[Any],
        down_ids: Sequence[Any] | NDArray[Any],
        length_m: ArrayLike,
        *,
        secondary: SideBranches | None = None,
        kind: ArrayLike | None = None,
        storage_m3: ArrayLike | None = None,
        grows_downstream: ArrayLike | None = None,
        origin: Origin | None = None,
    ) -> Network:
        """Check and number the reaches.

        Parameters
        ----------
        ids
            One id per reach: whole numbers or text, each once.
        down_ids
            The id each reach flows into. None, NaN, blank text and, where no reach is called so, 0 and -1 mean an
            outlet.
        length_m
            Length of each reach [m], greater than 0.
        secondary
            ``(from ids, to ids, fractions)`` of the side branches: the share of the from-reach's flow that takes each
            [-]; one reach's side branches take less than 1 in sum. Fraction 0 is a branch that is there but carries no
            known share. Give the larger branch of a division as ``down_ids``.
        kind, storage_m3
            :class:`ReachKind` of each reach (river where omitted) and the volume of lakes and reservoirs [m³].
        grows_downstream
            A hint to find reaches drawn the wrong way round: values such as the catchment area, which cannot fall from
            a reach to the next one down its tree edge. Compared only where both are given (not NaN), with 0.1 %
            tolerance.
        origin
            Where the rows were read, for the faults' places.

        Raises
        ------
        BadInput
            With **every** fault of the network: ``duplicate``, ``inexact_id``, ``missing_value``, ``dangling_down``,
            ``bad_length``, ``network_cycle`` (naming the ids), ``wrong_direction``, ``bad_fraction``, ``bad_storage``.
        """
        sound = check(ids, down_ids, length_m, secondary, kind, storage_m3, grows_downstream, origin or Origin())
        branches = sound.branches
        if len(branches):
            position, down, size = number_with_branches(sound.down, branches)
            branches = _swapped(sound.down, down, branches)
            row_at = np.argsort(position).astype(np.int32)
            size_at = size[row_at].astype(np.int64)
            down_at = np.where(down < 0, -1, position[down])[row_at].astype(np.int64)
        else:
            position, row_at, down_at, size_at = number_main_last(*sound.drained[:4])
        ids_at = sound.ids[row_at]
        sound.idmap.renumber(ids_at, position)
        return cls(
            n=int(row_at.size),
            ids=ids_at,
            down=down_at,
            size=size_at,
            length_m=sound.length_m[row_at],
            secondary=_in_positions(branches, position),
            row_of_position=row_at,
            _map=sound.idmap,
            _kind=None if sound.kind is None else sound.kind[row_at],
            _storage_m3=None if sound.storage_m3 is None else sound.storage_m3[row_at],
        )

    def index_of(self, reach: int | str) -> int:
        """Position of the reach called ``reach``. Raises ``BadInput`` (``unknown_reach``) with the nearest ids."""
        position = self._map.row_of(reach)
        if position < 0:
            raise BadInput([unknown_name("unknown_reach", str(reach), [str(known) for known in self.ids.tolist()])])
        return position

    def positions(self, reaches: Sequence[Any] | NDArray[Any]) -> Ints:
        """Positions of many ids, shape as given; raises ``BadInput`` with one fault for every id that nobody has."""
        found = np.array([self._map.row_of(reach) for reach in np.asarray(reaches).tolist()], np.int64)
        if (found < 0).any():
            known = [str(reach) for reach in self.ids.tolist()]
            missing = np.asarray(reaches)[found < 0].tolist()
            raise BadInput([unknown_name("unknown_reach", str(reach), known) for reach in missing])
        return found

    def upstream(self, i: int) -> slice:
        """Positions upstream of ``i`` in the tree, ``i`` last: ``values[network.upstream(i)]`` is a view.

        With side branches more may flow in: :meth:`upstream_intervals` is complete.
        """
        return slice(i - int(self.size[i]) + 1, i + 1)

    def upstream_intervals(self, i: int) -> list[tuple[int, int]]:
        """Everything upstream of ``i`` by any edge as disjoint ``(first, last)`` positions, ascending, the last ending
        at ``i``.

        The slice of ``i`` and, closed over, the slices of all side branches that flow into what is already found.
        """
        edges = self.secondary
        found = [(i - int(self.size[i]) + 1, i)]
        if not len(edges):
            return found
        targets, sources = self._edges_by_target
        todo = list(found)
        while todo:
            first, last = todo.pop()
            for k in range(*np.searchsorted(targets, (first, last + 1)).tolist()):
                source = int(sources[k])
                if not any(start <= source <= end for start, end in found):
                    new = (source - int(self.size[source]) + 1, source)
                    found = [kept for kept in found if not new[0] <= kept[0] <= kept[1] <= new[1]]
                    found.append(new)
                    todo.append(new)
        return sorted(found)

    def downstream(self, i: int) -> NDArray[np.int64]:
        """The way from ``i`` to its outlet along ``down``, as runs: rows ``(a, b)`` for positions a, a+1, …, b. Shape
        (k, 2).

        At most log2(n)+1 runs in a tree; every side branch that returns to the way may add one.
        """
        ends, down = self._run_ends, self.down
        runs = []
        while i >= 0:
            end = int(ends[i])
            runs.append((i, end))
            i = int(down[end])
        return np.array(runs, np.int64)

    def is_upstream(self, a: int, b: int) -> bool:
        """Whether water of reach ``a`` reaches reach ``b`` by any edge; a reach counts as upstream of itself."""
        if b - int(self.size[b]) < a <= b:
            return True
        if not len(self.secondary) or a > b:
            return False
        return any(first <= a <= last for first, last in self.upstream_intervals(b))

    def distance_m(self, a: int, b: int) -> float:
        """Way of the water from the downstream end of reach ``a`` to the downstream end of reach ``b`` [m].

        0 for ``a == b``; NaN where water of ``a`` does not reach ``b``. With side branches, the shortest way.
        """
        below = self.distance_to_outlet_m
        if not len(self.secondary):
            return float(below[a] - below[b]) if self.is_upstream(a, b) else float("nan")
        return pieces_upstream(self, b, self.length_m, below).way(a, below)

    def accumulate(self, values: ArrayLike) -> Floats:
        """Sum of ``values`` (shape (n,), post-order, any unit) over each reach and everything upstream of it.

        At a division the sum is shared by the branches' fractions, so the outlets together hold the sum of all. NaN at
        a reach makes everything downstream of it NaN.
        """
        given = np.ascontiguousarray(values, np.float64)
        edges = self.secondary
        if not len(edges):
            return sweep.accumulate_tree(self.down, given)
        return sweep.accumulate_divided(
            self.down, given, self.main_fraction, edges.source, edges.target, edges.fraction
        )

    @cached_property
    def kind(self) -> NDArray[np.int8]:
        """:class:`ReachKind` of each reach."""
        return np.zeros(self.n, np.int8) if self._kind is None else self._kind

    @cached_property
    def storage_m3(self) -> Floats:
        """Volume of each lake or reservoir [m³]; NaN for rivers."""
        return np.full(self.n, np.nan) if self._storage_m3 is None else self._storage_m3

    @cached_property
    def main_fraction(self) -> Floats:
        """Share of each reach's outflow that goes by ``down`` [-]."""
        share = np.ones(self.n)
        np.subtract.at(share, self.secondary.source, self.secondary.fraction)
        return share

    @cached_property
    def distance_to_outlet_m(self) -> Floats:
        """Way along ``down`` from each reach's **downstream end** to the mouth [m]; 0 for an outlet reach.

        A point ``chainage_m`` below the upstream end of reach i is
        ``distance_to_outlet_m[i] + length_m[i] - chainage_m`` from the mouth.
        """
        return sweep.sum_below(self.down, self.length_m)

    @cached_property
    def outlet(self) -> Ints:
        """Position of the outlet that each reach drains to along ``down``."""
        return sweep.outlets(self.down)

    @cached_property
    def sched(self) -> NDArray[np.int32]:
        """Positions in an order for sweeps that finish one reach's whole series before the next.

        Every reach comes after all that flow into it, and the largest tributary first, so that at most about log2(n)+1
        finished reaches wait for their confluence at any time.
        """
        edges = self.secondary
        if len(edges):
            narrow = Branches(edges.source.astype(np.int32), edges.target.astype(np.int32), edges.fraction)
            return number_for_rows(self.down.astype(np.int32), narrow)
        turn = main_first(self.down, self.size)
        order = np.empty(self.n, np.int32)
        order[turn] = np.arange(self.n, dtype=np.int32)
        return order

    @cached_property
    def _run_ends(self) -> NDArray[np.int32]:
        return sweep.run_ends(self.down)

    @cached_property
    def _edges_by_target(self) -> tuple[Ints, Ints]:
        by_target = np.argsort(self.secondary.target, kind="stable")
        return self.secondary.target[by_target], self.secondary.source[by_target]


def strahler_order(network: Network) -> NDArray[np.int8]:
    """Strahler order of each reach, by the tree: side branches of a division do not raise it. Strahler (1957)."""
    return sweep.strahler(network.down)


def stem_level(network: Network) -> NDArray[np.int16]:
    """Level of each reach's main stem: 1 reaches an outlet, 2 joins a stem of level 1, and so on.

    The main stem follows, at each confluence, the tributary with the most reaches upstream.
    """
    return sweep.stem_levels(network.down, network.size)


def _swapped(given: NDArray[np.int32], taken: NDArray[np.int32], branches: Branches) -> Branches:
    """The branches after the numbering put some divisions on another branch: the edges trade places, fractions too."""
    moved = np.flatnonzero(given != taken)
    if not moved.size:
        return branches
    target, fraction = branches.target.copy(), branches.fraction.copy()
    for row in moved.tolist():
        own = np.flatnonzero(branches.source == row)
        chosen = own[np.flatnonzero(target[own] == taken[row])[0]]
        target[chosen], fraction[chosen] = given[row], 1.0 - fraction[own].sum()
    return Branches(branches.source, target, fraction)


def _in_positions(branches: Branches, position: NDArray[np.int32]) -> SecondaryEdges:
    source, target = position[branches.source].astype(np.int64), position[branches.target].astype(np.int64)
    turn = np.lexsort((target, source))
    return SecondaryEdges(source[turn], target[turn], branches.fraction[turn])
