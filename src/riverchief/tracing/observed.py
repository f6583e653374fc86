"""What the stations saw, as arrays: samples, limits of detection, and each station's background with its error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.tracing.background import Habit, Series
from riverchief.transport.physics import Floats

Ints = NDArray[np.int64]
#: No reading is believed more closely than this share of the highest one anywhere: an instrument that says 0.00 need
#: not mean it.
LEAST_SHARE = 1e-3
#: With fewer samples a station does not show its own background: it takes that of the others.
LEAST_QUIET = 5


class Observed(NamedTuple):
    """Samples of station k are ``offset[k]:offset[k + 1]``, in order of time.

    ``time_s`` [s] since the trace's zero; ``value`` [mg/L]; ``kind`` 0 measured, -1 below ``value``, 1 above it.
    ``background`` the level of each station, and the first ``modes[k]`` columns of ``basis`` (n, modes) how it lives
    about that, each times a standard normal number (:mod:`.background`); the absolute error ``floor_of`` of each
    sample, what other sources add to each (``added``) and the error of that, all [mg/L].
    """

    offset: Ints
    time_s: Floats
    value: Floats
    kind: NDArray[np.int8]
    background: Floats
    modes: Ints
    basis: Floats
    floor_of: Floats
    added: Floats
    added_error: Floats


def series_of(
    times: Sequence[Floats],
    values: Sequence[Floats],
    kinds: Sequence[NDArray[np.int8]],
    noise: float,
    floor_mg_l: float | None,
) -> list[Series]:
    """The samples of each station with level and scatter of its background by :func:`quiet_level`; where there are
    fewer than :data:`LEAST_QUIET`, as the one extra sample that was advised, by the other stations."""
    least = LEAST_SHARE * max(float(value.max()) for value in values) + 1e-12
    levels = [quiet_level(v, k, noise, floor_mg_l, least) for v, k in zip(values, kinds, strict=True)]
    background, spread, floor, below = (np.array(column) for column in zip(*levels, strict=True))
    few = np.array([value.size < LEAST_QUIET for value in values])
    if few.any() and not few.all():
        level = float(np.median(background[~few]))
        lowest = np.array([float(value.min()) for value in values])
        background[few] = np.minimum(level, lowest[few])
        spread[few] = max(0.5 * level, float(np.std(background[~few])))
        floor[few] = np.median(floor[~few])
    return [
        Series(time, value, kind.astype(np.int8), float(b), float(s), float(f), float(q))
        for time, value, kind, b, s, f, q in zip(times, values, kinds, background, spread, floor, below, strict=True)
    ]


def observe(series: Sequence[Series], habits: Sequence[Habit]) -> Observed:
    """Samples of each station together, their backgrounds living by ``habits``."""
    offset = np.concatenate([[0], np.cumsum([one.time_s.size for one in series])]).astype(np.int64)
    lives = [one.modes(habit) for one, habit in zip(series, habits, strict=True)]
    modes = np.array([basis.shape[1] for basis, _ in lives], np.int64)
    basis = np.zeros((int(offset[-1]), int(modes.max())))
    for k, (own, _) in enumerate(lives):
        basis[offset[k] : offset[k + 1], : own.shape[1]] = own
    value = np.concatenate([one.value for one in series])
    return Observed(
        offset,
        np.concatenate([one.time_s for one in series]),
        value,
        np.concatenate([one.kind for one in series]),
        np.array([one.level for one in series]),
        modes,
        basis,
        np.concatenate([np.sqrt(one.floor**2 + rest) for one, (_, rest) in zip(series, lives, strict=True)]),
        np.zeros_like(value),
        np.zeros_like(value),
    )


def quiet_level(
    value: Floats, kind: NDArray[np.int8], noise: float, floor_mg_l: float | None, least: float = 1e-9
) -> tuple[float, float, float, float]:
    """Background, its standard error, the scatter about it, and up to where readings are surely of it [mg/L].

    What is added is never negative, so the background is looked for among the low values: beginning with the lower half
    everything within 2.5 standard errors of the median is taken in, until nothing changes. A value below detection
    counts as half its limit. The scatter is the largest of what is found, 2 % of the level, and ``least`` [mg/L].
    """
    taken = np.where(kind < 0, 0.5 * value, value)
    if taken.size == 0:
        return 0.0, 1.0, 1.0, math.inf
    limit = float(np.min(value[kind < 0])) if (kind < 0).any() else 0.0
    order = np.sort(taken)
    kept = order[: max(order.size // 2, min(order.size, 3))]
    level, scatter = float(np.median(kept)), 0.0
    for _ in range(12):
        scatter = 1.4826 * float(np.median(np.abs(kept - level)))
        scatter = max(scatter, noise * level, 0.3 * limit, 0.02 * level, floor_mg_l or 0.0, 1e-9 * float(order[-1]))
        wider = order[order <= level + 2.5 * scatter]
        if wider.size == kept.size:
            break
        kept, level = wider, float(np.median(wider))
    deviation = float(np.sqrt(np.mean((kept - level) ** 2)))
    # what changes from one sample to the next is scatter; what changes slowly is how the background lives
    jumps = taken[1:-1] - 0.5 * (taken[:-2] + taken[2:])
    jump = 1.4826 * float(np.median(np.abs(jumps))) / math.sqrt(1.5) if jumps.size > 2 else deviation
    rest = math.sqrt(max(min(deviation, jump) ** 2 - (noise * level) ** 2, 0.0))
    floor = floor_mg_l if floor_mg_l is not None else max(rest, 0.02 * level, 0.3 * limit, least)
    # 20 % beside the error of the mean: what is quiet need not stay so while the wave passes
    spread = float(np.hypot(max(deviation, floor) / np.sqrt(kept.size), 0.2 * max(level, floor)))
    return level, spread, floor, level + 2.5 * scatter
