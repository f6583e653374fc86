"""Questions about observations: samples (all parameters of one place at one time), series, and what is newest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from riverchief.observation.flag import find_flag
from riverchief_server.observations import store
from riverchief_server.observations.models import PublishedClass, Series
from riverchief_server.places.models import Place

# A 4-hourly station that has been silent for three samples is behind.
STALE_AFTER = timedelta(hours=12)


@dataclass
class Sample:
    """Everything measured at one place at one time: values by parameter, the flag of each, and a printed class."""

    at: datetime
    values: dict[str, float | None] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    published: str | None = None

    @property
    def is_maintenance(self) -> bool:
        """Whether the station said that it was being maintained."""
        return bool(self.flags) and all(flag == "maintenance" for flag in self.flags.values())


def measuring_places(place: Place) -> list[Place]:
    """The places whose readings speak for ``place``: itself and the stations that are part of it."""
    return [place, *place.parts.filter(kind="station")]


def series_of(places: Iterable[Place]) -> list[Series]:
    """The series of ``places``, in order of place and parameter."""
    return list(Series.objects.filter(place__in=[place.pk for place in places], statistic="instant"))


def samples_between(section: Place, start: datetime, end: datetime) -> list[Sample]:
    """The samples at ``section`` with ``start <= at < end``, in order of time, one a time and source of series."""
    samples: dict[int, Sample] = {}
    places = measuring_places(section)
    for series in series_of(places):
        for row in store.between(series.pk, store.to_ms(start), store.to_ms(end)):
            sample = samples.setdefault(row.t, Sample(store.from_ms(row.t)))
            usable = find_flag(row.flag).usable
            sample.values[series.parameter] = _value(row) if usable else None
            sample.flags[series.parameter] = row.flag
    for printed in PublishedClass.objects.filter(place__in=places, at__gte=start, at__lt=end):
        if (t := store.to_ms(printed.at)) in samples:
            samples[t].published = printed.water_class
    return [samples[t] for t in sorted(samples)]


def latest_of(place: Place, before: datetime | None = None) -> list[tuple[Series, store.StoredReading]]:
    """The newest reading of each series of ``place``, in the order of its parameters."""
    series = series_of([place])
    newest = store.latest([one.pk for one in series], store.to_ms(before) if before else None)
    return [(one, newest[one.pk]) for one in series if one.pk in newest]


def is_stale(at: datetime | None, now: datetime) -> bool:
    """Whether the newest reading is too old to be called the state of the water."""
    return at is None or now - at > STALE_AFTER


def _value(row: store.StoredReading) -> float | None:
    """The value to judge: half the bound for a value below its detection limit, which is what HJ 91.2 averages with."""
    if row.v is not None or row.bound is None:
        return row.v
    return row.bound / 2 if row.operator == "<" else row.bound
