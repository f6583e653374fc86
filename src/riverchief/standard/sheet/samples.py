"""Samples from a sheet: for each sample its place and time as written, for each item a column of numbers.

A wide sheet has a row for each sample; in a long one the rows of one place and time make a sample. What a cell says
beside a number is kept: ``censor`` (below or above a bound), ``state`` (nothing was due, nothing was obtained) and the
printed decimals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import Parameter, all_parameters
from riverchief.parameter.heading import Heading, read_heading, read_unit
from riverchief.standard.sheet.cells import Cell, read_cell
from riverchief.standard.sheet.grid import Grid
from riverchief.standard.sheet.layout import Layout, find_layout, looks_like_a_slip
from riverchief.standard.sheet.words import is_word

PLAIN, BELOW, ABOVE = 0, 1, 2
PRESENT, ABSENT, MISSING, UNDETECTED = 0, 1, 2, 3
_STATES = {"absent": ABSENT, "missing": MISSING, "undetected": UNDETECTED}
_MOST_FAULTS = 200
_CLOCK = re.compile(r"^\d{1,2}([:：时点]\d{0,2}){0,2}分?$")


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

    def put_numbers(self, texts: list[str], heading: Heading, *, keep_decimals: bool) -> list[int]:
        """Set every sample whose cell is a plain number, and return the others, which say more."""
        raw = np.array([_number_or_nan(text) for text in texts])
        odd = ~np.isfinite(raw)
        self.values = np.asarray(heading.canonical(raw), dtype=np.float64)
        self.values[odd] = np.nan
        self.state[~odd] = PRESENT
        self.unit_stated = heading.unit is not None
        if keep_decimals:
            self.decimals[:] = [len(text.strip().partition(".")[2]) for text in texts]
        return [int(n) for n in np.flatnonzero(odd)]

    def put(self, sample: int, cell: Cell, heading: Heading, unit: str) -> None:
        """Set one sample from its cell."""
        self.unit_stated = self.unit_stated or bool(heading.unit or unit)
        self.state[sample] = _STATES.get(cell.kind, PRESENT)
        if self.state[sample] == PRESENT:
            self.values[sample] = heading.canonical(cell.value, unit or None)
            self.censor[sample] = {"below": BELOW, "above": ABOVE}.get(cell.kind, PLAIN)
            self.decimals[sample] = cell.decimals


@dataclass(eq=False)
class Samples:
    """All samples of a sheet, in its order; ``unknown`` are names of measurements that nobody knows."""

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

    def __len__(self) -> int:
        return len(self.places)


def read_samples(grid: Grid, units: Mapping[str, str] | None = None) -> Samples:
    """The samples of ``grid``; ``units`` by parameter code are for items whose unit the sheet does not say.

    Raises :class:`~riverchief.errors.BadInput` with every fault of the file: cells that are no number, units that do
    not fit, names that are nearly known, one item given twice for one place and time with different values.
    """
    layout = find_layout(grid, units)
    if layout.first >= len(grid.rows):
        allowed = "、".join(filter(None, layout.headings))
        raise BadInput([Fault("empty_file", grid.source, details={"allowed": allowed})])
    return _long(grid, layout, units or {}) if layout.kind == "long" else _wide(grid, layout)


def _wide(grid: Grid, layout: Layout) -> Samples:
    rows, lines = grid.rows[layout.first :], grid.lines[layout.first :]
    samples = _frame(grid, layout, rows, lines)
    faults: list[Fault] = []
    for column, heading in layout.parameters.items():
        found = samples.columns[heading.parameter.code] = Column.empty(heading.parameter, len(rows))
        texts = [row[column] if column < len(row) else "" for row in rows]
        special = found.put_numbers(texts, heading, keep_decimals=any(samples.published))
        cell_units: dict[str, int] = {}
        for n in special:
            text = texts[n]
            cell = read_cell(text)
            at = (grid.source, lines[n], layout.headings[column])
            if cell.kind == "bad":
                faults.append(_bad_number(*at, text))
                continue
            if cell.unit and not _fits(heading, cell.unit, at, text, cell_units, faults):
                continue
            found.put(n, cell, heading, cell.unit)
    _raise(faults)
    samples.unknown = list(layout.unknown.values())
    return samples


def _fits(
    heading: Heading,
    unit: str,
    at: tuple[str, int, str],
    text: str,
    seen: dict[str, int],
    faults: list[Fault],
) -> bool:
    """Whether the unit in a cell may stand in its column: known, and one unit for the whole column."""
    try:
        given = read_unit(heading.parameter, unit).unit
    except BadInput as refused:
        kind = "bad_number" if refused.faults[0].kind == "unknown_unit" else refused.faults[0].kind
        bad = _bad_number(*at, text)
        allowed = heading.unit or heading.parameter.unit
        faults.append(bad if kind == bad.kind else Fault(kind, *at, {"given": text, "allowed": allowed}))
        return False
    wanted = heading.unit or next(iter(seen), given)
    if given != wanted:
        faults.append(Fault("mixed_units", *at, {"given": unit, "allowed": wanted or ""}))
        return False
    seen.setdefault(given or "", at[1])
    return True


def _long(grid: Grid, layout: Layout, units: Mapping[str, str]) -> Samples:
    rows, lines = grid.rows[layout.first :], grid.lines[layout.first :]
    index: dict[tuple[str, str], int] = {}
    which = []
    firsts: list[int] = []
    for n, row in enumerate(rows):
        key = (_place(row, layout.roles), _time(row, layout))
        if key not in index:
            index[key] = len(firsts)
            firsts.append(n)
        which.append(index[key])
    samples = _frame(grid, layout, [rows[n] for n in firsts], [lines[n] for n in firsts])
    faults: list[Fault] = []
    seen: dict[tuple[int, str], tuple[float, int]] = {}
    for n, row in enumerate(rows):
        name = _cell(row, layout.roles["parameter"])
        at = (grid.source, lines[n], layout.headings[layout.roles["parameter"]])
        heading = _item(name, at, samples, faults)
        if heading is None:
            continue
        text = _cell(row, layout.roles["value"])
        cell = read_cell(_cell(row, layout.roles.get("censor")) + text if text else text)
        unit = cell.unit or _cell(row, layout.roles.get("unit"))
        unit = unit or (units.get(heading.parameter.code, "") if heading.unit is None else "")
        value_at = (grid.source, lines[n], layout.headings[layout.roles["value"]])
        if cell.kind == "bad":
            faults.append(_bad_number(*value_at, text))
            continue
        try:
            given = read_unit(heading.parameter, unit) if unit else heading
        except BadInput as refused:
            faults.append(Fault(refused.faults[0].kind, *value_at, refused.faults[0].details))
            continue
        code = heading.parameter.code
        column = samples.columns.setdefault(code, Column.empty(heading.parameter, len(firsts)))
        sample = which[n]
        column.put(sample, cell, given, "")
        before = seen.setdefault((sample, code), (float(column.values[sample]), lines[n]))
        if before[1] != lines[n] and not _same(before[0], float(column.values[sample])):
            faults.append(Fault("duplicate", *value_at, {"given": f"{name} {text}", "allowed": f"{before[1]}"}))
    _raise(faults)
    return samples


def _item(name: str, at: tuple[str, int, str], samples: Samples, faults: list[Fault]) -> Heading | None:
    """The parameter of a long row; an unknown one is refused if it is nearly a known one, else noted once."""
    if name in samples.unknown:
        return None
    try:
        return _heading(name)
    except BadInput as refused:
        fault = refused.faults[0]
        if fault.kind != "unknown_parameter" or looks_like_a_slip(name) or not name:
            faults.append(Fault(fault.kind, *at, fault.details))
        else:
            samples.unknown.append(name)
            names = [n for p in all_parameters() for n in (p.code, p.name_zh)]
            samples.notes.append(unknown_name("left_out", name, names, source=at[0], line=at[1], column=at[2]))
        return None


@lru_cache(maxsize=1024)
def _heading(name: str) -> Heading:
    return read_heading(name)


def _frame(grid: Grid, layout: Layout, rows: list[list[str]], lines: list[int]) -> Samples:
    roles = layout.roles
    states = [_cell(row, roles.get("state")) for row in rows]
    return Samples(
        grid.source,
        [_place(row, roles) for row in rows],
        [_time(row, layout) for row in rows],
        lines,
        {},
        [_cell(row, roles.get("published")) for row in rows],
        np.array([is_word("maintenance", state) for state in states], np.bool_),
        [_cell(row, roles.get("water")) for row in rows],
        layout.kind == "long",
        [],
        list(layout.notes),
    )


def _place(row: list[str], roles: Mapping[str, int]) -> str:
    """The place; a sheet without such a column is told apart by region or river."""
    return _cell(row, next((roles[name] for name in ("place", "region", "river") if name in roles), None))


def _time(row: list[str], layout: Layout) -> str:
    """The time as written; from year, month, day and hour columns ``2007-01`` or ``2013-03-01 00:00``."""
    day, clock = _cell(row, layout.roles.get("date")), _cell(row, layout.roles.get("time"))
    if day or clock:
        # "2024-05-01" beside "08:00" are one time; a time that has its own day needs no other
        return f"{day} {clock}".strip() if _CLOCK.match(clock) else clock or day
    parts = [_cell(row, layout.roles.get(name)) for name in ("year", "month", "day", "hour")]
    text = "-".join(part.zfill(2) for part in parts[:3] if part)
    return f"{text} {parts[3].zfill(2)}:00" if parts[3] else text


def _number_or_nan(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _cell(row: list[str], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""


def _same(one: float, other: float) -> bool:
    return one == other or (np.isnan(one) and np.isnan(other))


def _bad_number(source: str, line: int, column: str, text: str) -> Fault:
    return Fault("bad_number", source, line, column, {"given": text, "allowed": "0.25、<0.01、0.01L、ND、*、--"})


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise BadInput(faults[:_MOST_FAULTS])
