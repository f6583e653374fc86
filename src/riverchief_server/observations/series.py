"""Which series a reading belongs to: found once, made where it is new, remembered as long as somebody asks again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction

from riverchief.observation.reading import Reading
from riverchief_server.observations.models import Series

LONGEST_SOURCE = 120
AT_ONCE = 500


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

    def number(self, key: SeriesKey) -> int | None:
        """The number of ``key`` as far as it is remembered."""
        return self._known.get(key)

    def numbers(self, keys: Iterable[SeriesKey], *, simulated: bool = False) -> dict[SeriesKey, int]:
        """The number of each of ``keys``; series that are new are made, all in one go."""
        wanted = set(keys)
        if unknown := wanted - self._known.keys():
            self._find(unknown)
            if new := sorted(unknown - self._known.keys()):
                # two who make the same one at the same time: the second takes the first's
                with transaction.atomic():
                    Series.objects.bulk_create(
                        [_row(key, simulated) for key in new], ignore_conflicts=True, batch_size=AT_ONCE
                    )
                self._find(unknown)
        return {key: self._known[key] for key in wanted}

    def _find(self, keys: Iterable[SeriesKey]) -> None:
        places = sorted({key.place for key in keys})
        names = ("pk", "place", "parameter", "statistic", "period_s", "source")
        for start in range(0, len(places), AT_ONCE):
            for pk, *fields in Series.objects.filter(place__in=places[start : start + AT_ONCE]).values_list(*names):
                self._known[SeriesKey(*fields)] = pk


def _row(key: SeriesKey, simulated: bool) -> Series:
    fields = dict(zip(("place_id", *SeriesKey._fields[1:]), key, strict=True))
    return Series(**fields, is_simulated=simulated or "模拟" in key.source)
