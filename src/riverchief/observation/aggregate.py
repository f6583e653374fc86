"""A series by hour, day, month, year or water year: count, mean, extremes, time-weighted mean, and what was covered.

A mean of readings treats a minute of a flood like a day of low flow where an instrument measures more often in a
flood; the time-weighted mean does not. Both are given, with the share of the period that readings cover.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault

PERIODS = ("hour", "day", "month", "year", "water_year")
HOUR_MS = 3_600_000


class Aggregates(NamedTuple):
    """One row a period, in order of time; arrays of shape (periods,).

    ``start``, ``end`` int64 [ms since 1970 UTC]; ``readings`` how many; ``mean``, ``minimum``, ``maximum``, ``total``
    and ``time_mean`` in the values' unit, NaN where a period has no value (``total`` 0); ``coverage`` [1] is the share
    of the period between readings that lie no further apart than the gap allowed.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    readings: NDArray[np.int64]
    mean: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    total: NDArray[np.float64]
    time_mean: NDArray[np.float64]
    coverage: NDArray[np.float64]


def period_edges(
    first_ms: int, last_ms: int, period: str, zone: tzinfo = UTC, water_year_month: int = 5
) -> NDArray[np.int64]:
    """The edges [ms since 1970 UTC] of the periods in ``zone`` that hold ``first_ms`` … ``last_ms``, shape (n + 1,).

    Days, months and years begin at local midnight, so a day on which clocks are changed has 23 or 25 hours; a water
    year begins with month ``water_year_month`` (5: the flood season of the upper Yangtze; 10 in the United States).

    Raises :class:`~riverchief.errors.BadInput` (``not_one_of``) for another period.
    """
    if period not in PERIODS:
        raise BadInput([Fault("not_one_of", details={"given": period, "allowed": ", ".join(PERIODS)})])
    if period == "hour":
        # a zone may lie half an hour beside UTC
        offset = _offset_ms(first_ms, zone)
        first = (first_ms + offset) // HOUR_MS * HOUR_MS - offset
        return np.arange(first, last_ms + HOUR_MS + 1, HOUR_MS, dtype=np.int64)
    begin = datetime.fromtimestamp(first_ms / 1000, tz=zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if period != "day":
        begin = begin.replace(day=1)
    if period == "year":
        begin = begin.replace(month=1)
    if period == "water_year":
        begin = begin.replace(month=water_year_month, year=begin.year - (begin.month < water_year_month))
    edges = [begin]
    while _ms(edges[-1]) <= last_ms:
        edges.append(_next(edges[-1], period))
    return np.array([_ms(edge) for edge in edges], np.int64)


def aggregate(
    t: NDArray[np.int64], v: NDArray[np.float64], edges: NDArray[np.int64], longest_gap_ms: int | None = None
) -> Aggregates:
    """``v`` at the sorted times ``t`` [ms since 1970 UTC] by the periods between ``edges``; NaN values are left out.

    The time-weighted mean is the integral of the line through the readings over the covered time, divided by it:
    ``sum (t[i+1] - t[i]) (v[i] + v[i+1]) / 2 / sum (t[i+1] - t[i])``, cut at the edges. Where two readings lie further
    apart than ``longest_gap_ms`` (three times the median step, unless given) the time between them is not covered.
    """
    present = ~np.isnan(v)
    t, v = t[present], v[present]
    place = np.searchsorted(edges, t, side="right") - 1
    periods = len(edges) - 1
    inside = (place >= 0) & (place < periods)
    counts = np.bincount(place[inside], minlength=periods)
    totals = np.bincount(place[inside], weights=v[inside], minlength=periods).astype(np.float64)
    lowest, highest = np.full(periods, np.inf), np.full(periods, -np.inf)
    np.minimum.at(lowest, place[inside], v[inside])
    np.maximum.at(highest, place[inside], v[inside])
    some = counts > 0
    nothing = np.full(periods, np.nan)
    integral, covered = _integrals(t, v, edges, longest_gap_ms)
    with np.errstate(invalid="ignore", divide="ignore"):
        time_mean = np.diff(integral) / np.diff(covered)
    time_mean[~np.isfinite(time_mean)] = np.nan
    return Aggregates(
        edges[:-1],
        edges[1:],
        counts,
        np.divide(totals, counts, out=nothing.copy(), where=some),
        np.where(some, lowest, np.nan),
        np.where(some, highest, np.nan),
        totals,
        time_mean,
        np.diff(covered) / np.diff(edges),
    )


def completeness(t: NDArray[np.int64], start: int, end: int, interval_ms: int) -> float:
    """The share [1] of the steps of ``interval_ms`` in ``start <= t < end`` that have a reading; several count once.

    NaN where the time is shorter than a step.
    """
    steps = (end - start) // interval_ms
    if steps < 1:
        return float("nan")
    inside = t[(t >= start) & (t < start + steps * interval_ms)]
    return len(np.unique((inside - start) // interval_ms)) / float(steps)


def _integrals(
    t: NDArray[np.int64], v: NDArray[np.float64], edges: NDArray[np.int64], longest_gap_ms: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At each edge: the integral of the values [unit · ms] over the covered time since the first reading, and that time
    [ms]."""
    if len(t) < 2:
        return np.zeros(len(edges)), np.zeros(len(edges))
    step = np.diff(t).astype(np.float64)
    gap = 3 * float(np.median(step)) if longest_gap_ms is None else float(longest_gap_ms)
    counts = np.where((step <= gap) & (step > 0), step, 0.0)
    covered = np.concatenate(([0.0], np.cumsum(counts)))
    integral = np.concatenate(([0.0], np.cumsum(counts * (v[1:] + v[:-1]) / 2)))
    k = np.clip(np.searchsorted(t, edges, side="right") - 1, 0, len(t) - 2)
    share = np.clip((edges - t[k]) / np.maximum(step[k], 1.0), 0.0, 1.0)
    into = counts[k] * share
    return integral[k] + into * (v[k] + share * (v[k + 1] - v[k]) / 2), covered[k] + into


def _next(edge: datetime, period: str) -> datetime:
    if period == "day":
        following = edge.replace(tzinfo=None) + timedelta(days=1)
        return following.replace(tzinfo=edge.tzinfo)
    if period == "month":
        return edge.replace(year=edge.year + edge.month // 12, month=edge.month % 12 + 1)
    return edge.replace(year=edge.year + 1)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _offset_ms(t_ms: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(t_ms / 1000, tz=zone).utcoffset()
    return round(offset.total_seconds() * 1000) if offset else 0
