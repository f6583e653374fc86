"""Where a river divides: side branches as secondary edges beside the drainage tree, and an order that suits both.

The larger branch of a division is the tree's edge, each other branch a *secondary edge* (from, to, fraction of the
flow). The numbering must still put every reach after everything that flows into it, by whatever edge, so the
tributaries of a confluence are ordered: one that sends a side branch into another comes before it, and only then does
the largest come last. Where side branches interlace (A feeds B and B feeds A) no order of the tributaries will do, and
the division concerned hangs on its smaller branch instead: the edges swap their parts, with their fractions.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.place.kernel import kernel
from riverchief.place.order import Ints, drain, meeting_children, number_main_last, subtree_sizes, visit


@dataclass(frozen=True)
class Branches:
    """Secondary edges as parallel arrays, in rows or positions: ``source``, ``target``, ``fraction`` of the source's
    flow."""

    source: Ints
    target: Ints
    fraction: NDArray[np.float64]

    def __len__(self) -> int:
        return self.source.size


def number_with_branches(down: Ints, branches: Branches) -> tuple[Ints, Ints, Ints]:
    """Position, ``down`` and subtree size of each row, for an acyclic network with branches.

    ``down`` differs from the given one only where side branches interlace.
    """
    drained = drain(down)
    size = np.empty(down.size, np.int32)
    size[drained.rows] = drained.size
    position = number_main_last(*drained[:4])[0]
    by_size = np.argsort(size, kind="stable").astype(np.int32)
    start, inflows = _inflows(down, by_size, branches.source, branches.target)
    roots = [int(row) for row in by_size if down[row] < 0]
    for meeting, before in _orders(down, size, position, branches).items():
        if meeting < 0:
            roots = _arranged(roots, before)
            continue
        edges = inflows[start[meeting] : start[meeting + 1]]
        side = int(np.count_nonzero(branches.target == meeting))
        # the sources of side branches come first: they are finished by then, unless branches interlace
        edges[side:] = _arranged(edges[side:].tolist(), before)
    position, reached_from = visit(np.array(roots, np.int32), start, inflows)
    return position, reached_from, subtree_sizes(reached_from, position)


def number_for_rows(down: Ints, branches: Branches) -> Ints:
    """Rows in an order for reach-by-reach sweeps: the largest tributary first, everything after what flows into it."""
    drained = drain(down)
    by_size = drained.rows[np.argsort(-drained.size, kind="stable")]
    start, inflows = _inflows(down, by_size, branches.source, branches.target)
    position, _ = visit(by_size[down[by_size] < 0], start, inflows)
    return np.argsort(position).astype(np.int32)


@kernel
def leftover_of_kahn(down: Ints, start: Ints, targets: Ints) -> NDArray[np.bool_]:
    """Rows that lie on or below a cycle of the tree and the branches together.

    ``targets[start[i]:start[i+1]]`` are the ends of row ``i``'s secondary edges. Kahn (1962), Commun. ACM 5:558.
    """
    n = down.size
    waiting = np.zeros(n, np.int32)
    for i in range(n):
        if down[i] >= 0:
            waiting[down[i]] += 1
    for t in targets:
        waiting[t] += 1
    queue = np.empty(n, np.int32)
    tail = 0
    for i in range(n):
        if waiting[i] == 0:
            queue[tail] = i
            tail += 1
    head = 0
    while head < tail:
        i = queue[head]
        head += 1
        if down[i] >= 0:
            waiting[down[i]] -= 1
            if waiting[down[i]] == 0:
                queue[tail] = down[i]
                tail += 1
        for e in range(start[i], start[i + 1]):
            waiting[targets[e]] -= 1
            if waiting[targets[e]] == 0:
                queue[tail] = targets[e]
                tail += 1
    left = np.ones(n, np.bool_)
    for k in range(tail):
        left[queue[k]] = False
    return left


def find_cycles(down: Ints, branches: Branches) -> list[list[int]]:
    """Cycles of the network, each as its rows in flow order; one through every strongly tangled group at least.

    Empty for a sound network. A reach that flows into itself is a cycle of one.
    """
    by_source = np.argsort(branches.source, kind="stable")
    targets = branches.target[by_source]
    start = np.searchsorted(branches.source[by_source], np.arange(down.size + 1)).astype(np.int32)
    left = leftover_of_kahn(down, start, targets)
    cycles: list[list[int]] = []
    done: set[int] = set()
    for first in np.flatnonzero(left).tolist():
        path: list[int] = []
        walk = [(first, iter(_flows_to(first, down, start, targets, left)))]
        on_path = {first: 0} if first not in done else {}
        if on_path:
            path.append(first)
        while walk and path:
            row, onward = walk[-1]
            for following in onward:
                if following in on_path:
                    cycles.append(path[on_path[following] :])
                elif following not in done:
                    on_path[following] = len(path)
                    path.append(following)
                    walk.append((following, iter(_flows_to(following, down, start, targets, left))))
                    break
            else:
                walk.pop()
                path.pop()
                del on_path[row]
                done.add(row)
    return cycles


def _flows_to(row: int, down: Ints, start: Ints, targets: Ints, left: NDArray[np.bool_]) -> list[int]:
    onward = [int(down[row])] if down[row] >= 0 else []
    onward += targets[start[row] : start[row + 1]].tolist()
    return [following for following in onward if left[following]]


def _inflows(down: Ints, in_turn: Ints, sources: Ints, targets: Ints) -> tuple[Ints, Ints]:
    """Rows that flow into each row: the sources of side branches, then the tributaries in the order of ``in_turn``."""
    flowing = in_turn[down[in_turn] >= 0]
    into = np.concatenate([targets, down[flowing]])
    rows = np.concatenate([sources, flowing])
    by_target = np.argsort(into, kind="stable")
    start = np.zeros(down.size + 1, np.int32)
    np.cumsum(np.bincount(into, minlength=down.size), out=start[1:])
    return start, rows[by_target]


def _orders(down: Ints, size: Ints, position: Ints, branches: Branches) -> dict[int, dict[int, set[int]]]:
    """For each confluence (-1: the sea) the tributaries that must come before another: {confluence: {later:
    {earlier}}}."""
    meeting, first, second = meeting_children(down, size, position, branches.source, branches.target)
    before: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for where, earlier, later in zip(meeting.tolist(), first.tolist(), second.tolist(), strict=True):
        if where != -2:
            before[where][later].add(earlier)
    return before


def _arranged(tributaries: list[int], before: dict[int, set[int]]) -> list[int]:
    """``tributaries`` (smallest first) with everything in ``before[t]`` ahead of ``t`` where that is possible."""
    rank = {tributary: k for k, tributary in enumerate(tributaries)}
    waiting = {tributary: len(before.get(tributary, ())) for tributary in tributaries}
    after: dict[int, list[int]] = defaultdict(list)
    for later, earlier_ones in before.items():
        for earlier in earlier_ones:
            after[earlier].append(later)
    ready = [rank[tributary] for tributary in tributaries if waiting[tributary] == 0]
    heapq.heapify(ready)
    arranged = []
    while ready:
        tributary = tributaries[heapq.heappop(ready)]
        arranged.append(tributary)
        for later in after[tributary]:
            waiting[later] -= 1
            if waiting[later] == 0:
                heapq.heappush(ready, rank[later])
    placed = set(arranged)
    return arranged + [tributary for tributary in tributaries if tributary not in placed]
