"""Bases: forecasts that cost nothing and that every model has to beat.

======================  =================================================================================
``persistence``         the newest value stays: y(t)
``diurnal``             the newest value of the same time of day: y(t + h − n·day)
``climatology``         what is usual then: c(t + h)
``damped``              the anomaly fades: c(t + h) + φ^h (y(t) − c(t)), φ the correlation of one step
``upstream``            the anomaly that is on its way: c(t + h) + β_h (u(t + h − τ) − c_u(t + h − τ))
======================  =================================================================================

Against persistence alone a forecast of a week proves nothing: climatology does better by then, and the damped anomaly
better than either (engine notes on NEON's rivers; Murphy 1992, Weather and Forecasting 7, 692).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.season import Season
from riverchief.forecast.upstream import Carried

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BASES = ("persistence", "diurnal", "climatology", "damped", "upstream")


def persistence_of_a_step(anomalies: Floats) -> Floats:
    """φ (places, 1) [1]: the slope of an anomaly on the one a step before, between 0 and 1; 0 without any pair.

    ``φ = Σ a(t+1) a(t) / Σ a(t)²`` over the steps that both are known.
    """
    before, after = anomalies[:, :-1], anomalies[:, 1:]
    both = ~np.isnan(before) & ~np.isnan(after)
    x, y = np.where(both, before, 0.0), np.where(both, after, 0.0)
    square = (x * x).sum(axis=1)
    slope = np.divide((x * y).sum(axis=1), square, out=np.zeros(len(x)), where=square > 0)
    found: Floats = np.clip(slope, 0.0, 1.0)[:, None]
    return found


def same_time_of_day(values: Floats, at: Ints, lead: int, per_day: int) -> Floats:
    """(places, times): the newest value before or at ``at`` of the time of day of ``at + lead``; NaN before the
    start."""
    from_here = at + lead - per_day * -(-lead // per_day)
    found = np.full((len(values), len(at)), np.nan)
    inside = from_here >= 0
    found[:, inside] = values[:, from_here[inside]]
    return found


def all_bases(
    values: Floats, season: Season, fading: Floats, at: Ints, lead: int, *, per_day: int = 1, carried: Carried | None
) -> dict[str, Floats]:
    """Every base of the forecasts issued at steps ``at`` for ``lead`` steps later, each (places, times), NaN where it
    has nothing to say.

    ``values`` (places, steps) may be transformed; ``fading`` is φ of :func:`persistence_of_a_step`. ``diurnal`` is
    there only where a day has several steps, ``upstream`` where something is ``carried`` down.
    """
    now = values[:, at]
    usual = season.ahead(at, lead)
    found = {
        "persistence": now,
        "climatology": usual,
        "damped": usual + fading**lead * (now - season.ahead(at, 0)),
    }
    if per_day > 1:
        found["diurnal"] = same_time_of_day(values, at, lead, per_day)
    if carried is not None:
        found["upstream"] = usual + carried.share[lead] * carried.anomaly(at, lead)
    return found
