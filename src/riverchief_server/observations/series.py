"""Which series a reading belongs to: found once, made where it is new, remembered as long as somebody asks again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import IntegrityError, transaction

from riverchief.observation.reading import Reading
from riverchief_server.observations.models import Series

LONGEST_SOURCE = 120


class SeriesKey(NamedTuple):
    """What makes two readings of one series: place (its number), parameter, statistic, period [s], source."""

    place: int
    parameter: str
    statistic: str
    period_s: int
    source: str


def key_of(reading: Reading, place: int) -> SeriesKey:
    """The series of ``reading``, whose station is the place numbered ``place``."""
    return SeriesKey(place, reading.parameter, reading.statistic, reading.period_s, reading.source[:LONGEST_SOURCE])


class SeriesIndex:
    """The numbers of series by key. What it remembers must have been committed: use a fresh one in a transaction."""

    def __init__(self) -> None:
        self._known: dict[SeriesKey, int] = {}

    def numbers(self, keys: Iterable[SeriesKey], *, simulated: bool = False) -> dict[SeriesKey, int]:
        """The number of each of ``keys``; a series that is new is made."""
        wanted = set(keys)
        unknown = wanted - self._known.keys()
        if unknown:
            places = {key.place for key in unknown}
            for row in Series.objects.filter(place__in=places):
                self._known[SeriesKey(row.place_id, row.parameter, row.statistic, row.period_s, row.source)] = row.pk
            for key in sorted(unknown - self._known.keys()):
                self._known[key] = _make(key, simulated)
        return {key: self._known[key] for key in wanted}


def _make(key: SeriesKey, simulated: bool) -> int:
    fields = dict(zip(("place_id", *SeriesKey._fields[1:]), key, strict=True))
    try:
        with transaction.atomic():
            return Series.objects.create(**fields, is_simulated=simulated or "模拟" in key.source).pk
    except IntegrityError:
        # somebody else made it in the meantime
        return Series.objects.get(**fields).pk
