"""How a file is understood, column by column, before anything is read out of it."""

from __future__ import annotations

from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.parameter.columns import Column, Layout
from riverchief.parameter.header import find_header
from riverchief.parameter.quantity import scale_or_fault
from riverchief.sheet import pages_of, read_bytes
from riverchief.sheet.words import plain

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
    pages = [page for page in pages_of(read_bytes(source)) if page.rows]
    if not pages:
        raise BadInput([Fault("empty_file", details={"allowed": "station, time, parameter …"})])
    rows = pages[0].rows
    header = find_header(rows, layout, None)
    below = [row for _, row in rows[header.at + 1 : header.at + 1 + ROWS]]
    columns = []
    for place, name in enumerate(header.headings):
        if not name:
            continue
        cells = tuple(plain(row[place])[:60] if place < len(row) else "" for row in below)
        meant = header.columns[place]
        columns.append(SeenColumn(name[:120], meant, _unit_fault(meant), cells))
    return Seen(header.line, header.layout, tuple(columns), len(rows) - header.at - 1)


def _unit_fault(column: Column | None) -> Fault | None:
    if column is None or column.parameter is None or column.unit is None:
        return None
    found = scale_or_fault(find_parameter(column.parameter), column.unit, column.basis or "")
    return found if isinstance(found, Fault) else None
