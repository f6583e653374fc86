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
#: A step longer than so many usual steps is a gap, which a line must not bridge.
GAP_STEPS = 2.5


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


def stretch_of(t: NDArray[np.int64], points: int) -> float:
    """How long [ms] a stretch is when the sorted times ``t`` are thinned to about ``points``; 0 where they are not."""
    return 0.0 if len(t) <= points else float(t[-1] - t[0]) / max(points // 2, 1)


def breaks(t: NDArray[np.int64], stretch: float = 0.0) -> NDArray[np.int64]:
    """Where a line through the readings at the sorted times ``t`` [ms] must break: a usual step after each reading that
    is followed by a gap. A gap is longer than :data:`GAP_STEPS` usual (median) steps and than ``stretch`` [ms], below
    which it would be narrower than what is drawn. Empty for fewer than three readings."""
    if len(t) < 3:
        return np.empty(0, np.int64)
    step = np.diff(t)
    usual = int(np.median(step))
    return t[:-1][step > max(GAP_STEPS * usual, stretch)] + max(usual, 1)


def first_of_each(t: NDArray[np.int64], marked: NDArray[np.bool_], stretch: float) -> NDArray[np.int64]:
    """The indices of the ``marked`` readings at the sorted times ``t`` [ms], of each ``stretch`` [ms] the first only:
    marks that would be drawn over each other are one. All of them where ``stretch`` is 0."""
    found = np.flatnonzero(marked)
    if stretch <= 0 or len(found) == 0:
        return found
    _, first = np.unique(((t[found] - t[0]) / stretch).astype(np.int64), return_index=True)
    return found[first]


@njit(cache=True, nogil=True, error_model="numpy")
def _extremes(t: NDArray[np.int64], v: NDArray[np.float64], points: int) -> NDArray[np.int64]:
    """Indices of the first, the last, and the lowest and highest value of each bucket of time, in order."""
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
    """Indices of the points that span the largest triangles with the last kept and the next bucket\'s mean
    (Steinarsson 2013, largest triangle three buckets)."""
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
