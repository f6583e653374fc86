"""Series: the readings of one parameter at one station as arrays, in the order of their time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riverchief.observation.reading import Reading

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Series:
    """The values in force of one parameter at one station.

    ``times_s`` (n,) [s since 1970 UTC] rise; ``values`` (n,) [``unit``], NaN where missing; where ``is_bound`` (n,)
    is true the value is only a detection limit or another bound. ``flags`` (n,) are the codes of ``flags.csv`` as the
    source gave them. ``superseded`` counts readings that a later one of the same time replaced.
    """

    station: str
    parameter: str
    unit: str
    times_s: Floats
    values: Floats
    flags: tuple[str, ...]
    is_bound: NDArray[np.bool_]
    statistic: str = "instant"
    period_s: int = 0
    source: str = ""
    superseded: int = 0
    readings: tuple[Reading, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def interval_s(self) -> float | None:
        """The usual distance between two readings [s]: the median; None where there are fewer than two."""
        return float(np.median(np.diff(self.times_s))) if len(self) > 1 else None


def series_of(readings: Iterable[Reading]) -> list[Series]:
    """``readings`` as series, one for each station, parameter, statistic, period and source, in order of first
    appearance.

    Of several readings of one time the last given is in force.
    """
    groups: dict[tuple[str, str, str, int, str], dict[float, Reading]] = {}
    counts: dict[tuple[str, str, str, int, str], int] = {}
    for reading in readings:
        key = (reading.station, reading.parameter, reading.statistic, reading.period_s, reading.source)
        groups.setdefault(key, {})[reading.time.timestamp()] = reading
        counts[key] = counts.get(key, 0) + 1
    return [_series(key, group, counts[key]) for key, group in groups.items()]


def _series(key: tuple[str, str, str, int, str], group: dict[float, Reading], count: int) -> Series:
    times = sorted(group)
    ordered = tuple(group[time] for time in times)
    bounds = [
        reading.censored is not None and reading.value is None and reading.censored.limit is not None
        for reading in ordered
    ]
    values = [
        reading.censored.limit if is_bound and reading.censored is not None else reading.value
        for reading, is_bound in zip(ordered, bounds, strict=True)
    ]
    return Series(
        key[0],
        key[1],
        ordered[0].unit,
        np.array(times, np.float64),
        np.array([np.nan if value is None else value for value in values], np.float64),
        tuple(reading.flag for reading in ordered),
        np.array(bounds, np.bool_),
        key[2],
        key[3],
        key[4],
        count - len(ordered),
        ordered,
    )
