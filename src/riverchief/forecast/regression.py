"""Least absolute deviations with a ridge: for all places together, and what each place adds of its own.

    min_b Σ |y − X b| + λ |b|²      by iteratively reweighted least squares (Schlossmacher 1973)

The median is what the mean absolute error asks for, and a stuck or spiked value cannot pull a line of absolute errors
far.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TURNS = 6
SMALLEST = 0.05  # usual steps: residuals below it weigh no more
RIDGE_OF_ALL = 30.0  # the ridge in cases, for all places together
RIDGE_OF_ONE = 200.0  # and for what one place adds
FEWEST = 30  # cases for a line of a place's own


def fit_median(x: Floats, y: Floats, ridge: float, turns: int = TURNS) -> Floats:
    """b (predictors,) for cases ``x`` (cases, predictors) and ``y`` (cases,), without NaN."""
    found = np.zeros(x.shape[1])
    penalty = ridge * np.eye(x.shape[1])
    for turn in range(turns):
        weight = 1.0 / np.maximum(np.abs(y - x @ found), SMALLEST) if turn else np.ones(len(y))
        gram, moment = normal_equations(x, y, weight)
        found = np.linalg.solve(gram + penalty, moment)
    return found


@njit(cache=True, nogil=True)
def normal_equations(x, y, weight):  # type: ignore[no-untyped-def]
    """XᵀWX (predictors, predictors) and XᵀWy (predictors,) of cases ``x`` (cases, predictors).

    In one pass and one thread: for tall narrow matrices the threads of a BLAS cost more than they save, most of all on
    a machine that does other work.
    """
    cases, predictors = x.shape
    gram = np.zeros((predictors, predictors))
    moment = np.zeros(predictors)
    for case in range(cases):
        for i in range(predictors):
            weighted = weight[case] * x[case, i]
            moment[i] += weighted * y[case]
            for j in range(i + 1):
                gram[i, j] += weighted * x[case, j]
    for i in range(predictors):
        for j in range(i):
            gram[j, i] = gram[i, j]
    return gram, moment


def fit_places(x: Floats, y: Floats, place: Ints, places: int, lead: int) -> tuple[Floats, Floats]:
    """The line of all places (predictors,) and the lines of each (places, predictors), that of all included.

    ``place`` (cases,) says where a case is from. The further the lead, the more neighbouring cases are alike, and the
    more of them a place needs before it differs from the others: its ridge grows with √lead.
    """
    common = fit_median(x, y, RIDGE_OF_ALL)
    rest = y - x @ common
    own = np.tile(common, (places, 1))
    for each in range(places):
        mine = place == each
        if np.count_nonzero(mine) >= FEWEST:
            own[each] += fit_median(x[mine], rest[mine], RIDGE_OF_ONE * lead**0.5, turns=4)
    return common, own
