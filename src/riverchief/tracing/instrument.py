"""What an instrument adds that no water carried: a drift that goes on to the end, and a plateau with sharp edges.

Each is a column of the station's background (:mod:`.background`) whose height is normal about nothing with the level's
own size: it may go either way. Single stray readings are not here but in the likelihood of each reading.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from riverchief.tracing.background import HOUR_S, Series
from riverchief.tracing.sums import Weighed
from riverchief.transport.physics import Floats

#: Share of the stations whose instrument drifts, or jumps, in the days of an episode.
SHARE = 0.05
HEIGHT = 1.5
_STARTS = 10
_PLATEAUS_H = (4.0, 8.0, 12.0, 18.0)


class Drift(NamedTuple):
    """What one instrument may have added: its ``column`` (n,) [mg/L], what it gains [nats] with what such columns are
    beforehand (``log_prior`` [nats])."""

    column: Floats
    gain: float
    log_prior: float


def find_drift(k: int, series: Series, samples: Weighed, *, plateaus: bool) -> Drift | None:
    """The drift (or, with ``plateaus``, plateau) of station k that the samples ask for most; None where none does."""
    time = series.time_s
    if time.size < 8:
        return None
    first, last = float(time[0]), float(time[-1])
    size = HEIGHT * max(series.level, series.floor)
    columns = []
    for start in np.linspace(first, last, _STARTS, endpoint=False).tolist():
        columns.append(size * np.maximum(time - start, 0.0) / (last - start))
    if plateaus:
        step = max(float(np.median(np.diff(time))), HOUR_S)
        for length in _PLATEAUS_H:
            for start in np.arange(first, last, step).tolist():
                inside = (time >= start) & (time < start + length * HOUR_S)
                if inside.sum() >= 2:
                    columns.append(size * inside.astype(np.float64))
    here = slice(samples.offset[k], samples.offset[k + 1])
    table = np.array(columns)
    w, y = samples.w[here], samples.y[here]
    lift = table @ samples.lifted[here, : samples.modes[k]]
    a = table @ (w * y) - lift @ samples.pulled[k, : samples.modes[k]]
    b = (table**2) @ w - (lift**2).sum(axis=1)
    gain = 0.5 * a * a / (1.0 + b) - 0.5 * np.log1p(b)
    kinds = np.where(np.arange(table.shape[0]) < _STARTS, _STARTS, max(table.shape[0] - _STARTS, 1))
    prior = math.log(SHARE / (2.0 if plateaus else 1.0)) - np.log(kinds)
    best = int(np.argmax(gain + prior))
    if gain[best] + prior[best] <= 0.0:
        return None
    return Drift(table[best], float(gain[best]), float(prior[best]))
