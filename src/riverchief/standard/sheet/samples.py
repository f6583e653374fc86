"""Samples from a sheet: for each sample its place and time as written, for each item a column of numbers.

A wide sheet has a row for each sample; in a long one the rows of one place and time make a sample. What a cell says
beside a number is kept: ``censor`` (below or above a bound), ``state`` (nothing was due, nothing was obtained) and the
printed decimals. What cells and headings mean is read by :mod:`riverchief.parameter.measured`, as at import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import Parameter
from riverchief.parameter.header import shown
from riverchief.parameter.measured import MeasuredFile, measure
from riverchief.parameter.values import EMPTY, REFUSED, Values
from riverchief.parameter.values import MISSING as CELL_MISSING
from riverchief.parameter.values import NOT_MEASURED as CELL_NOT_MEASURED
from riverchief.parameter.values import PRESENT as CELL_PRESENT
from riverchief.sheet.page import Cell
from riverchief.sheet.times import NoTime, is_future, read_local
from riverchief.sheet.words import flag_of, is_judged, plain, states
from riverchief.standard.censored import BELOW, PLAIN, Reported, above, below
from riverchief.standard.sheet.grid import Grid

PRESENT, ABSENT, MISSING, UNDETECTED = 0, 1, 2, 3
#: From the state of a cell to that of a sample; an empty cell of an item that the sheet has is a value not obtained.
_STATE_OF = np.zeros(5, np.uint8)
_STATE_OF[[CELL_PRESENT, EMPTY, CELL_NOT_MEASURED, CELL_MISSING, REFUSED]] = PRESENT, MISSING, ABSENT, MISSING, MISSING
#: Roles of columns that tell something of a sample beside its values.
TOLD = ("river", "target", "control", "functional_zone", "source", "state")
_MOST_FAULTS = 200
_ANY_YEAR = 2000  # a leap year: whether a time without year is one at all


@dataclass(eq=False)
class Column:
    """One item over all samples: ``values`` [canonical unit], NaN where there is no number."""

    parameter: Parameter
    values: NDArray[np.float64]
    censor: NDArray[np.uint8]
    state: NDArray[np.uint8]
    decimals: NDArray[np.int8]
    unit_stated: bool = False

    @classmethod
    def empty(cls, parameter: Parameter, size: int) -> Column:
        """A column in which nothing was due."""
        return cls(
            parameter,
            np.full(size, np.nan),
            np.zeros(size, np.uint8),
            np.full(size, ABSENT, np.uint8),
            np.zeros(size, np.int8),
        )

    def put(self, samples: NDArray[np.intp], cells: Values, *, keep_decimals: bool) -> None:
        """Set ``samples`` from their cells."""
        self.unit_stated = self.unit_stated or cells.unit_stated
        self.values[samples], self.censor[samples] = cells.values, cells.operator
        state = _STATE_OF[cells.state]
        state[(state == PRESENT) & (cells.operator == BELOW) & np.isnan(cells.values)] = UNDETECTED
        self.state[samples] = state
        if keep_decimals:
            self.decimals[samples] = cells.decimals()


@dataclass(eq=False)
class Samples:
    """All samples of a sheet, in its order; ``unknown`` are names of measurements that nobody knows, ``written`` the
    headings (of a long sheet the names) of its items as they are written, by parameter code, ``told`` what the sheet
    says of each sample beside its values (:data:`TOLD`), empty where it has no such column."""

    source: str
    places: list[str]
    times: list[str]
    lines: list[int]
    columns: dict[str, Column]
    published: list[str]
    maintenance: NDArray[np.bool_]
    waters: list[str]
    long: bool = False
    unknown: list[str] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.places)

    def reported(self, n: int) -> dict[str, Reported]:
        """What sample ``n`` reports of each item that was due, by its code; ``None`` where nothing was obtained."""
        found: dict[str, Reported] = {}
        for code, column in self.columns.items():
            state, value = column.state[n], float(column.values[n])
            if state == ABSENT:
                continue
            if state == UNDETECTED:
                found[code] = below(np.nan)
            elif state == MISSING or np.isnan(value):
                found[code] = None
            else:
                found[code] = value if column.censor[n] == PLAIN else _bound(int(column.censor[n]), value)
        return found


def _bound(censor: int, value: float) -> Reported:
    return below(value) if censor == BELOW else above(value)


def read_samples(
    grid: Grid, units: Mapping[str, str] | None = None, *, leave_out: Sequence[str] = (), now: datetime | None = None
) -> Samples:
    """The samples of ``grid``.

    Parameters
    ----------
    grid
        What :func:`~riverchief.standard.sheet.grid.read_grid` opened.
    units
        By parameter code the units of items whose unit the sheet does not say.
    leave_out
        Headings that are left out though they look like a slip of the pen.
    now
        With it, times in the future are refused.

    Raises :class:`~riverchief.errors.BadInput` with every fault of the file: cells that are no number, units that do
    not fit, names that are nearly known, times that are none, one item given twice for one place and time with
    different values.
    """
    file = measure(grid.pages, grid.source, units=units, leave_out=leave_out)
    if not file.faults and not file.values and not any(header.is_long for header in file.headers):
        headings = "、".join(filter(None, file.headers[0].headings[:12]))
        details = {"given": "氨氮(mg/L)、总磷(mg/L)、DO…", "allowed": headings}
        raise BadInput([Fault("missing_column", grid.source, file.headers[0].line, None, details)])
    places = [plain_place(name) for name in file.place()]
    times = [_shown_time(cell, clock) for cell, clock in file.times()]
    faults = file.faults + _time_faults(file, now)
    which, firsts = _samples_of(file, places, times)
    states, more = _states(file)
    faults += more
    _raise(faults)
    if not firsts:
        allowed = "、".join(filter(None, file.headers[0].headings))
        raise BadInput([Fault("empty_file", grid.source, details={"allowed": allowed})])
    published, waters = (
        list(map(plain, file.column(role))) if file.says(role) else [""] * len(file.rows)
        for role in ("published", "water")
    )
    samples = Samples(
        grid.source,
        [places[n] for n in firsts],
        [times[n] for n in firsts],
        [file.rows[n].line for n in firsts],
        {},
        [published[n] for n in firsts],
        np.array([not is_judged(states[n]) for n in firsts], np.bool_),
        [waters[n] for n in firsts],
        file.is_long,
        list(file.unknown),
        list(file.notes),
        told={role: _first_words(file.column(role), firsts) for role in TOLD},
    )
    keep_decimals = any(samples.published)
    for cells in file.values:
        code = cells.parameter.code
        column = samples.columns.setdefault(code, Column.empty(cells.parameter, len(firsts)))
        samples.written.setdefault(code, cells.heading)
        _put(file, column, cells, which, faults, keep_decimals=keep_decimals)
    _raise(faults + _contradictions(file, samples))
    return samples


def _first_words(cells: Sequence[Cell], firsts: Sequence[int]) -> list[str]:
    return [plain(cells[n]) for n in firsts]


def plain_place(name: str) -> str:
    """A place as it is written, without blanks around it; brackets stay as wide as they are."""
    return name.strip()


def _samples_of(file: MeasuredFile, places: list[str], times: list[str]) -> tuple[NDArray[np.intp], list[int]]:
    """For each row the number of its sample, and for each sample its first row."""
    if not file.is_long:
        return np.arange(len(file.rows), dtype=np.intp), list(range(len(file.rows)))
    index: dict[tuple[str, str], int] = {}
    firsts: list[int] = []
    which = []
    for n, key in enumerate(zip(places, times, strict=True)):
        if key not in index:
            index[key] = len(firsts)
            firsts.append(n)
        which.append(index[key])
    return np.array(which, np.intp), firsts


def _put(
    file: MeasuredFile,
    column: Column,
    cells: Values,
    which: NDArray[np.intp],
    faults: list[Fault],
    *,
    keep_decimals: bool,
) -> None:
    """The cells of one item into their samples; one sample's item given twice must be the same."""
    samples = which[cells.rows]
    first = np.zeros(samples.size, np.bool_)
    first[np.unique(samples, return_index=True)[1]] = True
    known = column.state[samples] != ABSENT
    fresh = first & ~known
    at = np.flatnonzero(fresh)
    column.put(samples[at], _picked(cells, at), keep_decimals=keep_decimals)
    column.unit_stated = column.unit_stated or cells.unit_stated
    for k in np.flatnonzero(~fresh).tolist():
        n = int(samples[k])
        same = column.values[n] == cells.values[k] or (np.isnan(column.values[n]) and np.isnan(cells.values[k]))
        if not same or column.censor[n] != cells.operator[k]:
            line = file.rows[int(np.flatnonzero(which == n)[0])].line
            faults.append(_contradiction(file, cells, k, line))


def _contradiction(file: MeasuredFile, cells: Values, k: int, line: int) -> Fault:
    row = file.rows[int(cells.rows[k])]
    details = {"given": plain(cells.cells[k]), "allowed": str(line)}
    return Fault("contradicts", file.source, row.line, cells.heading, details, file.pages[row.page])


def _picked(cells: Values, at: NDArray[np.intp]) -> Values:
    return Values(
        cells.parameter,
        cells.heading,
        cells.rows[at],
        [cells.cells[k] for k in at.tolist()],
        cells.values[at],
        cells.operator[at],
        cells.state[at],
        cells.unit_stated,
    )


def _contradictions(file: MeasuredFile, samples: Samples) -> list[Fault]:
    """Rows of a wide sheet that give one place and time twice with different values."""
    if samples.long or not any(samples.times):
        return []
    first: dict[tuple[str, str], int] = {}
    again: dict[int, int] = {}  # from a row to the earlier one of the same place and time
    for n, key in enumerate(zip(samples.places, samples.times, strict=True)):
        before = first.setdefault(key, n)
        if before != n and key[1]:
            again[n] = before
    faults = []
    for cells in file.values if again else []:
        at = {int(n): k for k, n in enumerate(cells.rows.tolist())}
        for n, before in again.items():
            k, j = at.get(n), at.get(before)
            if k is None or j is None:
                continue
            a, b = cells.values[[j, k]]
            if a != b and not (np.isnan(a) and np.isnan(b)):
                faults.append(_contradiction(file, cells, k, samples.lines[before]))
    return faults


def _states(file: MeasuredFile) -> tuple[list[str], list[Fault]]:
    """The flag of each row by its columns of states and of reviews: the one that is not judged wins."""
    flags, faults = ["unchecked"] * len(file.rows), []
    for role in filter(file.says, ("state", "review")):
        cells = file.column(role)
        meant = {cell: flag_of(cell) for cell in dict.fromkeys(cells)}
        for n, cell in enumerate(cells):
            flag = meant[cell]
            if flag is None:
                fault = unknown_name("unknown_flag", plain(cell), list(states()))
                faults.append(file.fault_like(fault, file.rows[n], role))
            elif flag and is_judged(flags[n]):
                flags[n] = flag
    return flags, faults


def _time_faults(file: MeasuredFile, now: datetime | None) -> list[Fault]:
    """Times that are none, and times in the future; a year or a zone that is not there is no fault here."""
    if not file.has("time", "date", "year"):
        return []
    wrong: dict[tuple[Cell, Cell], str] = {}
    faults = []
    for row, (cell, clock) in zip(file.rows, file.times(), strict=True):
        key = (cell, clock)
        if key not in wrong:
            wrong[key] = _why_no_time(cell, clock, now)
        if wrong[key]:
            faults.append(file.time_fault(wrong[key], row, " ".join(filter(None, (shown(cell), shown(clock))))))
    return faults


def _why_no_time(cell: Cell, clock: Cell, now: datetime | None) -> str:
    try:
        return "from_the_future" if now is not None and is_future(read_local(cell, clock=clock), now) else ""
    except NoTime as refused:
        if refused.kind not in ("needs_year", "needs_day_first"):
            return refused.kind
    try:
        read_local(cell, clock=clock, year=_ANY_YEAR, day_first=True)
    except NoTime:
        try:
            read_local(cell, clock=clock, year=_ANY_YEAR, day_first=False)
        except NoTime as refused:
            return refused.kind
    return ""


def _shown_time(cell: Cell, clock: Cell) -> str:
    if clock is None and isinstance(cell, str):
        return cell.strip()
    day, hour = shown(cell), shown(clock)
    return f"{day[:10] if hour and isinstance(cell, datetime) else day} {hour}".strip()


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise BadInput(faults[:_MOST_FAULTS])
