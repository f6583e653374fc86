"""Readings of a file, whole: every cell becomes a reading, an absence, or a refusal that says why.

What cells and headings mean is read by :mod:`riverchief.parameter.measured`, as for ``grade``; here a row gets its
moment in UTC, its flag and its source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.observation.flag import worst
from riverchief.observation.reading import Censored, Reading, all_statistics
from riverchief.parameter.columns import Layout
from riverchief.parameter.measured import PLACES, MeasuredFile, read_measured
from riverchief.parameter.values import BELOW, MISSING, REFUSED, ItemAbout, Values
from riverchief.sheet.times import find_zone
from riverchief.sheet.words import flag_of, folded, plain, states, words
from riverchief.telemetry.csv.moments import Moments


class Refusal(NamedTuple):
    """One cell or row that did not become a reading, and why. ``line`` counts from 1 and counts the header."""

    line: int
    column: str
    value: str
    kind: str
    fault: Fault

    @property
    def why(self) -> str:
        """What to tell a person, in English; ``fault.text("zh")`` says it in Chinese."""
        return self.fault.text("en")


class Published(NamedTuple):
    """A water class that somebody printed beside the values, as written; it is no reading and judges nothing."""

    station: str
    time: datetime
    water_class: str
    source: str


class ReadResult(NamedTuple):
    """What a file held. ``rows`` are its data rows; ``repeats`` counts the readings that repeat an earlier one exactly
    (kept once); ``absent`` counts the cells that say nothing, by what they say (``*``, ``--``, empty); ``left_out``
    counts the values of measurements that nobody knows, by name; ``notes`` say what was left out without harm,
    ``about`` what a laboratory's sheet says of an item (method, detection limit)."""

    readings: tuple[Reading, ...]
    refusals: tuple[Refusal, ...]
    rows: int
    repeats: int
    absent: Mapping[str, int]
    layout: str
    published: tuple[Published, ...] = ()
    left_out: Mapping[str, int] = {}
    notes: tuple[Fault, ...] = ()
    about: Mapping[str, ItemAbout] = {}


def read_readings(
    source: bytes | Path | IO[bytes],
    *,
    layout: str | Layout | None = None,
    year: int | None = None,
    timezone: str | tzinfo | None = None,
    day_first: bool | None = None,
    station: str | None = None,
    statistic: str = "instant",
    source_name: str | None = None,
    sheet: str | None = None,
    units: Mapping[str, str] | None = None,
    leave_out: Sequence[str] = (),
    now: datetime | None = None,
) -> ReadResult:
    """The readings of a CSV or XLSX file, in canonical units and UTC, in the file's order.

    Parameters
    ----------
    source
        The bytes, a path or an open binary file; UTF-8 (with or without BOM), UTF-16 or GB18030; ``,`` ``;`` or tab;
        gzip is unpacked.
    layout
        A shipped layout's name, a :class:`Layout`, or None to recognise it by the header.
    year
        The year of times that are written without one.
    timezone
        The zone of times that are written without one: an IANA name or an offset; it wins over the layout's. An hour
        that clocks show twice stays two hours where the file has both.
    day_first
        Whether 03/04/2021 is the third of April; without it such dates are refused.
    station
        The station of a file that has no column for it.
    statistic
        What the values are where no column says it (``statistics.csv``).
    source_name
        What to write into ``Reading.source`` where no column says it: the layout's name unless given. The same data
        from the same source stay one reading, whatever the file is called.
    sheet
        The only sheet of a workbook that is wanted; all with a header of measurements unless given.
    units
        By parameter code the units of items whose unit the file does not say.
    leave_out
        Headings that are left out though they look like a slip of the pen.
    now
        With it, times in the future are refused.

    Raises
    ------
    BadInput
        Where nothing can be read: ``unreadable``, ``empty_file``, ``unknown_layout``, ``missing_column``,
        ``needs_year``, ``needs_timezone``, ``needs_day_first``, with the remedy. What is wrong in one row or column
        only is a :class:`Refusal` and does not stop the rest.
    """
    file = read_measured(source, layout=layout, sheet=sheet, units=units, leave_out=leave_out)
    _require(file, station)
    chosen = file.layout
    zone = find_zone(timezone) if timezone is not None else find_zone(chosen.timezone) if chosen.timezone else None
    rows = _Rows(file, station, statistic, chosen.name if source_name is None else source_name)
    moments = Moments(file, year, zone, chosen.day_first if day_first is None else day_first, now)
    moments.read(rows.stations)
    if moments.remedies:
        raise BadInput(moments.remedies.values())
    rows.moments = moments.found
    kept = _Kept(file, rows)
    kept.take()
    faults = sorted([*file.faults, *moments.faults, *rows.faults, *kept.faults], key=lambda fault: fault.line or 0)
    return ReadResult(
        tuple(kept.readings),
        tuple(_refusal(fault) for fault in faults),
        file.data_rows,
        kept.repeats,
        dict(kept.absent),
        chosen.name,
        tuple(dict.fromkeys(kept.published())),
        dict(file.unknown),
        tuple(file.notes),
        dict(file.about),
    )


def _require(file: MeasuredFile, station: str | None) -> None:
    """Refuses a file without station, time or values, naming every column that is missing."""
    missing = []
    for header, page in zip(file.headers, file.pages, strict=True):
        roles = {column.role for column in header.columns if column is not None and column.parameter is None}
        has_values = any(column is not None and column.parameter for column in header.columns)
        needed = {
            "station": bool(roles & set(PLACES)) or station is not None,
            "time": bool(roles & {"time", "date", "year"}),
            "value": has_values or header.is_long or "published" in roles,
        }
        details = {"allowed": "、".join(filter(None, header.headings))}
        missing += [
            Fault("missing_column", file.source, header.line, None, {"given": role, **details}, page)
            for role, is_there in needed.items()
            if not is_there
        ]
    if missing:
        raise BadInput([*missing, *file.faults])


def _refusal(fault: Fault) -> Refusal:
    given = "" if fault.kind == "missing_value" else fault.details.get("given", "")
    return Refusal(fault.line or 1, fault.column or "", given, fault.kind, fault)


class _Rows:
    """What each row says beside its values: station, flag, statistic, source; None where it is refused."""

    def __init__(self, file: MeasuredFile, station: str | None, statistic: str, source: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.moments: list[datetime | None] = []
        self.stations = self._stations(station)
        self.flags = self._flags()
        self.statistics = self._statistics(statistic)
        cells = file.column("source")
        written = {cell: plain(cell) or source for cell in dict.fromkeys(cells)}
        self.sources = [written[cell] for cell in cells]

    def is_good(self, n: int) -> bool:
        """Whether nothing of the row but its values can be wrong."""
        return not (
            self.stations[n] is None or self.moments[n] is None or self.flags[n] is None or self.statistics[n] is None
        )

    def _stations(self, given: str | None) -> list[str | None]:
        file = self.file
        found: list[str | None] = []
        for row, name in zip(file.rows, file.place(), strict=True):
            has_column = any(file.headers[row.page].where(role) is not None for role in PLACES)
            if not has_column:
                found.append(given)
                continue
            if not name:
                fault = Fault("missing_value", details={"given": "station", "allowed": "…"})
                self.faults.append(file.fault_like(fault, row, "station"))
            found.append(name or None)
        return found

    def _flags(self) -> list[str | None]:
        file = self.file
        flags: list[str | None] = ["unchecked"] * len(file.rows)
        for role in filter(file.says, ("state", "review")):
            cells = file.column(role)
            meant = {cell: flag_of(cell) for cell in dict.fromkeys(cells)}
            for n, cell in enumerate(cells):
                flag, before = meant[cell], flags[n]
                if flag is None:
                    fault = unknown_name("unknown_flag", plain(cell), list(states()))
                    self.faults.append(file.fault_like(fault, file.rows[n], role))
                    flags[n] = None
                elif flag and before is not None:
                    flags[n] = flag if before == "unchecked" else worst([before, flag])
        return flags

    def _statistics(self, given: str) -> list[str | None]:
        known, file = frozenset(all_statistics()), self.file
        if not file.says("statistic") and given in known:
            return [given] * len(file.rows)
        found: list[str | None] = []
        for row, cell in zip(file.rows, file.column("statistic"), strict=True):
            word = folded(cell) or given
            if word not in known:
                details = {"given": word, "allowed": "、".join(all_statistics())}
                self.faults.append(file.fault_like(Fault("not_one_of", details=details), row, "statistic"))
            found.append(word if word in known else None)
        return found


class _Kept:
    """The readings of a file in its order."""

    def __init__(self, file: MeasuredFile, rows: _Rows) -> None:
        self.file, self.rows = file, rows
        self.readings: list[Reading] = []
        self.faults: list[Fault] = []
        self.repeats = 0
        self.absent: Counter[str] = Counter()
        self._good = [rows.is_good(n) for n in range(len(file.rows))]
        self._group = self._groups()
        # no two rows of a station and time, and in a row no item twice: then nothing can be given twice
        self._are_rows_series = not file.is_long and len(set(self._group)) == len(self._group)
        self._seen: dict[tuple[int, str], tuple[Reading, int]] = {}

    def take(self) -> None:
        """Every value of the file, row by row."""
        columns = self.file.values
        if not columns:
            return
        which = np.concatenate([np.full(one.rows.size, k, np.intp) for k, one in enumerate(columns)])
        at = np.concatenate([np.arange(one.rows.size, dtype=np.intp) for one in columns])
        order = np.argsort(np.concatenate([one.rows for one in columns]), kind="stable")
        ready = [_Ready(one) for one in columns]
        for k, n in zip(which[order].tolist(), at[order].tolist(), strict=True):
            self._value(ready[k], n)

    def published(self) -> list[Published]:
        """The classes that somebody printed beside the values."""
        rows, found = self.rows, list[Published]()
        if not self.file.says("published"):
            return found
        for n, cell in enumerate(self.file.column("published")):
            station, moment = rows.stations[n], rows.moments[n]
            if station is not None and moment is not None and self._good[n] and folded(cell) not in words("absent"):
                found.append(Published(station, moment, plain(cell), rows.sources[n]))
        return found

    def _value(self, column: _Ready, k: int) -> None:
        n, state = column.rows[k], column.state[k]
        if state == REFUSED or not self._good[n]:
            return
        rows = self.rows
        flag = rows.flags[n] or ""
        value: float | None = column.values[k]
        censored: Censored | None = None
        if state:
            self.absent[plain(column.cells[k])] += 1
            if state != MISSING:
                return
            value, flag = None, worst([flag, "missing"])
        elif column.operator[k]:
            limit = None if value != value else value
            value, censored = None, Censored("<" if column.operator[k] == BELOW else ">", limit)
        reading = Reading(
            rows.stations[n] or "", column.code, rows.moments[n], value, column.unit, flag, censored,  # type: ignore[arg-type]
            rows.statistics[n] or "", 0, rows.sources[n],
        )  # fmt: skip
        if self._are_rows_series:
            self.readings.append(reading)
            return
        key = (self._group[n], column.code)
        before = self._seen.get(key)
        if before is None:
            self._seen[key] = (reading, n)
            self.readings.append(reading)
        elif before[0] == reading:
            self.repeats += 1
        else:
            self._contradiction(column, k, n, before[1])

    def _contradiction(self, column: _Ready, k: int, n: int, first: int) -> None:
        """One item of one station and time given twice, differently: nobody can tell which holds."""
        row = self.file.rows[n]
        details = {"given": plain(column.cells[k]), "allowed": str(self.file.rows[first].line)}
        page = self.file.pages[row.page]
        self.faults.append(Fault("contradicts", self.file.source, row.line, column.heading, details, page))

    def _groups(self) -> list[int]:
        """For each row a number that rows of the same station, time, statistic and source share."""
        numbers: dict[tuple[object, ...], int] = {}
        rows = self.rows
        keys = zip(rows.stations, rows.moments, rows.statistics, rows.sources, strict=True)
        return [numbers.setdefault(key, len(numbers)) for key in keys]


class _Ready:
    """The arrays of one item as lists, which a loop over cells reads faster."""

    __slots__ = ("cells", "code", "heading", "operator", "rows", "state", "unit", "values")

    def __init__(self, found: Values) -> None:
        self.code, self.unit, self.heading = found.parameter.code, found.parameter.unit, found.heading
        self.cells = found.cells
        self.rows: list[int] = found.rows.tolist()
        self.values: list[float] = found.values.tolist()
        self.operator: list[int] = found.operator.tolist()
        self.state: list[int] = found.state.tolist()
