"""Logarithms for what is skewed: a median on the log scale is the median on the plain one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SKEWED = 1.0  # mean skewness over places from which on logarithms are taken
FEWEST = 30


@dataclass(frozen=True)
class Transform:
    """``g(y) = ln(y + offset)``, or y itself where ``offset`` is None."""

    offset: float | None = None

    def forward(self, values: Floats) -> Floats:
        """``values`` as they are worked with; what is below the range of the logarithm is its lower end."""
        if self.offset is None:
            return values
        return np.log(np.maximum(values, 0.0) + self.offset)

    def back(self, values: Floats) -> Floats:
        """The inverse; never below 0 where logarithms were taken."""
        if self.offset is None:
            return values
        return np.maximum(np.exp(values) - self.offset, 0.0)


def fit_transform(values: Floats, end: int) -> Transform:
    """By ``values`` (places, steps) before step ``end``: logarithms where none is negative and the mean skewness of the
    places exceeds 1. The offset is half of the smallest positive value, so that a zero stays finite."""
    known = values[:, :end]
    skewness = []
    for row in known:
        there = row[~np.isnan(row)]
        if len(there) < FEWEST:
            continue
        spread = float(there.std())
        if spread > 0:
            skewness.append(float((((there - there.mean()) / spread) ** 3).mean()))
    positive = known[known > 0]
    if not skewness or not positive.size or np.nanmin(known) < 0 or np.mean(skewness) < SKEWED:
        return Transform()
    return Transform(0.5 * float(positive.min()))
