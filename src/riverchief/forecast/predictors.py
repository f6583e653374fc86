"""What a model is told at the origin: where the water stands, how it got there, what else is known.

All of it is in units of the place's usual step (twice the median change from one step to the next), so that one model
serves many places, and all of it is known at the origin: values and companions up to it, the climatology, what others
forecast for later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.panel import DAY_S, Panel
from riverchief.forecast.season import Season

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FARTHEST = 20.0  # usual steps; beyond it a predictor tells no more


@dataclass(frozen=True, eq=False)
class State:
    """The panel as seen before step ``end``, transformed: everything that does not depend on the lead.

    ``values``, ``anomalies`` (places, steps); ``scale`` (places, 1) the usual step [transformed unit], NaN for a place
    that has none; ``fading`` φ (places, 1); ``here`` (places, steps, predictors) of all leads alike;
    ``spreads`` of :func:`spreads_ahead`.
    """

    values: Floats
    anomalies: Floats
    scale: Floats
    fading: Floats
    here: Floats
    spreads: dict[str, tuple[float, float]]


def usual_step(values: Floats, end: int) -> Floats:
    """(places, 1): twice the median absolute change of a step before ``end``; a hundredth of the spread where half of
    the values stand still; NaN without changes."""
    change = np.abs(np.diff(values[:, :end], axis=1))
    found = np.full((len(values), 1), np.nan)
    for place, row in enumerate(change):
        known = row[~np.isnan(row)]
        if len(known) < 2:
            continue
        spread = float(np.nanstd(values[place, :end]))
        step = 2.0 * float(np.median(known)) or 0.01 * spread
        if step > 0:
            found[place] = step
    return found


def stitched(values: Floats, season: Season) -> Floats:
    """Anomalies (places, steps), each against the climatology that does not know its block."""
    at = np.arange(values.shape[1], dtype=np.int64)
    return values - season.learned(at, 0)


def lagged(values: Floats, steps: int) -> Floats:
    """``values`` (places, steps) of ``steps`` before; NaN before the start."""
    if steps == 0:
        return values
    found = np.full_like(values, np.nan)
    found[:, steps:] = values[:, :-steps]
    return found


def running_mean(values: Floats, window: int) -> Floats:
    """The mean of the last ``window`` steps, this one included, of what is known; NaN where nothing is."""
    there = ~np.isnan(values)
    zero = np.zeros((len(values), 1))
    total = np.concatenate([zero, np.cumsum(np.where(there, values, 0.0), axis=1)], axis=1)
    count = np.concatenate([zero, np.cumsum(there, axis=1)], axis=1)
    end = np.arange(1, values.shape[1] + 1)
    begin = np.maximum(0, end - window)
    number = count[:, end] - count[:, begin]
    found = np.full_like(values, np.nan)
    np.divide(total[:, end] - total[:, begin], number, out=found, where=number > 0)
    return found


def windows(panel: Panel) -> tuple[int, int, int]:
    """A short, a middle and a long memory in steps: four steps, a week (or eight steps), a month (or thirty)."""
    if panel.step_s >= DAY_S:
        return 4, 8, 30
    return panel.per_day, 7 * panel.per_day, 30 * panel.per_day


def predictors_here(
    panel: Panel, values: Floats, anomalies: Floats, scale: Floats, companions: dict[str, tuple[Floats, Floats]]
) -> Floats:
    """(places, steps, predictors) of all leads alike.

    ``companions`` gives of each other quantity its anomalies (places, steps) and usual step (places, 1).
    """
    short, middle, long = windows(panel)
    change = (values - lagged(values, 1)) / scale
    columns = [
        anomalies / scale,
        change,
        (values - lagged(values, 2)) / scale,
        (anomalies - running_mean(anomalies, short)) / scale,
        (anomalies - running_mean(anomalies, middle)) / scale,
        (anomalies - running_mean(anomalies, long)) / scale,
    ]
    if panel.per_day > 1:
        columns.append((values - lagged(values, panel.per_day)) / scale)
    if len(panel.places) > 2:
        columns.append(np.broadcast_to(_mean_over_places(change), values.shape))
    for other, step in companions.values():
        step = np.where(np.isnan(step), 1.0, step)
        columns += [
            other / step,
            (other - lagged(other, 1)) / step,
            (other - running_mean(other, middle)) / step,
        ]
    return np.stack(columns, axis=-1)


def spreads_ahead(panel: Panel, end: int) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation, before step ``end``, of each quantity that somebody forecasts."""
    found = {}
    for name, foreseen in panel.ahead.items():
        known = foreseen(0, panel.values.shape)[:, :end]
        known = known[~np.isnan(known)]
        spread = float(known.std()) if known.size else 0.0
        found[name] = (float(known.mean()) if known.size else 0.0, spread or 1.0)
    return found


def predictors_ahead(panel: Panel, spreads: dict[str, tuple[float, float]], at: Ints, lead: int) -> list[Floats]:
    """Of each quantity that somebody forecasts: its value then, and its change from the one forecast for the origin,
    each (places, times) in units of its own spread."""
    columns = []
    for name, foreseen in panel.ahead.items():
        mean, spread = spreads[name]
        now = (foreseen(0, panel.values.shape)[:, at] - mean) / spread
        then = (foreseen(lead, panel.values.shape)[:, at] - mean) / spread
        columns += [then, then - now]
    return columns


def _mean_over_places(values: Floats) -> Floats:
    there = ~np.isnan(values)
    number = there.sum(axis=0)
    found = np.full(values.shape[1], np.nan)
    np.divide(np.where(there, values, 0.0).sum(axis=0), number, out=found, where=number > 0)
    return found
