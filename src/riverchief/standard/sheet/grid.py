"""A file as rows of text: what :mod:`riverchief.sheet` reads, its cells as they are written."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from riverchief.errors import BadInput, Fault
from riverchief.sheet import Cell, read_bytes, rows_of


@dataclass(frozen=True)
class Grid:
    """Rows of cells; ``lines`` has the line of the file (counting from 1) on which each row starts."""

    source: str
    rows: list[list[str]]
    lines: list[int]


def read_grid(content: bytes, source: str) -> Grid:
    """The rows of ``content``; ``source`` is what faults call it. Rows without any text are left out.

    Raises :class:`~riverchief.errors.BadInput`: ``empty_file``, ``unreadable``.
    """
    rows = list(rows_of(read_bytes(content, source), source))
    if not rows:
        raise BadInput([Fault("empty_file", source, details={"allowed": "断面/place, 时间/time, 指标/parameters"})])
    return Grid(source, [[_shown(cell) for cell in row] for _, row in rows], [line for line, _ in rows])


def _shown(cell: Cell) -> str:
    """A cell of a workbook as text; times as ``2021-04-01 04:00``."""
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
