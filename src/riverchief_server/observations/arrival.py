"""What is asked of every reading at whichever door it comes in: that it is not from the future, and that it lies within
what an instrument and a river can give.

What looks at neighbours in time (spikes, dead probes …) needs them to have come: :mod:`.checking` does it a moment
later. A hard limit needs nothing, and what is beyond it is never judged, not even for that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from riverchief.errors import Fault
from riverchief.observation.checks.thresholds import Thresholds, thresholds_for
from riverchief.observation.flag import all_flags
from riverchief_server.observations import store
from riverchief_server.observations.check_settings import rows_of_places
from riverchief_server.observations.models import Series
from riverchief_server.observations.store.rows import from_rows

RANGE = "range"
AT_ONCE = 900  # numbers in one statement


def from_the_future(time: datetime, parameter: str = "") -> Fault:
    """What is said of a reading (of ``parameter``) that is ahead."""
    return Fault("from_the_future", details={"given": f"{parameter} {time:%Y-%m-%d %H:%M} UTC".strip()})


def take_in(batch: store.Columns) -> store.PutReport:
    """Keep ``batch``, each reading with what its value alone says of it; promises as :func:`.store.put_columns`."""
    return store.put_columns(_ranged(batch))


def take_in_rows(rows: Iterable[store.StoredReading]) -> store.PutReport:
    """The same for few, as rows."""
    listed = list(rows)
    with transaction.atomic():
        return take_in(from_rows(listed, store.source_numbers({row.flag_by for row in listed})))


class _Bounds(NamedTuple):
    """Limits (n,) of n series; NaN where there is none, and ``is_known`` whether any is."""

    hard_low: NDArray[np.float64]
    hard_high: NDArray[np.float64]
    soft_low: NDArray[np.float64]
    soft_high: NDArray[np.float64]
    is_known: NDArray[np.bool_]


def _ranged(batch: store.Columns) -> store.Columns:
    """``batch`` with the flag ``bad`` beyond a hard limit, ``suspect`` beyond a soft one, else ``good``, and the check
    that set it; a flag of the source that says more stays."""
    if not batch.size:
        return batch
    numbers, place = np.unique(batch.series, return_inverse=True)
    bounds = _bounds_of(numbers)
    if not bounds.is_known.any():
        return batch
    value = np.where(np.isnan(batch.v), batch.bound, batch.v)
    number = store.flag_numbers()
    found = np.full(batch.size, number["good"], np.int16)
    found[(value < bounds.soft_low[place]) | (value > bounds.soft_high[place])] = number["suspect"]
    found[(value < bounds.hard_low[place]) | (value > bounds.hard_high[place])] = number["bad"]
    is_checked = bounds.is_known[place] & ~np.isnan(value)
    ranks = _ranks()
    is_passed = is_checked & (found == number["good"]) & (batch.flag == number["unchecked"])
    is_worse = is_checked & (ranks[found] > ranks[batch.flag]) & (found != number["good"])
    if not (is_passed.any() or is_worse.any()):
        return batch
    by = store.source_numbers({RANGE})[RANGE] if is_worse.any() else 0
    return batch._replace(
        flag=np.where(is_worse | is_passed, found, batch.flag).astype(np.int16),
        flag_by=np.where(is_worse, by, batch.flag_by).astype(np.int32),
    )


def _bounds_of(numbers: NDArray[np.int32]) -> _Bounds:
    """The limits of the series with these numbers, in their order; those of no parameter of ours have none."""
    size = len(numbers)
    nothing = [np.full(size, np.nan) for _ in range(4)]
    found = _Bounds(nothing[0], nothing[1], nothing[2], nothing[3], np.zeros(size, np.bool_))
    rows: list[tuple[int, str, int, str]] = []
    for start in range(0, size, AT_ONCE):
        some = numbers[start : start + AT_ONCE].tolist()
        rows += Series.objects.filter(pk__in=some).values_list("pk", "parameter", "place", "place__code").order_by()
    own = rows_of_places({place for _, _, place, _ in rows})
    position = dict(zip(numbers.tolist(), range(size), strict=True))
    for pk, parameter, place, code in rows:
        extra = own.get(place, ())
        limits = thresholds_for(parameter, station=code, extra=extra) if extra else _shipped(parameter)
        given = (limits.hard_low, limits.hard_high, limits.soft_low, limits.soft_high)
        at = position[pk]
        for column, limit in zip(found[:4], given, strict=True):
            if limit is not None:
                column[at] = limit
        found.is_known[at] = any(limit is not None for limit in given)
    return found


@cache
def _shipped(parameter: str) -> Thresholds:
    return thresholds_for(parameter)


@cache
def _ranks() -> NDArray[np.int16]:
    """The rank of each flag by its number."""
    numbers = store.flag_numbers()
    ranks = np.zeros(max(numbers.values()) + 1, np.int16)
    for flag in all_flags():
        ranks[numbers[flag.code]] = flag.rank
    return ranks
