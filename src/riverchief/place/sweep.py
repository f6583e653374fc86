"""Kernels that sweep a numbered network once: distances, orders, levels, sums.

All take arrays in post-order (``down[i] > i``, -1 at an outlet); a loop from 0 to n-1 goes with the water.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riverchief.place.kernel import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@kernel
def sum_below(down: Ints, values: Floats) -> Floats:
    """Sum of ``values`` over the path strictly below each reach, to its outlet; 0 at an outlet. NaN spreads
    upstream."""
    total = np.zeros(down.size, np.float64)
    for i in range(down.size - 1, -1, -1):
        d = down[i]
        if d >= 0:
            total[i] = total[d] + values[d]
    return total


@kernel
def outlets(down: Ints) -> Ints:
    """The outlet each reach drains to."""
    outlet = np.empty(down.size, np.int64)
    for i in range(down.size - 1, -1, -1):
        outlet[i] = i if down[i] < 0 else outlet[down[i]]
    return outlet


@kernel
def run_ends(down: Ints) -> NDArray[np.int32]:
    """The last reach of the consecutive run that each reach starts: as long as the next number is also the next
    reach."""
    ends = np.empty(down.size, np.int32)
    for i in range(down.size - 1, -1, -1):
        ends[i] = ends[i + 1] if down[i] == i + 1 else i
    return ends


@kernel
def strahler(down: Ints) -> NDArray[np.int8]:
    """Strahler order: 1 at a head; where two or more tributaries of the highest order meet, one more than theirs.

    Strahler (1957), Trans. Am. Geophys. Union 38:913.
    """
    order = np.zeros(down.size, np.int8)
    joined = np.zeros(down.size, np.bool_)
    for i in range(down.size):
        own = order[i]
        if own == 0:
            own = np.int8(1)
        elif joined[i]:
            own = np.int8(own + 1)
        order[i] = own
        d = down[i]
        if d >= 0:
            if own > order[d]:
                order[d] = own
                joined[d] = False
            elif own == order[d]:
                joined[d] = True
    return order


@kernel
def stem_levels(down: Ints, size: Ints) -> NDArray[np.int16]:
    """1 on the stem that reaches an outlet, 2 on its tributaries' stems, and so on (as StreamLevel of NHDPlus)."""
    n = down.size
    main = np.full(n, -1, np.int64)
    for i in range(n):
        d = down[i]
        if d >= 0 and (main[d] < 0 or size[i] >= size[main[d]]):
            main[d] = i
    level = np.ones(n, np.int16)
    for i in range(n - 1, -1, -1):
        d = down[i]
        if d >= 0:
            level[i] = level[d] if main[d] == i else level[d] + 1
    return level


@kernel
def accumulate_tree(down: Ints, values: Floats) -> Floats:
    """Sum of ``values`` over each reach and everything upstream of it in the tree."""
    total = values.copy()
    for i in range(total.size):
        d = down[i]
        if d >= 0:
            total[d] += total[i]
    return total


@kernel
def accumulate_divided(
    down: Ints, values: Floats, main_fraction: Floats, sources: Ints, targets: Ints, fraction: Floats
) -> Floats:
    """As :func:`accumulate_tree`, but each reach hands ``main_fraction`` to ``down`` and the rest to its side branches.

    ``sources`` is sorted and every target is greater than its source, so one pass with the water is enough.
    """
    total = values.copy()
    edge = 0
    for i in range(total.size):
        d = down[i]
        if d >= 0:
            total[d] += main_fraction[i] * total[i]
        while edge < sources.size and sources[edge] == i:
            total[targets[edge]] += fraction[edge] * total[i]
            edge += 1
    return total
