"""Questions about observations: samples (all parameters of one place at one time), series, and what is newest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from math import nan

import numpy as np

from riverchief.observation.flag import find_flag
from riverchief.standard.censored import Reported, with_operator
from riverchief.standard.surface_water.judged_statistics import JudgedStatistic, judged_statistics, judged_times
from riverchief.standard.surface_water.limits import core_items
from riverchief_server.observations import store
from riverchief_server.observations.models import PublishedClass, Series
from riverchief_server.places.models import Place

# A core item that a place measured so lately is missing where it is not there; an instrument taken away is not.
DUE_WITHIN = timedelta(days=31)
# A 4-hourly station that has been silent for three samples is behind.
STALE_AFTER = timedelta(hours=12)


@dataclass
class Sample:
    """Everything measured at one place at one time: values by parameter, the flag and the statistic of each, and a
    printed class.

    A value is as it was reported: what is known by a bound only stays one, for the law to judge. ``None`` is a value
    that may not be used, or one that was due: a core item that the place has measured within :data:`DUE_WITHIN`.
    """

    at: datetime
    values: dict[str, Reported] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    statistics: dict[str, JudgedStatistic] = field(default_factory=dict)
    published: str | None = None

    @property
    def is_maintenance(self) -> bool:
        """Whether the station said that it was being maintained."""
        return bool(self.flags) and all(flag == "maintenance" for flag in self.flags.values())


def measuring_places(place: Place) -> list[Place]:
    """The places whose readings speak for ``place``: itself and the stations that are part of it."""
    return [place, *place.parts.filter(kind="station")]


def judged_series_of(places: Iterable[Place]) -> list[Series]:
    """The series of ``places`` whose values the law has a class for, in order of place and parameter."""
    rows = Series.objects.filter(place__in=[place.pk for place in places])
    return [row for row in rows if _statistic(row) is not None]


def series_of(places: Iterable[Place]) -> list[Series]:
    """The series to show of ``places``: of each parameter at a place the finest, so that none is shown twice."""
    rows = judged_series_of(places)
    finest: dict[tuple[int, str], int] = {}
    for row in rows:
        key = row.place_id, row.parameter
        finest[key] = min(finest.get(key, _rank(row)), _rank(row))
    return [row for row in rows if _rank(row) == finest[row.place_id, row.parameter]]


def samples_between(section: Place, start: datetime, end: datetime) -> list[Sample]:
    """The samples at ``section`` with ``start <= at < end``, in order of time.

    An hour's or a day's mean counts where nothing finer of its parameter was measured there within its period.
    """
    samples: dict[int, Sample] = {}
    places = measuring_places(section)
    first, last = store.to_ms(start), store.to_ms(end)
    series = sorted(judged_series_of(places), key=_place_and_parameter)
    times: dict[int, dict[str, list[int]]] = {}
    for (place_pk, parameter), group in groupby(series, key=_place_and_parameter):
        # the coarsest first, so that at one time the finest stays
        measured = times.setdefault(place_pk, {}).setdefault(parameter, [])
        for one, row in _judged(sorted(group, key=_rank, reverse=True), first, last):
            measured.append(row.t)
            sample = samples.setdefault(row.t, Sample(store.from_ms(row.t)))
            usable = find_flag(row.flag).usable
            sample.values[one.parameter] = _value(row) if usable else None
            sample.flags[one.parameter] = row.flag
            sample.statistics[one.parameter] = judged_statistics()[one.statistic, one.period_s]
    _note_missing(samples, series, times, first)
    for printed in PublishedClass.objects.filter(place__in=places, at__gte=start, at__lt=end):
        if (t := store.to_ms(printed.at)) in samples:
            samples[t].published = printed.water_class
    return [samples[t] for t in sorted(samples)]


def _note_missing(
    samples: Mapping[int, Sample], series: Sequence[Series], times: Mapping[int, Mapping[str, list[int]]], first: int
) -> None:
    """Put ``None`` where a core item was due: the place that was sampled has measured it lately, and not now."""
    core = [one for one in series if one.parameter in core_items()]
    before = store.latest([one.pk for one in core], first)
    for one in core:
        if one.pk in before and before[one.pk].t < first:
            times[one.place_id][one.parameter].append(before[one.pk].t)
    within = store.to_ms(store.from_ms(0) + DUE_WITHIN)
    for by_item in times.values():
        sampled = np.array(sorted({t for found in by_item.values() for t in found if t >= first}), np.int64)
        for code, found in by_item.items():
            if code not in core_items() or not found:
                continue
            measured = np.array(sorted(found), np.int64)
            newest = measured[np.maximum(np.searchsorted(measured, sampled, side="right") - 1, 0)]
            due = (newest < sampled) & (sampled - newest <= within)
            for t in sampled[due].tolist():
                if t in samples:
                    samples[t].values.setdefault(code, None)


def _judged(series: Sequence[Series], start: int, end: int) -> Iterator[tuple[Series, store.StoredReading]]:
    """The readings of one parameter at one place that are judged, each with its series."""
    if len({_rank(one) for one in series}) == 1:
        for one in series:
            for row in store.between(one.pk, start, end):
                yield one, row
        return
    # what lies a period beside may make a mean superfluous
    beside = 1000 * max(one.period_s for one in series)
    rows = {one.pk: store.between(one.pk, start - beside, end + beside) for one in series}
    times: dict[JudgedStatistic, list[int]] = {}
    for one in series:
        times.setdefault(judged_statistics()[one.statistic, one.period_s], []).extend(row.t for row in rows[one.pk])
    sorted_times = {one: np.sort(np.array(found, np.int64)) for one, found in times.items()}
    chosen = {one: set(sorted_times[one][mask].tolist()) for one, mask in judged_times(sorted_times).items()}
    for one in series:
        mine = chosen[judged_statistics()[one.statistic, one.period_s]]
        for row in rows[one.pk]:
            if start <= row.t < end and row.t in mine:
                yield one, row


def _place_and_parameter(series: Series) -> tuple[int, str]:
    return series.place_id, series.parameter


def _statistic(series: Series) -> JudgedStatistic | None:
    return judged_statistics().get((series.statistic, series.period_s))


def _rank(series: Series) -> int:
    return judged_statistics()[series.statistic, series.period_s].rank


def latest_of(place: Place, before: datetime | None = None) -> list[tuple[Series, store.StoredReading]]:
    """The newest reading of each series of ``place``, in the order of its parameters."""
    series = series_of([place])
    newest = store.latest([one.pk for one in series], store.to_ms(before) if before else None)
    return [(one, newest[one.pk]) for one in series if one.pk in newest]


def is_stale(at: datetime | None, now: datetime) -> bool:
    """Whether the newest reading is too old to be called the state of the water."""
    return at is None or now - at > STALE_AFTER


def _value(row: store.StoredReading) -> Reported:
    """The value as it was reported: what to make of a bound is for the law to say."""
    if row.v is not None or not row.operator:
        return row.v
    return with_operator(row.operator, nan if row.bound is None else row.bound)
