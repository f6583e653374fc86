"""Bands of a table: rows with a lower and an upper end, each inclusive or not, tested from the top."""

from __future__ import annotations

import math
from collections.abc import Mapping


def in_band(value: float, row: Mapping[str, str]) -> bool:
    """Whether ``value`` lies in the band ``lower, upper, lower_inclusive, upper_inclusive`` of a table's row.

    An empty end is open. NaN lies in no band.
    """
    if math.isnan(value):
        return False
    low = float(row["lower"]) if row["lower"] else -math.inf
    high = float(row["upper"]) if row["upper"] else math.inf
    above = value > low or (value == low and row["lower_inclusive"] == "1")
    below = value < high or (value == high and row["upper_inclusive"] == "1")
    return above and below
