"""What a check gives: a code for each value, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PASS, NOT_EVALUATED, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9

Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]


class Outcome(NamedTuple):
    """The verdicts of one check: ``codes`` (n,), and the ``thresholds`` that they rest on, by name with their unit."""

    test: str
    codes: Codes
    thresholds: Mapping[str, float]


def evidence(**thresholds: float | None) -> dict[str, float]:
    """The thresholds that were set."""
    return {name: float(value) for name, value in thresholds.items() if value is not None and not np.isnan(value)}


def or_nan(threshold: float | None) -> float:
    """``threshold`` for a kernel, in which NaN is "not set": no comparison with it is true."""
    return np.nan if threshold is None else float(threshold)


def as_floats(values: object) -> Floats:
    """``values`` as a contiguous array of float64 without copying one that is."""
    return np.ascontiguousarray(values, dtype=np.float64)
