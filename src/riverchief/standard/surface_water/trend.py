"""Trends over several periods: Spearman as 环办〔2011〕22号 prescribes, Mann-Kendall and Sen's slope beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.table import read_table

FEWEST = 5  # periods


@dataclass(frozen=True)
class Spearman:
    """``rs`` the rank correlation with time; ``significance`` 0.01, 0.05 or ``None``; ``direction`` 1 rising, −1
    falling, 0 no significant trend. ``critical`` is the table's value at 0.05 for ``periods`` in the table."""

    rs: float
    periods: int
    critical: float
    critical_001: float
    significance: float | None
    direction: int
    edition: str
    verification: str


@dataclass(frozen=True)
class MannKendall:
    """``s`` the sum of signs, ``z`` its standard score with ties and continuity, ``p`` two-sided, ``direction`` at 5 %.

    ``slope`` is Sen's: the median of all pairwise slopes [unit of value per period].
    """

    s: int
    z: float
    p: float
    direction: int
    slope: float


def spearman(values: NDArray[np.float64]) -> Spearman | None:
    """Spearman's trend of ``values``, one for each period in order of time; NaN are left out.

    ``rs = 1 − 6 Σ d² / (N³ − N)``, d the difference of the ranks of value and time, ties by mean ranks. Significant
    where |rs| ≥ Wp of ``spearman_critical.csv``; for an N not in the table the next smaller N is used, which asks for
    more. ``None`` for fewer than five values.
    """
    present = values[~np.isnan(values)]
    n = present.size
    if n < FEWEST:
        return None
    time = np.arange(1, n + 1, dtype=np.float64)
    rs = 1.0 - 6.0 * float(np.sum((mean_ranks(present) - time) ** 2)) / (n**3 - n)
    row = max((r for r in _critical() if int(r["periods"]) <= n), key=lambda r: int(r["periods"]))
    at_005, at_001 = float(row["wp_0_05"]), float(row["wp_0_01"])
    reached = round(abs(rs), 9)
    significance = 0.01 if reached >= at_001 else 0.05 if reached >= at_005 else None
    direction = 0 if significance is None else int(math.copysign(1, rs))
    return Spearman(rs, n, at_005, at_001, significance, direction, row["edition"], row["verification"])


def mann_kendall(values: NDArray[np.float64]) -> MannKendall | None:
    """Mann-Kendall's test and Sen's slope of ``values``, one for each period; NaN keep their place in time.

    Kendall 1975: ``S = Σ sign(xj − xi)``, ``var = (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18``, ``z = (S ∓ 1) / √var``;
    Sen 1968.
    ``None`` for fewer than four values or if all are equal.
    """
    at = np.flatnonzero(~np.isnan(values))
    x = values[at]
    n = x.size
    if n < 4:
        return None
    earlier, later = np.triu_indices(n, 1)
    steps = x[later] - x[earlier]
    s = int(np.sign(steps).sum())
    ties = np.unique(x, return_counts=True)[1].astype(np.float64)
    variance = (n * (n - 1) * (2 * n + 5) - float(np.sum(ties * (ties - 1) * (2 * ties + 5)))) / 18.0
    if variance <= 0.0:
        return None
    z = (s - math.copysign(1, s)) / math.sqrt(variance) if s else 0.0
    p = math.erfc(abs(z) / math.sqrt(2.0))
    slope = float(np.median(steps / (at[later] - at[earlier])))
    return MannKendall(s, z, p, int(math.copysign(1, s)) if p < 0.05 else 0, slope)


def mean_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2.0)[which]


@cache
def _critical() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.surface_water", "spearman_critical.csv"))
