"""Intervals that are held to what they claim: conformal quantiles of verified errors, adapted as they come.

Errors e = (y − median) / width of the last year make the quantiles of the next weeks (normalised split conformal:
Papadopoulos 2008; Lei et al. 2018). Where they miss too often or too seldom the level itself moves (adaptive conformal
inference, Gibbs and Candès 2021):

    α ← α + γ (α* − [missed])

for each tail of each place and lead. A place with few verified errors borrows from all places.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
TAILS = ((0, 0.05), (1, 0.25), (3, 0.25), (4, 0.05))  # which quantile, and the share beyond it
MEMORY_DAYS = 365
CHUNK_DAYS = 7
GAIN = 0.01
BORROWED = 60.0
FEWEST = 20  # verified errors of all places before there is an interval


def add_intervals(
    median: Floats, width: Floats, truth: Floats, leads: Sequence[int], *, per_day: int, chunk_days: int = CHUNK_DAYS
) -> Floats:
    """(5, leads, places, steps): the quantiles at :data:`LEVELS` of forecasts issued at each step.

    ``median``, ``width``, ``truth`` (leads, places, steps), truth at the step of issue and NaN where nothing came. An
    error counts from the step at which its truth is there. NaN where too few errors are known; the median stays.
    """
    found = np.full((len(LEVELS), *median.shape), np.nan)
    found[2] = median
    chunk = max(1, chunk_days * per_day)
    for k, lead in enumerate(leads):
        with np.errstate(invalid="ignore", divide="ignore"):
            errors = (truth[k] - median[k]) / width[k]
        _one_lead(found[:, k], median[k], width[k], errors, lead, chunk, MEMORY_DAYS * per_day)
    return np.where(np.isnan(found).any(axis=0), found, np.sort(found, axis=0))


def _one_lead(found: Floats, median: Floats, width: Floats, errors: Floats, lead: int, chunk: int, memory: int) -> None:
    places, steps = median.shape
    issued = np.flatnonzero((~np.isnan(median)).any(axis=0))
    if not len(issued):
        return
    alpha = np.tile(np.array([share for _, share in TAILS]), (places, 1))
    counted = int(issued[0])
    for begin in range(int(issued[0]), steps, chunk):
        end = min(begin + chunk, steps)
        until = max(begin - lead, 0)  # the last truth that is there at `begin` is the one of step begin
        if until > counted:
            _adapt(alpha, found, median, width, errors, slice(counted, until))
            counted = until
        shifts = _tails(errors[:, max(0, until - memory) : until], alpha, lead)
        if shifts is not None:
            for n, (level, _) in enumerate(TAILS):
                found[level][:, begin:end] = median[:, begin:end] + shifts[:, n, None] * width[:, begin:end]


def _tails(errors: Floats, alpha: Floats, lead: int) -> Floats | None:
    """(places, tails): the errors' quantiles at each place's own levels; None where too few are known."""
    every = errors[~np.isnan(errors)]
    if len(every) < FEWEST:
        return None
    found = np.empty_like(alpha)
    for place, row in enumerate(errors):
        mine = row[~np.isnan(row)]
        share = len(mine) / (len(mine) + BORROWED * lead**0.5)
        levels = np.array([alpha[place, 0], alpha[place, 1], 1 - alpha[place, 2], 1 - alpha[place, 3]])
        found[place] = (1 - share) * np.quantile(every, levels)
        if len(mine):
            found[place] += share * np.quantile(mine, levels)
    return found


def _adapt(alpha: Floats, found: Floats, median: Floats, width: Floats, errors: Floats, when: slice) -> None:
    """Move the levels by what came in ``when``."""
    for n, (level, share) in enumerate(TAILS):
        edge = found[level][:, when]
        came = median[:, when] + errors[:, when] * width[:, when]
        judged = ~np.isnan(edge) & ~np.isnan(came)
        missed = (came < edge) if level < 2 else (came > edge)
        move = np.where(judged, share - missed, 0.0).sum(axis=1)
        alpha[:, n] = np.clip(alpha[:, n] + GAIN * move, 0.1 * share, 2.0 * share)
