"""Which row is the heading, and what each column is: place, time, a parameter with its unit, or nothing to us."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from riverchief.errors import BadInput, Fault, RiverchiefError, unknown_name
from riverchief.parameter import all_parameters
from riverchief.parameter.heading import Heading, read_heading, read_unit
from riverchief.standard.sheet.grid import Grid
from riverchief.standard.sheet.words import role_of_heading
from riverchief.units import find_unit

_LOOK_FOR_HEADING = 10  # rows; above it there may be a title
_LONG_ENOUGH = 4  # letters; a shorter name is like too many
_NEAR = 0.9  # a name this like a known one is taken for a slip of the pen and refused


@dataclass(frozen=True)
class Layout:
    """Where things are. ``roles`` and ``parameters`` are by column number; ``unknown`` columns hold a measurement that
    nobody knows (name by column); ``first`` is the first row of values."""

    kind: Literal["wide", "long"]
    roles: dict[str, int]
    parameters: dict[int, Heading]
    unknown: dict[int, str]
    headings: list[str]
    first: int
    notes: list[Fault] = field(default_factory=list)


def find_layout(grid: Grid, units: Mapping[str, str] | None = None) -> Layout:
    """The layout of ``grid``; ``units`` by parameter code are for headings that name none.

    Raises :class:`~riverchief.errors.BadInput` with every fault of the heading: an unknown unit, a name that is nearly
    a known one, two columns for one parameter, no parameter at all.
    """
    at = _heading_row(grid)
    headings = [cell.strip() for cell in grid.rows[at]]
    below = _unit_row(grid, at)
    faults: list[Fault] = []
    roles: dict[str, int] = {}
    parameters: dict[int, Heading] = {}
    unknown: dict[int, str] = {}
    for column, text in enumerate(headings):
        role = role_of_heading(text)
        if role and role not in roles:
            roles[role] = column
            continue
        if not text or role:
            continue
        try:
            heading = read_heading(text)
            stated = below.get(column) or (units or {}).get(heading.parameter.code)
            if stated and heading.unit is None:
                heading = read_unit(heading.parameter, stated)
        except BadInput as refused:
            _not_a_parameter(refused, grid, at, column, text, faults, unknown)
            continue
        twice = [c for c, other in parameters.items() if other.parameter == heading.parameter]
        if twice:
            faults.append(
                Fault("duplicate", grid.source, grid.lines[at], text, {"given": text, "allowed": headings[twice[0]]})
            )
        parameters[column] = heading
    long = "parameter" in roles and "value" in roles
    if not long and not parameters:
        shown = "、".join(filter(None, headings[:12]))
        known = "氨氮(mg/L)、总磷(mg/L)、DO…"
        if not faults:
            faults.append(
                Fault("missing_column", grid.source, grid.lines[at], None, {"given": known, "allowed": shown})
            )
    if faults:
        raise BadInput(faults)
    numeric = {c: name for c, name in unknown.items() if _holds_numbers(grid, at, c)}
    notes = [
        unknown_name("left_out", name, _names(), source=grid.source, line=grid.lines[at], column=headings[c])
        for c, name in numeric.items()
        if not long
    ]
    first = at + (2 if below else 1)
    return Layout("long" if long else "wide", roles, {} if long else parameters, numeric, headings, first, notes)


def looks_like_a_slip(name: str) -> bool:
    """Whether ``name`` is so near a known parameter that leaving it out would hide a slip of the pen."""
    return len(name) >= _LONG_ENOUGH and bool(
        difflib.get_close_matches(name.casefold(), [n.casefold() for n in _names()], n=1, cutoff=_NEAR)
    )


def _not_a_parameter(
    refused: BadInput,
    grid: Grid,
    at: int,
    column: int,
    text: str,
    faults: list[Fault],
    unknown: dict[int, str],
) -> None:
    fault = refused.faults[0]
    name = re.sub(r"[(（\[【].*", "", text).strip() or text
    if fault.kind != "unknown_parameter" or looks_like_a_slip(name):
        faults.append(Fault(fault.kind, grid.source, grid.lines[at], text, fault.details))
    else:
        unknown[column] = name


def _heading_row(grid: Grid) -> int:
    """The row among the first ones in which most cells are known."""

    def known(row: list[str]) -> int:
        return sum(1 for cell in row if cell.strip() and (role_of_heading(cell.strip()) or _is_heading(cell)))

    rows = grid.rows[:_LOOK_FOR_HEADING]
    return max(range(len(rows)), key=lambda n: (known(rows[n]), -n))


def _unit_row(grid: Grid, at: int) -> dict[int, str]:
    """Units in a row of their own below the heading, by column; empty where there is no such row."""
    if at + 1 >= len(grid.rows):
        return {}
    cells = {c: cell.strip() for c, cell in enumerate(grid.rows[at + 1]) if cell.strip()}
    units = {c: cell for c, cell in cells.items() if not re.match(r"^[-\d.]+$", cell) and _is_unit(cell)}
    return units if units and len(units) >= len(cells) - 1 else {}


def _holds_numbers(grid: Grid, at: int, column: int) -> bool:
    for row in grid.rows[at + 1 : at + 50]:
        cell = row[column].strip() if column < len(row) else ""
        if cell and cell not in "*-—/":
            return bool(re.match(r"^[<>＜＞]?[-\d.]+L?$", cell))
    return False


def _is_heading(text: str) -> bool:
    try:
        read_heading(text)
    except RiverchiefError:
        return False
    return True


def _is_unit(text: str) -> bool:
    try:
        find_unit(text)
    except RiverchiefError:
        return False
    return True


def _names() -> list[str]:
    return [name for p in all_parameters() for name in (p.code, p.name_zh, p.name_en)]
