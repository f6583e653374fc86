"""When each row of a file was, in UTC: times that lack year or zone, lie ahead, or are shown twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.parameter.header import shown
from riverchief.parameter.measured import MeasuredFile
from riverchief.sheet.page import Cell
from riverchief.sheet.times import (
    NoTime,
    find_zone,
    in_utc,
    is_future,
    occurrences,
    read_local,
)
from riverchief.sheet.words import folded, plain, words

REMEDIES = ("needs_year", "needs_timezone", "needs_day_first")  # a fault of the whole file, not of one row


class _Found(NamedTuple):
    """A moment, and where clocks show it twice the local time with its later moment."""

    moment: datetime
    repeated: tuple[datetime, datetime] | None


class Moments:
    """The moments of the rows of a file: ``found`` has one a row, None where there is none and ``faults`` says why.

    ``remedies`` are faults of the whole file by kind, with what to give.
    """

    def __init__(
        self,
        file: MeasuredFile,
        year: int | None,
        zone: tzinfo | None,
        day_first: bool | None,
        now: datetime | None,
    ) -> None:
        self.file, self.year, self.zone, self.day_first, self.now = file, year, zone, day_first, now
        self.found: list[datetime | None] = []
        self.faults: list[Fault] = []
        self.remedies: dict[str, Fault] = {}
        self._repeated: dict[int, tuple[datetime, datetime]] = {}

    def read(self, stations: Sequence[str | None]) -> None:
        """Read every row; ``stations`` tell which rows are one series."""
        known: dict[tuple[Cell, Cell, str], _Found | NoTime] = {}
        for n, ((cell, clock), zone) in enumerate(zip(self.file.times(), self.file.column("zone"), strict=True)):
            key = (cell, clock, folded(zone) if zone is not None else "")
            if key not in known:
                known[key] = self._moment(*key)
            found = known[key]
            if isinstance(found, NoTime):
                self._refuse(n, found.kind, cell, clock)
                continue
            self.found.append(found.moment)
            if found.repeated is not None:
                self._repeated[n] = found.repeated
        if self._repeated:
            self._unfold(stations)

    def _moment(self, cell: Cell, clock: Cell, zone: str) -> _Found | NoTime:
        try:
            own = find_zone(words("zone").get(zone, zone)) if zone else self.zone
            local = read_local(cell, clock=clock, year=self.year, day_first=self.day_first)
            if local.tzinfo is None and own is not None:
                moment, again = occurrences(local, own)
            else:
                moment, again = in_utc(local, own), None
        except NoTime as wrong:
            return wrong
        except BadInput:
            return NoTime("bad_timezone")
        if self.now is not None and is_future(moment, self.now):
            return NoTime("from_the_future")
        return _Found(moment, None if again is None else (local, again))

    def _refuse(self, n: int, kind: str, cell: Cell, clock: Cell) -> None:
        self.found.append(None)
        fault = self.file.time_fault(kind, self.file.rows[n], " ".join(filter(None, (shown(cell), shown(clock)))))
        if kind in REMEDIES:
            self.remedies.setdefault(kind, fault)
        else:
            self.faults.append(fault)

    def _unfold(self, stations: Sequence[str | None]) -> None:
        """The hour that clocks show twice: the rows of a series that begin it again are its second pass.

        Upwards 01:00 01:30 01:00 01:30 is an hour and the next; downwards the first pass is the later hour. An hour
        that stands in a series once is its first occurrence.
        """
        series: dict[tuple[str | None, str, datetime], list[int]] = {}
        parameters = self.file.column("parameter")
        for n, (local, _) in self._repeated.items():
            hour = local.replace(minute=0, second=0, microsecond=0)
            series.setdefault((stations[n], plain(parameters[n]), hour), []).append(n)
        for rows in series.values():
            first, second = self._passes(rows)
            if not second:
                continue
            for n in second if self._runs_up(rows[0]) else first:
                self.found[n] = self._repeated[n][1]

    def _passes(self, rows: list[int]) -> tuple[list[int], list[int]]:
        """The rows up to the one at which the hour begins again, and the others."""
        times = [self._repeated[n][0] for n in rows]
        up = len(times) < 2 or times[1] >= times[0]
        for k in range(1, len(times)):
            again = times[k] <= times[k - 1] if up else times[k] >= times[k - 1]
            if again:
                return rows[:k], rows[k:]
        return rows, []

    def _runs_up(self, n: int) -> bool:
        """Whether the file is written from early to late, by the moments around row ``n``."""
        before = [moment for moment in self.found[:n] if moment is not None][-1:]
        after = [moment for moment in self.found[n + 1 :] if moment is not None]
        here = self.found[n]
        if here is None:
            return True
        if before and before[0] != here:
            return before[0] < here
        later = next((moment for moment in after if moment != here), here)
        return later >= here
