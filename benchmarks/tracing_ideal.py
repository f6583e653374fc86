"""The best that anyone could do: the very solver that made a truth asked which outfall it was.

It is told everything but the place, the time, the mass and the backgrounds: velocities as they are, the noise as it was
drawn. What it gets wrong is not in the samples. (It knows that the true outfall is worth asking, the tracer does not.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.tracing_family import Basin, Case, Floats, shown_by

FINE_S = 600.0
_FINE = np.arange(0.0, 9 * 86400.0, FINE_S)
_LASTS_S = 900.0
_ROUNDS = 4
FLOOR_MG_L, WANDER = 0.03, 0.05  # as the family draws them


def likeliest(basin: Basin, case: Case, outfalls: Sequence[int]) -> int:
    """Of ``outfalls`` the one whose best release explains the case best; for cases without errors of velocity."""
    return max(outfalls, key=lambda outfall: _best(basin, case, outfall))


def _best(basin: Basin, case: Case, outfall: int) -> float:
    """Log likelihood [nats, up to a constant] of the best release from an outfall."""
    unit = shown_by(basin, basin.physics, outfall, case.station_reach, 1.0, 0.0, _LASTS_S, _FINE)
    begins = np.arange(-86400.0, 3 * 86400.0, 1800.0)
    scores = [_score(case, unit, begin) for begin in begins.tolist()]
    centre, step = float(begins[int(np.argmax(scores))]), 900.0
    best = max(scores)
    while step > 20.0:
        for begin in (centre - step, centre + step):
            score = _score(case, unit, begin)
            if score > best:
                best, centre = score, begin
        step /= 2.0
    return best


def _score(case: Case, unit: Floats, begin_s: float) -> float:
    """The same for a release at ``begin_s``; mass and backgrounds by least squares, weighed by what they say."""
    h = np.array([np.interp(case.time_s - begin_s, _FINE, row, left=0.0, right=0.0) for row in unit])
    level, mass, total = np.median(case.value, axis=1), 1e3, 0.0
    for _ in range(_ROUNDS):
        expected = level[:, None] + mass * h
        weight = 1.0 / ((case.setting.noise * expected) ** 2 + FLOOR_MG_L**2 + (WANDER * level[:, None]) ** 2)
        level = (weight * (case.value - mass * h)).sum(axis=1) / weight.sum(axis=1)
        rest = case.value - level[:, None]
        power = float((weight * h * h).sum())
        mass = max(float((weight * h * rest).sum()) / power, 1e-9) if power > 0 else 1e-9
        total = float((0.5 * np.log(weight) - 0.5 * weight * (rest - mass * h) ** 2).sum())
    return total
