"""Thresholds out of a place's own past."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riverchief.observation.checks.outcome import Floats, as_floats
from riverchief.observation.checks.single import month_of


def monthly_bands(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    share: float = 0.005,
    margin: float = 0.25,
    fewest: int = 60,
    utc_offset_s: float = 0.0,
) -> tuple[Floats, Floats]:
    """Bands for :func:`riverchief.observation.checks.climatology`: low and high (12,) [unit] for each month.

    The quantiles ``share`` and 1 − ``share`` of the month's values and those of the months beside it, widened by
    ``margin`` [1] of their distance. NaN for a month with fewer than ``fewest`` values. Give it values that passed
    the other checks.
    """
    found = as_floats(values)
    months = month_of(times_s, utc_offset_s)
    low, high = np.full(12, np.nan), np.full(12, np.nan)
    for month in range(12):
        near = np.isin(months, [(month - 1) % 12, month, (month + 1) % 12]) & ~np.isnan(found)
        if np.count_nonzero(near & (months == month)) >= fewest:
            lower, upper = np.quantile(found[near], [share, 1.0 - share])
            low[month] = lower - margin * (upper - lower)
            high[month] = upper + margin * (upper - lower)
    return low, high
