"""Which values a forecast may rest on, decided from the past alone.

The checks of :mod:`riverchief.observation.checks` may look at the value that follows (a spike is one because the next
value is back); at the origin of a forecast there is no next value, and to know in training what is not known in use
would be a leak. So only three are made here: what the source says of itself, the hard limits of the range, and a value
that has stood still for longer than the table allows, counted from its beginning on and never backwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riverchief.observation.checks import thresholds_for
from riverchief.observation.flag import find_flag
from riverchief.observation.series import Series

Floats = NDArray[np.float64]
SHARE_OF_LIMIT = 0.5  # HJ 91.2-2022: half the detection limit in statistics
HOUR_S = 3600.0


def usable_values(series: Series) -> tuple[Floats, dict[str, int]]:
    """The values of ``series`` (n,) [its unit] that a forecast may rest on, NaN elsewhere, and why others were left
    out.

    A value below the detection limit is half the limit; one above a limit is the limit, its lower bound. The counts
    are by reason: a flag's code, ``range`` or ``stuck``.
    """
    limits = thresholds_for(series.parameter, interval_s=series.interval_s, station=series.station)
    values = series.values.copy()
    below = np.array(
        [reading.censored is not None and reading.censored.operator == "<" for reading in series.readings], np.bool_
    )
    if below.any():
        values[below & series.is_bound] *= SHARE_OF_LIMIT
    left_out: dict[str, int] = {}
    for reason, objected in _objections(series, values, limits.hard_low, limits.hard_high, limits.stuck_fail_h):
        here = objected & ~np.isnan(values)
        if here.any():
            left_out[reason] = int(here.sum())
            values[here] = np.nan
    return values, left_out


def standing_s(times_s: Floats, values: Floats, tolerance: float) -> Floats:
    """How long [s] each value has stood within ``tolerance`` [unit] of the first of its run, known at its own time.

    NaN values neither end a run nor belong to one.
    """
    found = np.zeros(len(values))
    first, since = np.nan, 0.0
    for place, (time, value) in enumerate(zip(times_s.tolist(), values.tolist(), strict=True)):
        if value != value:
            continue
        if not abs(value - first) <= tolerance:
            first, since = value, time
        found[place] = time - since
    return found


def _objections(
    series: Series, values: Floats, low: float | None, high: float | None, stuck_h: float | None
) -> list[tuple[str, NDArray[np.bool_]]]:
    flags = np.array(series.flags, dtype=object)
    found = [(flag, flags == flag) for flag in dict.fromkeys(series.flags) if not find_flag(flag).usable]
    with np.errstate(invalid="ignore"):
        outside = np.zeros(len(values), np.bool_)
        if low is not None:
            outside |= values < low
        if high is not None:
            outside |= values > high
    found.append(("range", outside))
    if stuck_h is not None:
        limits = thresholds_for(series.parameter, interval_s=series.interval_s, station=series.station)
        moving = np.where(series.is_bound, np.nan, values)
        stands = standing_s(series.times_s, moving, limits.stuck_tolerance or 0.0) >= stuck_h * HOUR_S
        if limits.floor is not None:
            with np.errstate(invalid="ignore"):
                stands &= ~(values <= limits.floor)
        found.append(("stuck", stands & ~np.isnan(moving)))
    return found
