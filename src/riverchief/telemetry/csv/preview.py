"""How a file is understood, column by column, before anything is read out of it."""

from __future__ import annotations

from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.sheet import read_bytes, rows_of
from riverchief.sheet.words import plain
from riverchief.telemetry.csv.layout import Column, Layout, meaning
from riverchief.telemetry.csv.quantity import scaler_or_fault
from riverchief.telemetry.csv.reader import find_header

ROWS = 5


class SeenColumn(NamedTuple):
    """One column: its ``header``, its meaning (``None``: nobody knows), what is wrong with its unit, first cells."""

    header: str
    column: Column | None
    fault: Fault | None
    cells: tuple[str, ...]


class Seen(NamedTuple):
    """A file as it is understood: the ``line`` of its header, its layout, its columns, how many ``rows`` follow."""

    line: int
    layout: Layout
    columns: tuple[SeenColumn, ...]
    rows: int


def look_into(source: bytes, *, layout: str | Layout | None = None) -> Seen:
    """The columns of a CSV or XLSX file and what each means in ``layout`` (None: recognised by the header).

    Raises :class:`~riverchief.errors.BadInput` where there is nothing to see: ``unreadable``, ``empty_file``,
    ``unknown_header``, ``unknown_layout``.
    """
    rows = list(rows_of(read_bytes(source)))
    if not rows:
        raise BadInput([Fault("empty_file", details={"allowed": "station, time, parameter …"})])
    at, chosen = find_header(rows, layout, None)
    line, header = rows[at]
    below = [row for _, row in rows[at + 1 : at + 1 + ROWS]]
    columns = []
    for place, cell in enumerate(header):
        name = plain(cell)
        if not name:
            continue
        cells = tuple(plain(row[place])[:60] if place < len(row) else "" for row in below)
        meant = meaning(name, chosen)
        columns.append(SeenColumn(name[:120], meant, _unit_fault(meant), cells))
    return Seen(line, chosen, tuple(columns), len(rows) - at - 1)


def _unit_fault(column: Column | None) -> Fault | None:
    if column is None or column.parameter is None or column.unit is None:
        return None
    found = scaler_or_fault(column.unit, find_parameter(column.parameter), column.basis)
    return found if isinstance(found, Fault) else None
