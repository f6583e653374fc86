"""A file of measurements, read whole: for each item its cells in canonical units, for each row who, when and in which
state; every fault with its place. The one reading on which samples (``grade``, ``aqi``) and readings (``import``,
``check``, ``trace``) stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import Parameter, all_parameters, find_parameter
from riverchief.parameter.columns import Layout, characteristics
from riverchief.parameter.header import Header, RowReader, find_header, shown, unit_row
from riverchief.parameter.quantity import Scale, meant_by, scale_of, scale_or_fault
from riverchief.parameter.slips import meant_instead
from riverchief.parameter.values import ItemAbout, RowWords, Values, read_values
from riverchief.sheet import Cell, Page, Row, pages_of, read_bytes
from riverchief.sheet.cells import read_cell
from riverchief.sheet.times import time_fault
from riverchief.sheet.words import folded, plain, words
from riverchief.table import read_table

CONTROLS = (("medium", "other_medium"), ("sample_kind", "control_sample"))
ROW_WORDS = ("operator", "detection", "limit", "limit_unit")
_CLOCK = re.compile(r"^\d{1,2}([:时点]\d{0,2}){0,2}分?$")
LOOKED_AT = 50  # rows, to tell whether a column that nobody knows holds numbers
PLACES = ("station", "region", "river")


class Kept(NamedTuple):
    """One row: its ``page`` (number in the file), its line and its cells."""

    page: int
    line: int
    cells: Row


@dataclass(eq=False)
class MeasuredFile:
    """What a file holds.

    ``values`` has an entry for each column of an item and, of a long file, for each spelling of an item with its unit;
    entries point to ``rows``. ``faults`` are all that is wrong with cells and headings; ``notes`` what was left out
    without harm; ``unknown`` counts the cells of measurements that nobody knows, by name; ``data_rows`` counts rows
    that are samples or should have been; ``about`` has method and detection limit of an item where the file says them.
    """

    source: str | None
    pages: list[str | None]
    headers: list[Header]
    rows: list[Kept] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    about: dict[str, ItemAbout] = field(default_factory=dict)
    data_rows: int = 0
    _times: list[tuple[Cell, Cell]] | None = None

    @property
    def layout(self) -> Layout:
        """The layout of the first sheet."""
        return self.headers[0].layout

    @property
    def is_long(self) -> bool:
        """Whether any sheet has parameter and value in columns."""
        return any(header.is_long for header in self.headers)

    def has(self, *roles: str) -> bool:
        """Whether every sheet has a column of one of ``roles``."""
        return all(any(header.where(role) is not None for role in roles) for header in self.headers)

    def says(self, role: str) -> bool:
        """Whether any sheet has a column of ``role``."""
        return any(header.where(role) is not None for header in self.headers)

    def cell(self, row: Kept, role: str) -> Cell:
        """The cell of ``role`` in ``row``; None where there is no such column."""
        at = self.headers[row.page].where(role)
        return row.cells[at] if at is not None and at < len(row.cells) else None

    def column(self, role: str) -> list[Cell]:
        """The cells of ``role``, one a row."""
        return self._cells([header.where(role) for header in self.headers])

    def _cells(self, at: list[int | None]) -> list[Cell]:
        """The cells of one column of each sheet, one a row."""
        if all(one is None for one in at):
            return [None] * len(self.rows)
        if len(at) == 1 and (here := at[0]) is not None:
            return [cells[here] if here < len(cells) else None for _, _, cells in self.rows]
        columns = ((at[page], cells) for page, _, cells in self.rows)
        return [cells[here] if here is not None and here < len(cells) else None for here, cells in columns]

    def place(self) -> list[str]:
        """Who each row is of, as written; a sheet without a column of sections is told apart by region or river."""
        roles = [next((role for role in PLACES if header.where(role) is not None), None) for header in self.headers]
        at = [header.where(role) if role else None for header, role in zip(self.headers, roles, strict=True)]
        return [cell.strip() if isinstance(cell, str) else shown(cell) for cell in self._cells(at)]

    def times(self) -> list[tuple[Cell, Cell]]:
        """When each row was: a cell, and the time of day where that stands in a column of its own.

        "2024-05-01" beside "08:00" are one time; a time that has its own day needs no other. From columns of year,
        month, day and hour ``2007-01`` or ``2013-03-01`` with ``0:00``.
        """
        if self._times is not None:
            return self._times
        dates, times, clocks = self.column("date"), self.column("time"), self.column("clock")
        if not self.says("date") and all(times):
            self._times = list(zip(times, clocks, strict=True))
            return self._times
        parts = [self.column(role) for role in ("year", "month", "day", "hour")]
        found: list[tuple[Cell, Cell]] = []
        for n, (day, moment, clock) in enumerate(zip(dates, times, clocks, strict=True)):
            if moment and not day:
                found.append((moment, clock))
            elif day and (isinstance(moment, time) or _CLOCK.match(plain(moment))):
                found.append((day, moment))
            elif day or moment:
                found.append((moment or day, clock))
            else:
                year, month, date_of_month, hour = (shown(part[n]) for part in parts)
                written = "-".join(part.zfill(2) for part in (year, month, date_of_month) if part)
                found.append((written, f"{hour.zfill(2)}:00" if hour.isdigit() else hour or clock))
        self._times = found
        return found

    def time_fault(self, kind: str, row: Kept, given: str) -> Fault:
        """A fault of the time of ``row``."""
        header = self.headers[row.page]
        role = next((role for role in ("time", "date", "year") if header.where(role) is not None), "time")
        return self.fault_like(time_fault(kind, given), row, role)

    def fault_like(self, fault: Fault, row: Kept, role: str) -> Fault:
        """``fault`` at the cell of ``role`` in ``row``."""
        header = self.headers[row.page]
        at = header.where(role)
        return fault.at(
            self.source, row.line, header.headings[at] if at is not None else role, sheet=self.pages[row.page]
        )


def read_measured(
    source: bytes | Path | IO[bytes],
    name: str | None = None,
    *,
    layout: str | Layout | None = None,
    sheet: str | None = None,
    units: Mapping[str, str] | None = None,
    leave_out: Sequence[str] = (),
) -> MeasuredFile:
    """Everything that a CSV or XLSX file of measurements says.

    Parameters
    ----------
    source, name
        Bytes, a path or an open binary file, and what faults call it.
    layout
        A shipped layout's name, a :class:`Layout`, or None to recognise it by the header.
    sheet
        The only sheet of a workbook that is wanted; None reads every sheet that has a header of measurements.
    units
        By parameter code the unit of items whose sheet names none.
    leave_out
        Headings that are left out though they look like a slip.

    Raises :class:`~riverchief.errors.BadInput` where nothing can be read: ``unreadable``, ``empty_file``,
    ``unknown_header``, ``unknown_layout``, ``not_one_of`` (a sheet). All else that is wrong is in ``faults``.
    """
    called = name if name is not None else source.name if isinstance(source, Path) else None
    pages = pages_of(read_bytes(source, called), called, sheet=sheet)
    return measure(pages, called, layout=layout, units=units, leave_out=leave_out)


def measure(
    pages: Sequence[Page],
    name: str | None,
    *,
    layout: str | Layout | None = None,
    units: Mapping[str, str] | None = None,
    leave_out: Sequence[str] = (),
) -> MeasuredFile:
    """:func:`read_measured` of sheets that are open already."""
    if not any(page.rows for page in pages):
        raise BadInput([Fault("empty_file", name, details={"allowed": "断面/station, 时间/time, 指标/parameters"})])
    found = MeasuredFile(name, [], [])
    refused: BadInput | None = None
    for page in pages:
        try:
            header = find_header(page.rows, layout, name)
        except BadInput as unknown:
            refused = refused or unknown
            found.notes.append(Fault("sheet_left_out", name, details={"given": page.name or ""}, sheet=page.name))
            continue
        found.pages.append(page.name)
        found.headers.append(header)
        _PageReading(found, page, header, units or {}, {folded(one) for one in leave_out}).read()
    if refused is not None and not found.headers:
        raise refused
    return found


class _PageReading:
    """One pass over one sheet."""

    def __init__(
        self, file: MeasuredFile, page: Page, header: Header, units: Mapping[str, str], leave_out: set[str]
    ) -> None:
        self.file, self.page, self.header, self.units, self.leave_out = file, page, header, units, leave_out
        self.number = len(file.headers) - 1
        self.first = len(file.rows)
        self.unit_of: dict[int, str] = {}
        self.limit_of: dict[int, Cell] = {}
        self.method_of: dict[int, str] = {}

    def read(self) -> None:
        """Rows first, for those that speak of columns may stand anywhere; then the values."""
        self._rows()
        if self.header.is_long:
            self._long()
        else:
            self._wide()

    def _rows(self) -> None:
        file, below = self.file, self.page.rows[self.header.at + 1 :]
        if below and self.header.at + 1 < len(self.page.rows) and unit_row(self.header, below[0][1]):
            self.unit_of = {at: plain(cell) for at, cell in enumerate(below[0][1]) if plain(cell)}
            below = below[1:]
        dropped: Counter[str] = Counter()
        reader = RowReader(self.header)
        has_controls = any(self.header.where(role) is not None for role, _ in CONTROLS)
        for line, cells in below:
            about = reader.about(cells)
            if about is None:
                file.data_rows += 1
                row = Kept(self.number, line, cells)
                if not has_controls or self._is_sample(row):
                    file.rows.append(row)
            elif about.kind == "unit":
                self.unit_of |= {at: plain(cell) for at, cell in enumerate(cells) if plain(cell)}
            elif about.kind == "method":
                self.method_of |= {at: shown(cell) for at, cell in enumerate(cells) if plain(cell)}
            elif about.kind == "limit":
                self.limit_of |= dict(enumerate(cells))
            elif about.kind in ("summary", "law_limit"):
                dropped[about.label] += 1
        for label, count in dropped.items():
            details = {"given": label, "count": str(count)}
            file.notes.append(Fault("row_left_out", file.source, details=details, sheet=self.page.name))

    def _is_sample(self, row: Kept) -> bool:
        """Whether a row is of water of the river, and no blank or replicate; says so in a fault where it is not."""
        for role, kind in CONTROLS:
            word = plain(self.file.cell(row, role))
            if word and word.casefold() not in words(role):
                self.file.faults.append(self.file.fault_like(Fault(kind, details={"given": word}), row, role))
                return False
        return True

    def _wide(self) -> None:
        header, file = self.header, self.file
        seen: dict[Parameter, str] = {}
        for at, heading in enumerate(header.headings):
            column = header.columns[at]
            if not heading or (column is not None and column.parameter is None):
                continue
            if column is None:
                self._unknown(at, heading)
                continue
            parameter = find_parameter(column.parameter or "")
            stated = column.unit or self.unit_of.get(at) or self.units.get(parameter.code) or ""
            try:
                scale = scale_of(parameter, stated, column.basis or "")
            except BadInput as refused:
                file.faults += [self._heading_fault(fault, heading) for fault in refused.faults]
                continue
            if parameter in seen:
                details = {"given": heading, "allowed": seen[parameter]}
                file.faults.append(self._heading_fault(Fault("duplicate", details=details), heading))
                continue
            seen[parameter] = heading
            rows = range(self.first, len(file.rows))
            cells = [row.cells[at] if at < len(row.cells) else None for row in file.rows[self.first :]]
            self._take(scale, heading, np.array(rows, np.intp), cells, at)

    def _long(self) -> None:
        """The values of a long sheet: its rows by item, fraction, unit and basis as they are spelled."""
        file, header = self.file, self.header
        value_at, parameter_at = header.where("value"), header.where("parameter")
        if value_at is None or parameter_at is None:
            return
        value_column = header.columns[value_at]
        groups: dict[tuple[str, str, str, str], list[int]] = {}
        for n in range(self.first, len(file.rows)):
            row = file.rows[n]
            unit = plain(file.cell(row, "unit")) or plain(file.cell(row, "limit_unit"))
            unit = unit or (value_column.unit if value_column and value_column.unit else "")
            key = (
                plain(row.cells[parameter_at] if parameter_at < len(row.cells) else None),
                plain(file.cell(row, "fraction")),
                unit,
                plain(file.cell(row, "basis")),
            )
            groups.setdefault(key, []).append(n)
        for key, rows in groups.items():
            written, fraction, unit, basis = key
            meant = meant_by(header.layout.name, written, fraction, unit, basis)
            if isinstance(meant, Scale) and meant.unit is None and meant.parameter.code in self.units:
                meant = scale_or_fault(meant.parameter, self.units[meant.parameter.code], basis)
            if isinstance(meant, Fault):
                self._not_an_item(meant, written, unit, rows)
                continue
            cells = [row.cells[value_at] if value_at < len(row.cells) else None for row in (file.rows[n] for n in rows)]
            self._take(meant, header.headings[value_at], np.array(rows, np.intp), cells, value_at)

    def _take(self, scale: Scale, heading: str, rows: NDArray[np.intp], cells: list[Cell], at: int) -> None:
        """The cells of one item."""
        file = self.file
        stated = read_cell(self.limit_of.get(at))
        own = scale_or_fault(scale.parameter, stated.unit, "") if stated.unit else scale
        limit = None if stated.value is None or isinstance(own, Fault) else own.one(stated.value)
        numbers = rows.tolist()

        def place(k: int) -> tuple[str | None, int, str | None]:
            return file.source, file.rows[numbers[k]].line, self.page.name

        def words_of(k: int) -> RowWords:
            row = file.rows[numbers[k]]
            return RowWords(*(file.cell(row, role) for role in ROW_WORDS))

        has_words = any(self.header.where(role) is not None for role in ("operator", "detection", "limit"))
        found = read_values(
            scale,
            heading,
            rows,
            cells,
            place,
            file.faults,
            default_limit=limit,
            words_of=words_of if has_words else None,
        )
        file.values.append(found)
        self._note_method(scale.parameter, at, limit, numbers)
        self._ask_for_unit(found)

    def _note_method(self, parameter: Parameter, at: int, limit: float | None, rows: list[int]) -> None:
        method = self.method_of.get(at, "")
        if not method and self.header.where("method") is not None:
            method = next(filter(None, (plain(self.file.cell(self.file.rows[n], "method")) for n in rows)), "")
        if method or limit is not None:
            self.file.about.setdefault(parameter.code, ItemAbout(method, limit))

    def _ask_for_unit(self, found: Values) -> None:
        """Items that laboratories report in either of two units must say which."""
        usual = _asked_units().get(found.parameter.code)
        if usual is None or found.unit_stated or np.isnan(found.values).all():
            return
        name = found.parameter.name_zh if found.heading.isascii() is False else found.parameter.code
        details = {
            "given": name,
            "allowed": f"{found.parameter.unit}、{usual}",
            "nearest": f"{found.parameter.code}={usual}",
        }
        fault = Fault("unit_needed", details=details)
        placed = self._heading_fault(fault, found.heading)
        if placed not in self.file.faults:
            self.file.faults.append(placed)

    def _unknown(self, at: int, heading: str) -> None:
        """A column that nobody knows: refused where it is nearly a parameter, noted where it holds numbers."""
        bare = re.sub(r"\s*[(\[].*", "", heading).strip() or heading
        if self._is_left_out(heading, bare) or not self._holds_numbers(at):
            return
        near = meant_instead(bare)
        if near is not None:
            details = {"given": heading, "nearest": near}
            self.file.faults.append(self._heading_fault(Fault("looks_like_a_slip", details=details), heading))
            return
        self.file.unknown[bare] += len(self.file.rows) - self.first
        self.file.notes.append(self._heading_fault(unknown_name("left_out", bare, _names()), heading))

    def _not_an_item(self, fault: Fault, written: str, unit: str, rows: list[int]) -> None:
        """Rows of a long sheet whose item or unit nobody knows."""
        file, first = self.file, self.file.rows[rows[0]]
        if fault.kind != "unknown_parameter":
            file.faults += [file.fault_like(fault, file.rows[n], "unit" if unit else "parameter") for n in rows]
            return
        if self._is_left_out(written, written):
            return
        has_own_names = bool(characteristics(self.header.layout.name))
        near = meant_instead(written) if written and not has_own_names else None
        if not written or near is not None:
            kind = Fault("looks_like_a_slip", details={"given": written, "nearest": near or ""})
            missing = Fault("missing_value", details={"given": "parameter", "allowed": "氨氮、TP …"})
            file.faults += [file.fault_like(kind if written else missing, file.rows[n], "parameter") for n in rows]
            return
        if written not in file.unknown:
            file.notes.append(file.fault_like(unknown_name("left_out", written, _names()), first, "parameter"))
        file.unknown[written] += len(rows)

    def _is_left_out(self, *names: str) -> bool:
        return any(folded(name) in self.leave_out for name in names)

    def _holds_numbers(self, at: int) -> bool:
        """Whether the first cells of a column that say anything are numbers or bounds."""
        for row in self.file.rows[self.first : self.first + LOOKED_AT]:
            said = read_cell(row.cells[at] if at < len(row.cells) else None)
            if not said.absent:
                return said.understood
        return False

    def _heading_fault(self, fault: Fault, heading: str) -> Fault:
        return fault.at(self.file.source, self.header.line, heading, sheet=self.page.name)


@cache
def _asked_units() -> dict[str, str]:
    return {row["parameter"]: row["usual"] for row in read_table("riverchief.parameter", "asked_units.csv")}


@cache
def _names() -> list[str]:
    return [name for one in all_parameters() for name in (one.code, one.name_zh, one.name_en)]
