"""Checks of one series by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.observation.checks import kernels
from riverchief.observation.checks.outcome import (
    FAIL,
    MISSING,
    NOT_EVALUATED,
    PASS,
    SUSPECT,
    Codes,
    Floats,
    Outcome,
    as_floats,
    evidence,
    or_nan,
)
from riverchief.observation.flag import find_flag

EVER = np.inf
HOUR_S = 3600.0


def range_check(
    values: ArrayLike,
    *,
    hard: tuple[ArrayLike | None, ArrayLike | None] = (None, None),
    soft: tuple[ArrayLike | None, ArrayLike | None] = (None, None),
) -> Outcome:
    """Fail outside ``hard``, suspect outside ``soft``; the bounds themselves pass.

    ``values`` (n,) [unit]; a bound is a number, or (n,) where it differs from value to value (a season's, see
    :func:`climatology`), None where there is none. QARTOD test 4, gross range.
    """
    found = as_floats(values)
    codes = np.full(found.shape, PASS, np.uint8)
    for (low, high), code in ((soft, SUSPECT), (hard, FAIL)):
        if low is not None:
            codes[found < as_floats(low)] = code
        if high is not None:
            codes[found > as_floats(high)] = code
    codes[np.isnan(found)] = MISSING
    bounds = {"hard_low": hard[0], "hard_high": hard[1], "soft_low": soft[0], "soft_high": soft[1]}
    told = {
        name: as_floats(bound).item() for name, bound in bounds.items() if bound is not None and np.ndim(bound) == 0
    }
    return Outcome("range", codes, told)


def climatology(
    times_s: ArrayLike, values: ArrayLike, low: ArrayLike, high: ArrayLike, *, utc_offset_s: float = 0.0
) -> Outcome:
    """Suspect outside what a month has brought: ``low`` and ``high`` (12,) [unit] by month, NaN where not known.

    The month is the local one, ``utc_offset_s`` [s] east of UTC. QARTOD test 5.
    """
    found = as_floats(values)
    months = month_of(times_s, utc_offset_s)
    lower, upper = as_floats(low)[months], as_floats(high)[months]
    codes = np.full(found.shape, PASS, np.uint8)
    codes[np.isnan(lower) & np.isnan(upper)] = NOT_EVALUATED
    codes[(found < lower) | (found > upper)] = SUSPECT
    codes[np.isnan(found)] = MISSING
    return Outcome("climatology", codes, {})


def spike(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    suspect: float | None = None,
    fail: float | None = None,
    suspect_share: float | None = None,
    fail_share: float | None = None,
    max_gap_s: float = EVER,
    method: str = "average",
) -> Outcome:
    """How far a value lies from the line between its neighbours in time.

    ``average``: |x − (x₋ + (x₊ − x₋)·(t − t₋)/(t₊ − t₋))|; for even steps QARTOD's test 6. ``differential``:
    min(|x − x₋|, |x − x₊|) where both differences have one sign, else 0: an edge is no spike. The threshold is the
    larger of ``suspect`` [unit] and ``suspect_share`` [1] of the value expected; a larger deviation is meant, an
    equal one passes. Neighbours are the nearest values that are not missing; where one stands further away than
    ``max_gap_s`` [s], and at both ends, the code is 2.
    """
    codes = kernels.spike_codes(
        as_floats(times_s),
        as_floats(values),
        max_gap_s,
        or_nan(suspect),
        or_nan(fail),
        or_nan(suspect_share),
        or_nan(fail_share),
        method == "differential",
    )
    told = evidence(suspect=suspect, fail=fail, suspect_share=suspect_share, fail_share=fail_share)
    return Outcome("spike", codes, told)


def rate(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    suspect_per_h: float | None = None,
    fail_per_h: float | None = None,
    max_gap_s: float = EVER,
) -> Outcome:
    """|x − x₋| / (t − t₋) against thresholds [unit/h]; x₋ is the last value that is not missing. QARTOD test 7.

    The first value, one after more than ``max_gap_s`` [s], and one at the time of its predecessor get code 2.
    """
    codes = kernels.rate_codes(
        as_floats(times_s),
        as_floats(values),
        max_gap_s,
        or_nan(suspect_per_h) / HOUR_S,
        or_nan(fail_per_h) / HOUR_S,
    )
    return Outcome("rate", codes, evidence(suspect_per_h=suspect_per_h, fail_per_h=fail_per_h))


def stuck(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    suspect_s: float | None = None,
    fail_s: float | None = None,
    tolerance: float = 0.0,
    floor: float | None = None,
    max_gap_s: float = EVER,
    is_trailing: bool = False,
) -> Outcome:
    """A value that has moved by no more than ``tolerance`` [unit] for ``suspect_s`` or ``fail_s`` [s]. QARTOD test 8.

    The whole stretch is marked, as a person looking back would; with ``is_trailing`` only the values from the moment
    on at which it had lasted so long, as QARTOD says for data that are arriving. A ``tolerance`` of 0 means exactly
    equal values. Values at or below ``floor`` [unit], the detection limit, may stand still as long as they like (code
    2). More than ``max_gap_s`` [s] without a value end a stretch; a missing value does not.
    """
    codes = kernels.stuck_codes(
        as_floats(times_s),
        as_floats(values),
        -np.inf if floor is None else float(floor),
        max_gap_s,
        or_nan(suspect_s),
        or_nan(fail_s),
        float(tolerance),
        is_trailing,
    )
    return Outcome("stuck", codes, evidence(suspect_s=suspect_s, fail_s=fail_s, tolerance=tolerance, floor=floor))


def restless(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    factor: float,
    floor: float,
    window_s: float = 6 * HOUR_S,
    days: int = 14,
    max_gap_s: float = EVER,
) -> Outcome:
    """Suspect where a signal trembles as it never did: a fouled lens, a loose plug, air at the probe.

    A value trembles where its distance from the line between its neighbours in time exceeds ``factor`` [1] times what
    is usual, the median over ``days`` days of each day's median distance, or ``floor`` [unit] if that is more. Suspect
    where more than half of the values of the last ``window_s`` [s] tremble. A flood makes the water rise and fall, but
    not from value to value. Code 2 before three days are known.
    """
    times, found = as_floats(times_s), as_floats(values)
    trembles = kernels.trembling(times, found, max_gap_s)
    codes = kernels.restless_codes(times, found, trembles, window_s, days, factor, floor)
    return Outcome("restless", codes, evidence(factor=factor, floor=floor, window_s=window_s))


def step(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    least: float,
    factor: float = 3.0,
    window_s: float = 2 * HOUR_S,
    usual_s: float = 48 * HOUR_S,
) -> Outcome:
    """Suspect where a signal goes over to another height from one value to the next and stays there: a probe was
    calibrated, exchanged or moved, and what lies before (or behind) had drifted.

    The height is the difference of the medians over ``window_s`` [s] on both sides. It must exceed ``least`` [unit] and
    ``factor`` [1] times the 95 % quantile of the changes of the last ``usual_s`` [s], and the change between two values
    must be 0.6 to 1.7 of it. Code 2 after a pause longer than ``window_s``.
    """
    codes = kernels.step_codes(as_floats(times_s), as_floats(values), window_s, usual_s, factor, least)
    return Outcome("step", codes, evidence(least=least, factor=factor, window_s=window_s))


def attenuated(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    window_s: float,
    suspect: float | None = None,
    fail: float | None = None,
    fewest: int = 2,
    of: str = "std",
) -> Outcome:
    """A signal that moves less over the last ``window_s`` [s] than ``suspect`` or ``fail`` [unit]. QARTOD test 11.

    ``of`` is ``std`` (standard deviation, n) or ``range``. Windows of fewer than ``fewest`` values, and those that
    begin before the series, get code 2.
    """
    codes = kernels.attenuated_codes(
        as_floats(times_s), as_floats(values), window_s, fewest, or_nan(suspect), or_nan(fail), of == "range"
    )
    return Outcome("attenuated", codes, evidence(window_s=window_s, suspect=suspect, fail=fail))


def gap(times_s: ArrayLike, *, max_gap_s: float) -> Outcome:
    """Suspect where more than ``max_gap_s`` [s] passed since the last reading; the first gets code 2.

    It says nothing against the value after the gap: the merge tells it and does not count it.
    """
    times = as_floats(times_s)
    codes = np.full(times.shape, PASS, np.uint8)
    codes[:1] = NOT_EVALUATED
    codes[1:][np.diff(times) > max_gap_s] = SUSPECT
    return Outcome("gap", codes, evidence(max_gap_s=max_gap_s))


class Gap(NamedTuple):
    """A time without readings, from the last before to the first after it [s]; ``missing`` readings were expected in
    it.
    """

    begin_s: float
    end_s: float
    missing: int


def gaps(times_s: ArrayLike, *, interval_s: float, max_gap_s: float | None = None) -> list[Gap]:
    """The gaps longer than ``max_gap_s`` [s] (one and a half intervals unless given) of a series of one each
    ``interval_s``.
    """
    times = np.unique(as_floats(times_s))
    limit_s = 1.5 * interval_s if max_gap_s is None else max_gap_s
    places = np.flatnonzero(np.diff(times) > limit_s)
    return [
        Gap(times[place], times[place + 1], max(0, round((times[place + 1] - times[place]) / interval_s) - 1))
        for place in places
    ]


def time_order(times_s: ArrayLike, values: ArrayLike) -> Outcome:
    """Readings in the order of their arrival: suspect where a time is before one that came earlier; fail where a time
    comes again with another value, suspect where with the same."""
    times, found = as_floats(times_s), as_floats(values)
    codes = np.full(times.shape, PASS, np.uint8)
    if len(times):
        latest = np.maximum.accumulate(times)
        codes[1:][times[1:] < latest[:-1]] = SUSPECT
        # within one time the first to arrive is the reference of all that come after it
        order = np.argsort(times, kind="stable")
        first_of_time = np.flatnonzero(np.diff(times[order], prepend=np.nan) != 0)
        reference = np.repeat(order[first_of_time], np.diff(np.append(first_of_time, len(order))))
        is_repeat = reference != order
        is_same = (found[order] == found[reference]) | (np.isnan(found[order]) & np.isnan(found[reference]))
        codes[order[is_repeat & is_same]] = SUSPECT
        codes[order[is_repeat & ~is_same]] = FAIL
    return Outcome("time_order", codes, {})


def sensor_state(flags: Sequence[str]) -> Outcome:
    """What the source itself says: the QARTOD codes of its flags (``flags.csv``), such as ``maintenance``."""
    known = {flag: find_flag(flag).qartod for flag in dict.fromkeys(flags)}
    codes: Codes = np.array([known[flag] for flag in flags], np.uint8)
    return Outcome("sensor_state", codes, {})


def month_of(times_s: ArrayLike, utc_offset_s: float = 0.0) -> NDArray[np.intp]:
    """The month of each time, 0 to 11, in the zone ``utc_offset_s`` [s] east of UTC."""
    seconds: Floats = as_floats(times_s) + utc_offset_s
    months = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return (months % 12).astype(np.intp)
