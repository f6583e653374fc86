"""Kernels that number a drainage forest: post-order, main stem last.

All work on *rows* 0..n-1 with ``down[row]`` the row it flows into, -1 at an outlet, and 32-bit integers, because
building is bound by memory. After renumbering, ``down[i] > i`` and everything upstream of ``i`` is
``i-size[i]+1 .. i``. Large arrays are allocated by numpy and handed to the kernels, not allocated in them: numpy asks
the system for huge pages, which spares a fifth of the time at ten million reaches.

Source: interval labels of trees, Agrawal, Borgida and Jagadish (1989), SIGMOD 18(2):253; largest-child-last is the
heavy-path decomposition of Sleator and Tarjan (1983), J. Comput. Syst. Sci. 26:362.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.place.kernel import kernel

Ints = NDArray[np.int32]


class Drained(NamedTuple):
    """The rows of a forest in draining order, in which every row comes after all that flow into it.

    ``rows`` are the rows in that order, ``turn_of_row`` is its inverse; ``below`` (the turn of the next row down, -1 at
    an outlet) and ``size`` (rows upstream, itself included) are in that order. ``placed`` is how many rows could be
    placed: fewer than n means that the others lie on or below a cycle, and then only ``placed`` means anything.
    """

    rows: Ints
    turn_of_row: Ints
    below: Ints
    size: Ints
    placed: int


def drain(down: Ints) -> Drained:
    """The rows of a forest in draining order. Kahn (1962), Commun. ACM 5:558."""
    n = down.size
    waiting, rows, below, size = np.zeros(n, np.int32), *(np.empty(n, np.int32) for _ in range(3))
    placed = _drain(down, waiting, rows, below, np.ones(n, np.int32), size)
    return Drained(rows, waiting, below, size, placed)


@kernel
def _drain(down: Ints, waiting: Ints, rows: Ints, below: Ints, size_of_row: Ints, size: Ints) -> int:
    n = down.size
    for i in range(n):
        if down[i] >= 0:
            waiting[down[i]] += 1
    turn_of_row = waiting  # once a row is placed nothing waits for it, so its place can be kept there
    placed = 0
    for i in range(n):
        if waiting[i] == 0:
            rows[placed] = i
            turn_of_row[i] = placed
            placed += 1
    # A queue, not a walk down the stems: then the memory misses of following reaches do not wait for one another.
    for k in range(n):
        if k == placed:
            break
        i = rows[k]
        d = down[i]
        size[k] = size_of_row[i]
        below[k] = d
        if d >= 0:
            size_of_row[d] += size[k]
            waiting[d] -= 1
            if waiting[d] == 0:
                rows[placed] = d
                turn_of_row[d] = placed
                placed += 1
    for k in range(placed):
        if below[k] >= 0:
            below[k] = turn_of_row[below[k]]
    return placed


def number_main_last(
    rows: Ints, turn_of_row: Ints, below: Ints, size: Ints
) -> tuple[Ints, Ints, NDArray[np.int64], NDArray[np.int64]]:
    """Position of each row in the post-order in which the largest tributary is last; row, ``down`` and ``size`` by
    position.

    From the outlets up, each reach takes the interval that the reach below has kept for it. The arrays are those of
    :func:`drain`; ``turn_of_row`` is spent. In draining order following reaches stream through memory.
    """
    n = rows.size
    main, row_at, position, free = np.full(n, -1, np.int32), *(np.empty(n, np.int32) for _ in range(3))
    down_at, size_at = np.empty(n, np.int64), np.empty(n, np.int64)
    _number_main_last(rows, turn_of_row, below, size, main, position, free, row_at, down_at, size_at)
    return turn_of_row, row_at, down_at, size_at


@kernel
def _number_main_last(
    rows: Ints,
    turn_of_row: Ints,
    below: Ints,
    size: Ints,
    main: Ints,
    position: Ints,
    free: Ints,  # next free start inside an interval, for tributaries other than the main one
    row_at: Ints,
    down_at: NDArray[np.int64],
    size_at: NDArray[np.int64],
) -> None:
    n = rows.size
    for k in range(n):
        d = below[k]
        if d >= 0 and (main[d] < 0 or size[k] >= size[main[d]]):
            main[d] = k
    outlets = 0
    for k in range(n - 1, -1, -1):
        d = below[k]
        if d < 0:
            start = outlets
            outlets += size[k]
        elif main[d] == k:
            start = position[d] - size[k]
        else:
            start = free[d]
            free[d] += size[k]
        position[k] = start + size[k] - 1
        free[k] = start
    position_of_row = turn_of_row
    for k in range(n):
        p = position[k]
        row_at[p] = rows[k]
        position_of_row[rows[k]] = p
        size_at[p] = size[k]
        down_at[p] = position[below[k]] if below[k] >= 0 else -1


@kernel
def main_first(down: NDArray[np.int64], size: NDArray[np.int64]) -> Ints:
    """Position of each reach of a numbered tree in the post-order in which the largest tributary is visited *first*.

    Then at most log2(n)+1 finished reaches wait for their confluence at any time (Sethi and Ullman 1970, J. ACM
    17:715), so a sweep that finishes one reach's whole series before the next needs only that many live rows.
    """
    n = down.size
    main = np.full(n, -1, np.int32)
    for i in range(n):
        d = down[i]
        if d >= 0 and (main[d] < 0 or size[i] >= size[main[d]]):
            main[d] = i
    position = np.empty(n, np.int32)
    free = np.empty(n, np.int32)  # next free start inside an interval, for tributaries other than the main one
    outlets = 0
    for i in range(n - 1, -1, -1):
        d = down[i]
        if d < 0:
            start = outlets
            outlets += size[i]
        elif main[d] == i:
            start = position[d] - size[d] + 1
        else:
            start = free[d]
            free[d] += size[i]
        position[i] = start + size[i] - 1
        free[i] = start + (size[main[i]] if main[i] >= 0 else 0)
    return position


@kernel
def meeting_children(down: Ints, size: Ints, position: Ints, sources: Ints, targets: Ints) -> tuple[Ints, Ints, Ints]:
    """Where the tree paths from each source and each target meet, and the two inflows of that row they come by.

    The meeting row is -1 where they reach different outlets; all three are -2 where the target lies on the source's
    path.
    """
    k = sources.size
    meeting = np.full(k, -2, np.int32)
    first = np.full(k, -2, np.int32)
    second = np.full(k, -2, np.int32)
    for e in range(k):
        at_source, at_target = position[sources[e]], position[targets[e]]
        if position[targets[e]] - size[targets[e]] < at_source <= at_target:
            continue
        a = sources[e]
        while down[a] >= 0 and not (position[down[a]] - size[down[a]] < at_target <= position[down[a]]):
            a = down[a]
        b = targets[e]
        while down[b] != down[a]:
            b = down[b]
        meeting[e], first[e], second[e] = down[a], a, b
    return meeting, first, second


@kernel
def visit(roots: Ints, start: Ints, inflows: Ints) -> tuple[Ints, Ints]:
    """Depth-first from the outlets up: each row's finishing number, and the row it was reached from (-1 for a root).

    ``inflows[start[i]:start[i+1]]`` are the rows that flow into ``i`` by any edge, in the order to visit them. The
    finishing order puts every row after everything that flows into it, whatever the order of the inflows.
    """
    n = start.size - 1
    position = np.full(n, -1, np.int32)
    reached_from = np.full(n, -2, np.int32)
    cursor = start[:-1].copy()
    stack = np.empty(n, np.int32)
    finished = 0
    for root in roots:
        if reached_from[root] != -2:
            continue
        reached_from[root] = -1
        top = 0
        stack[0] = root
        while top >= 0:
            i = stack[top]
            if cursor[i] < start[i + 1]:
                child = inflows[cursor[i]]
                cursor[i] += 1
                if reached_from[child] == -2:
                    reached_from[child] = i
                    top += 1
                    stack[top] = child
            else:
                position[i] = finished
                finished += 1
                top -= 1
    return position, reached_from


@kernel
def subtree_sizes(down: Ints, position: Ints) -> Ints:
    """Rows upstream of each row in the tree ``down``, itself counted, when positions are upstream first."""
    n = down.size
    row_at = np.empty(n, np.int32)
    for i in range(n):
        row_at[position[i]] = i
    size = np.ones(n, np.int32)
    for p in range(n):
        i = row_at[p]
        if down[i] >= 0:
            size[down[i]] += size[i]
    return size
