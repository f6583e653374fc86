"""Reads the readings of a file, whole: every cell becomes a reading, an absence, or a refusal that says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.observation.flag import all_flags, flag_of_hj212, worst
from riverchief.observation.reading import Censored, Reading, all_statistics
from riverchief.parameter import Parameter, all_parameters, find_parameter
from riverchief.sheet import Cell, Row, read_bytes, rows_of
from riverchief.sheet.cells import ALLOWED, Said, read_cell
from riverchief.sheet.times import NoTime, find_zone, read_time
from riverchief.sheet.words import plain, words
from riverchief.telemetry.csv.layout import (
    WITH_UNIT,
    Layout,
    all_layouts,
    find_layout,
    meaning,
    recognise,
    unit_and_basis,
)
from riverchief.telemetry.csv.quantity import meant_by, scaler, scaler_or_fault

TITLE_ROWS = 10  # a spreadsheet may open with a title; the header is looked for in so many rows
REMEDIES = ("needs_year", "needs_timezone", "needs_day_first")  # a fault of the whole file, not of one row
KEPT_STATISTICS = frozenset(all_statistics())


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
    (kept once), ``corrections`` those that give an earlier key another value (both kept, in the file's order);
    ``absent`` counts the cells that say nothing, by what they say (``*``, ``--``, empty)."""

    readings: tuple[Reading, ...]
    refusals: tuple[Refusal, ...]
    rows: int
    repeats: int
    corrections: int
    absent: Mapping[str, int]
    layout: str
    published: tuple[Published, ...] = ()


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
        The zone of times that are written without one: an IANA name or an offset; it wins over the layout's.
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
        The sheet of a workbook: the first unless given.

    Raises
    ------
    BadInput
        Where nothing can be read: ``unreadable``, ``empty_file``, ``unknown_layout``, ``missing_column``,
        ``needs_year``, ``needs_timezone``, ``needs_day_first``, with the remedy. What is wrong in one row or column
        only is a :class:`Refusal` and does not stop the rest.
    """
    name = source.name if isinstance(source, Path) else None
    rows = list(rows_of(read_bytes(source, name), name, sheet=sheet))
    if not rows:
        raise BadInput([Fault("empty_file", name, details={"allowed": "station, time, parameter …"})])
    at, chosen = find_header(rows, layout, name)
    zone = find_zone(timezone) if timezone is not None else find_zone(chosen.timezone) if chosen.timezone else None
    table = _Table(rows[at], chosen, name)
    table.require(station)
    work = _Work(table, year, zone, chosen.day_first if day_first is None else day_first, station, statistic)
    work.source = chosen.name if source_name is None else source_name
    for line, row in rows[at + 1 :]:
        work.take(line, row)
    if work.remedies:
        raise BadInput(work.remedies.values())
    return ReadResult(
        tuple(work.readings),
        tuple(table.refusals),
        len(rows) - at - 1,
        work.repeats,
        work.corrections,
        dict(work.absent),
        chosen.name,
        tuple(dict.fromkeys(work.published)),
    )


def find_header(rows: list[tuple[int, Row]], layout: str | Layout | None, name: str | None) -> tuple[int, Layout]:
    """Where the header stands and which layout it has: the first of the upper rows in which most cells are known."""
    given = find_layout(layout) if isinstance(layout, str) else layout
    candidates: list[tuple[int, int, Layout]] = []
    for at, (_, row) in enumerate(rows[:TITLE_ROWS]):
        header = [plain(cell) for cell in row]
        found = given or recognise(header)
        if found is not None:
            known = sum(meaning(cell, found) is not None for cell in header if cell)
            candidates.append((known, -at, found))
    best = max(candidates, key=lambda candidate: candidate[:2], default=None)
    if best is None or not best[0]:
        header_text = "、".join(plain(cell) for cell in rows[0][1])[:200]
        raise BadInput(
            [Fault("unknown_header", name, details={"given": header_text, "allowed": "、".join(all_layouts())})]
        )
    return -best[1], best[2]


class _Table:
    """The header of a file, understood: where each role stands, which columns hold values."""

    def __init__(self, header: tuple[int, Row], layout: Layout, name: str | None):
        self.line, self.layout, self.name = header[0], layout, name
        self.headers = [plain(cell) for cell in header[1]]
        self.at: dict[str, int] = {}
        self.values: list[tuple[int, Parameter, Callable[[float], float]]] = []
        self.refusals: list[Refusal] = []
        for at, header_text in enumerate(self.headers):
            if header_text:
                self._understand(at, header_text)
        self.value_unit = self._column_unit("value")

    def _understand(self, at: int, header: str) -> None:
        column = meaning(header, self.layout)
        if column is None:
            # In a long file the values stand in one column, so that a column nobody knows holds none of them.
            if self.layout.shape == "wide":
                known = [parameter.name_zh for parameter in all_parameters()]
                known += [parameter.name_en for parameter in all_parameters()]
                self.refuse(self.line, header, header, self._unknown_column(header, known))
        elif column.parameter is not None:
            parameter = find_parameter(column.parameter)
            try:
                self.values.append((at, parameter, scaler(column.unit or parameter.unit, parameter, column.basis)))
            except BadInput as refused:
                self.refuse(self.line, header, header, refused.faults[0])
        elif column.role != "ignore":
            self.at.setdefault(column.role, at)

    def _unknown_column(self, header: str, known: list[str]) -> Fault:
        with_unit = WITH_UNIT.fullmatch(header)
        near = unknown_name("unknown_column", with_unit["name"] if with_unit else header, known)
        return Fault(near.kind, details={**near.details, "given": header})

    def _column_unit(self, role: str) -> str | None:
        if role not in self.at:
            return None
        column = meaning(self.headers[self.at[role]], self.layout)
        return column.unit if column is not None else None

    def refuse(self, line: int, column: str, value: str, fault: Fault) -> None:
        placed = Fault(fault.kind, self.name, line, column or None, fault.details)
        self.refusals.append(Refusal(line, column, value, fault.kind, placed))

    def require(self, station: str | None) -> None:
        """Refuses a file without station, time or values, naming every column that is missing."""
        needed: dict[str, bool] = {
            "station": "station" in self.at or station is not None,
            "time": any(role in self.at for role in ("time", "date", "year")),
            "value": bool(self.values) or ("value" in self.at and "parameter" in self.at) or "published" in self.at,
        }
        details = {"allowed": "、".join(filter(None, self.headers))}
        missing = [
            Fault("missing_column", self.name, self.line, None, {"given": role, **details})
            for role, is_there in needed.items()
            if not is_there
        ]
        if missing:
            raise BadInput([*missing, *(refusal.fault for refusal in self.refusals)])


class _Work:
    """One pass over the data rows."""

    def __init__(
        self,
        table: _Table,
        year: int | None,
        zone: tzinfo | None,
        day_first: bool | None,
        station: str | None,
        statistic: str,
    ):
        self.table, self.year, self.zone, self.day_first = table, year, zone, day_first
        self.station, self.statistic = station, statistic
        self.source = ""
        self.readings: list[Reading] = []
        self.seen: dict[tuple[object, ...], Reading] = {}
        self.repeats = self.corrections = 0
        self.absent: Counter[str] = Counter()
        self.published: list[Published] = []
        self.remedies: dict[str, Fault] = {}
        self.times: dict[tuple[str, str, str], datetime | NoTime] = {}

    def take(self, line: int, row: Row) -> None:
        """The readings of one row."""
        place = self._station(line, row)
        moment = self._time(line, row)
        flag = self._flag(line, row)
        statistic = self._statistic(line, row)
        if place is None or moment is None or flag is None or statistic is None or not self._is_water(line, row):
            return
        source = plain(self._cell(row, "source")) or self.source
        said_class = plain(self._cell(row, "published"))
        if said_class.casefold() not in words("absent"):
            self.published.append(Published(place, moment, said_class, source))
        for column, parameter, scale, cell in self._cells(line, row):
            reading = self._reading(line, row, column, parameter, scale, cell, flag)
            if reading is not None:
                value, censored, said_flag = reading
                self._keep(
                    Reading(
                        place,
                        parameter.code,
                        moment,
                        value,
                        parameter.unit,
                        said_flag,
                        censored,
                        statistic,
                        0,
                        source,
                    )
                )

    def _keep(self, reading: Reading) -> None:
        before = self.seen.get(reading.key)
        if before == reading:
            self.repeats += 1
            return
        if before is not None:
            self.corrections += 1
        self.seen[reading.key] = reading
        self.readings.append(reading)

    def _cell(self, row: Row, role: str) -> Cell:
        at = self.table.at.get(role)
        return row[at] if at is not None and at < len(row) else None

    def _refuse(self, line: int, role: str, value: str, fault: Fault) -> None:
        at = self.table.at.get(role)
        self.table.refuse(line, self.table.headers[at] if at is not None else role, value, fault)

    def _station(self, line: int, row: Row) -> str | None:
        if "station" not in self.table.at:
            return self.station
        name = plain(self._cell(row, "station"))
        if not name:
            self._refuse(line, "station", "", Fault("missing_value", details={"given": "station", "allowed": "…"}))
        return name or None

    def _time(self, line: int, row: Row) -> datetime | None:
        role = "time" if "time" in self.table.at else "date" if "date" in self.table.at else "year"
        cell, clock = self._cell(row, role), self._cell(row, "clock")
        if role == "year":
            parts = [plain(self._cell(row, name)) or "1" for name in ("year", "month", "day")]
            cell = "-".join(part.removesuffix(".0") for part in parts)
        written = plain(self._cell(row, "zone")).casefold()
        key = (plain(cell), plain(clock), written)
        if key not in self.times:
            try:
                zone = find_zone(words("zone").get(written, written)) if written else self.zone
                self.times[key] = read_time(cell, clock=clock, year=self.year, zone=zone, day_first=self.day_first)
            except NoTime as wrong:
                self.times[key] = wrong
            except BadInput:
                self.times[key] = NoTime("bad_timezone")
        found = self.times[key]
        if isinstance(found, datetime):
            return found
        value = " ".join(filter(None, key))
        fault = Fault(found.kind, self.table.name, line, None, {"given": value, "allowed": "2021-04-01 04:00"})
        if found.kind in REMEDIES:
            self.remedies.setdefault(found.kind, fault)
        else:
            self._refuse(line, role, value, fault)
        return None

    def _flag(self, line: int, row: Row) -> str | None:
        word = plain(self._cell(row, "state"))
        found = _flag_words().get(word.casefold(), None) if word else "unchecked"
        if found is None:
            self._refuse(line, "state", word, unknown_name("unknown_flag", word, list(_flag_words())))
        return found

    def _statistic(self, line: int, row: Row) -> str | None:
        word = plain(self._cell(row, "statistic")).casefold() or self.statistic
        if word in KEPT_STATISTICS:
            return word
        self._refuse(
            line,
            "statistic",
            word,
            Fault("not_one_of", details={"given": word, "allowed": "、".join(all_statistics())}),
        )
        return None

    def _is_water(self, line: int, row: Row) -> bool:
        for role, kind in (("medium", "other_medium"), ("sample_kind", "control_sample")):
            word = plain(self._cell(row, role))
            if word and word.casefold() not in words(role):
                self._refuse(line, role, word, Fault(kind, details={"given": word}))
                return False
        return True

    def _cells(self, line: int, row: Row) -> Iterator[tuple[str, Parameter, Callable[[float], float], Cell]]:
        """The value cells of a row: column, parameter, conversion into canonical units, cell."""
        for at, parameter, scale in self.table.values:
            yield self.table.headers[at], parameter, scale, row[at] if at < len(row) else None
        if "value" in self.table.at and "parameter" in self.table.at:
            written, fraction = plain(self._cell(row, "parameter")), plain(self._cell(row, "fraction"))
            unit = plain(self._cell(row, "unit")) or plain(self._cell(row, "limit_unit")) or self.table.value_unit or ""
            meant = meant_by(self.table.layout.name, written, fraction, unit, plain(self._cell(row, "basis")))
            if isinstance(meant, Fault):
                role = "parameter" if meant.kind == "unknown_parameter" else "unit"
                self._refuse(line, role, written if role == "parameter" else unit, meant)
                return
            parameter, scale = meant
            yield self.table.headers[self.table.at["value"]], parameter, scale, self._cell(row, "value")

    def _reading(
        self,
        line: int,
        row: Row,
        column: str,
        parameter: Parameter,
        scale: Callable[[float], float],
        cell: Cell,
        flag: str,
    ) -> tuple[float | None, Censored | None, str] | None:
        said = read_cell(cell)
        if not said.understood or said.unit:
            details = {"given": plain(cell), "allowed": ALLOWED}
            self.table.refuse(line, column, plain(cell), Fault("bad_number", details=details))
            return None
        censored = self._censored(row, said, parameter, scale)
        if censored is not None:
            return None, censored, flag
        if said.absent:
            self.absent[plain(cell)] += 1
            return None if said.absent != "missing" else (None, None, worst([flag, "missing"]))
        return None if said.value is None else scale(said.value), None, flag

    def _censored(self, row: Row, said: Said, parameter: Parameter, scale: Callable[[float], float]) -> Censored | None:
        """How ``said`` is censored, with what the columns for operator, detection condition and limit add to it."""
        operator = plain(self._cell(row, "operator"))
        if said.value is not None:
            mark = said.operator or operator
            return Censored(mark, scale(said.value)) if mark in ("<", ">") else None
        condition = words("detection").get(plain(self._cell(row, "detection")).casefold())
        mark = said.operator or condition or ""
        if mark not in ("<", ">"):
            return None
        limit = read_cell(self._cell(row, "limit")).value
        if limit is None:
            return Censored(mark, None)
        unit, basis = unit_and_basis(plain(self._cell(row, "limit_unit")))
        own: Callable[[float], float] | Fault = scaler_or_fault(unit, parameter, basis) if unit else scale
        return Censored(mark, None if isinstance(own, Fault) else own(limit))  # a limit in no known unit is none


@cache
def _flag_words() -> dict[str, str]:
    """What a column of states may say: our codes and names, HJ 212's letters, QARTOD's numbers, ``words.csv``."""
    ours = {
        spelling.casefold(): flag.code for flag in all_flags() for spelling in (flag.code, flag.name_zh, flag.name_en)
    }
    letters = {letter.casefold(): code for letter, code in flag_of_hj212().items()}
    return {**words("state"), **letters, **ours}
