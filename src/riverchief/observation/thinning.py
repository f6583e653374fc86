"""A long series with few points that still looks like it: for a chart that has no more pixels than that.

``extremes`` keeps the lowest and the highest value of each stretch, so no peak is lost; ``triangles`` (largest triangle
three buckets, Steinarsson 2013) keeps the look with half the points but may lose a peak that a neighbour outweighs. A
judgement never uses a thinned series.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault

FEWEST = 4


class Thinned(NamedTuple):
    """What is left: the indices of the readings kept, ascending, so that any column can be thinned by them."""

    kept: NDArray[np.int64]
    was_thinned: bool


def thin(t: NDArray[np.int64], v: NDArray[np.float64], points: int, method: str = "extremes") -> Thinned:
    """At most about ``points`` of the readings at the sorted times ``t`` with values ``v``, shape (n,), NaN allowed.

    Stretches are of equal *time*, as pixels are; a stretch without a value keeps its first NaN, so that a gap stays a
    gap. ``method`` is ``extremes`` or ``triangles``. Raises :class:`~riverchief.errors.BadInput`.
    """
    if method not in METHODS:
        raise BadInput([Fault("not_one_of", details={"given": method, "allowed": ", ".join(METHODS)})])
    if points < FEWEST:
        raise BadInput([Fault("out_of_range", details={"given": str(points), "allowed": f">= {FEWEST}"})])
    if len(t) <= points:
        return Thinned(np.arange(len(t)), False)
    kept = METHODS[method](t.astype(np.int64), v.astype(np.float64), points)
    return Thinned(kept, True)


@njit(cache=True, nogil=True, error_model="numpy")
def _extremes(t: NDArray[np.int64], v: NDArray[np.float64], points: int) -> NDArray[np.int64]:
    buckets = points // 2
    kept = np.empty(2 * buckets + 2, np.int64)
    size = 0
    width = (t[-1] - t[0]) / buckets + 1e-9  # ms
    i = 0
    n = len(t)
    while i < n:
        bucket = int((t[i] - t[0]) / width)
        low = high = i
        j = i
        while j < n and int((t[j] - t[0]) / width) == bucket:
            if not np.isnan(v[j]):
                if np.isnan(v[low]) or v[j] < v[low]:
                    low = j
                if np.isnan(v[high]) or v[j] > v[high]:
                    high = j
            j += 1
        kept[size] = min(low, high)
        size += 1
        if low != high:
            kept[size] = max(low, high)
            size += 1
        i = j
    return kept[:size]


@njit(cache=True, nogil=True, error_model="numpy")
def _triangles(t: NDArray[np.int64], v: NDArray[np.float64], points: int) -> NDArray[np.int64]:
    n = len(t)
    buckets = points - 2
    kept = np.empty(points, np.int64)
    kept[0] = 0
    size = 1
    width = (t[n - 1] - t[0]) / buckets + 1e-9  # ms
    i = 1
    last = 0
    while i < n - 1:
        bucket = int((t[i] - t[0]) / width)
        j = i
        while j < n - 1 and int((t[j] - t[0]) / width) == bucket:
            j += 1
        # the mean of the next stretch that has readings, the far corner of the triangle
        k = j
        total_t = total_v = 0.0
        count = 0
        if j < n - 1:
            following = int((t[j] - t[0]) / width)
            while k < n - 1 and int((t[k] - t[0]) / width) == following:
                if not np.isnan(v[k]):
                    total_t += t[k] - t[0]
                    total_v += v[k]
                    count += 1
                k += 1
        far_t = total_t / count if count > 0 else float(t[n - 1] - t[0])
        far_v = total_v / count if count > 0 else v[n - 1]
        best = i
        largest = -1.0
        for m in range(i, j):
            if np.isnan(v[m]):
                continue
            area = abs((t[last] - t[0] - far_t) * (v[m] - v[last]) - float(t[last] - t[m]) * (far_v - v[last]))
            if np.isnan(area):
                area = 0.0
            if area > largest:
                largest = area
                best = m
        kept[size] = best
        size += 1
        last = best
        i = j
    kept[size] = n - 1
    return kept[: size + 1]


METHODS: dict[str, Callable[[NDArray[np.int64], NDArray[np.float64], int], NDArray[np.int64]]] = {
    "extremes": _extremes,
    "triangles": _triangles,
}
