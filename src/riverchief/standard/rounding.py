"""Rounding half to even (四舍六入五成双), in the decimal digits that people write.

``round(2.675, 2)`` of a computer gives 2.67 because 2.675 is stored a little smaller. The rule is about the digits as
written, so a value that is half-way to within the noise of its storage counts as half-way: 2.675 becomes 2.68 and 2.665
becomes 2.66.
"""

from __future__ import annotations

import math
from typing import overload

import numpy as np
from numpy.typing import NDArray

_NOISE = 1e-9  # relative; far above the 2e-16 of storage and far below any digit a laboratory writes


@overload
def round_half_even(values: float, decimals: int, *, keep_a_digit: bool = ...) -> float: ...
@overload
def round_half_even(values: NDArray[np.float64], decimals: int, *, keep_a_digit: bool = ...) -> NDArray[np.float64]: ...


def round_half_even(
    values: float | NDArray[np.float64], decimals: int, *, keep_a_digit: bool = False
) -> float | NDArray[np.float64]:
    """``values`` rounded to ``decimals`` places, half to even; NaN stays NaN.

    ``keep_a_digit``: a positive value that would become 0 keeps one significant digit instead (from three programs
    that cite 环办监测函〔2020〕82号).
    """
    if isinstance(values, float | int):
        return _round_one(float(values), decimals, keep_a_digit)
    given = np.asarray(values, dtype=np.float64)
    scaled = given * 10.0**decimals
    below = np.floor(scaled)
    half_way = np.abs(scaled - below - 0.5) <= _NOISE * np.maximum(1.0, np.abs(scaled))
    even = below + np.mod(below, 2.0)
    rounded = np.where(half_way, even, np.rint(scaled)) / 10.0**decimals
    if keep_a_digit:
        vanished = (rounded == 0.0) & (given > 0.0)
        if vanished.any():
            rounded = np.where(vanished, _one_digit(np.where(vanished, given, 1.0)), rounded)
    return rounded


def _round_one(value: float, decimals: int, keep_a_digit: bool) -> float:
    """One value, by the same steps."""
    scaled = value * 10.0**decimals
    if not math.isfinite(scaled):
        return value
    below = math.floor(scaled)
    half_way = abs(scaled - below - 0.5) <= _NOISE * max(1.0, abs(scaled))
    rounded = (below + below % 2 if half_way else float(round(scaled))) / 10.0**decimals
    if keep_a_digit and rounded == 0.0 and value > 0.0:
        return _round_one(value, -math.floor(math.log10(value)), False)
    return rounded


def _one_digit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each positive value with one significant digit, half to even."""
    places = -np.floor(np.log10(values)).astype(np.int64)
    rounded = [round_half_even(float(v), int(p)) for v, p in zip(np.ravel(values), np.ravel(places), strict=True)]
    return np.array(rounded, dtype=np.float64).reshape(np.shape(values))


def show_number(value: float) -> str:
    """A value as people write it: up to six significant digits, never with an exponent (``0.00004``)."""
    if not math.isfinite(value):
        return f"{value:g}"
    text = f"{value:.6g}"
    if "e" not in text:
        return text
    places = max(0, 5 - math.floor(math.log10(abs(value))))
    shown = f"{value:.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def show_multiple(multiple: float) -> str:
    """An over-limit multiple as the law prints it: one decimal; below 0.05 one significant digit, never 0.0."""
    if multiple <= 0.0 or math.isnan(multiple):
        return ""
    rounded = round_half_even(multiple, 1, keep_a_digit=True)
    return f"{rounded:.1f}" if rounded >= 0.1 else f"{rounded:.10f}".rstrip("0")
