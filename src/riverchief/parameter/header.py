"""Where the header of a sheet stands, what each of its columns is, and rows that speak of columns instead of samples.

A laboratory's sheet may have a title above the header, and below it rows with units, methods and detection limits.
Means, totals, limits of the law and notes may stand among the sections and are none (``words.csv``, kind ``about``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.parameter.columns import Column, Layout, all_layouts, find_layout, meaning, recognise
from riverchief.sheet.page import Cell, Row
from riverchief.sheet.words import folded, plain, words
from riverchief.units import find_unit

TITLE_ROWS = 10  # a spreadsheet may open with a title; the header is looked for in so many rows
_TAIL = re.compile(r"\s*[(\[:].*$")
_UNIT = re.compile(r"[-+\d.,]+")


class Header(NamedTuple):
    """The header of a sheet: ``at`` counts rows from 0, ``line`` is that of the file; a column that nobody knows has
    None. ``is_long``: items stand in a column of their own."""

    at: int
    line: int
    layout: Layout
    headings: list[str]
    columns: list[Column | None]

    @property
    def is_long(self) -> bool:
        """Whether parameter and value stand in columns."""
        return {"parameter", "value"} <= {column.role for column in self.columns if column and not column.parameter}

    def where(self, role: str) -> int | None:
        """The first column of ``role``; None where there is none."""
        return next(
            (at for at, column in enumerate(self.columns) if column and column.role == role and not column.parameter),
            None,
        )


def find_header(rows: Sequence[tuple[int, Row]], layout: str | Layout | None, name: str | None) -> Header:
    """The first of the upper rows in which most cells are known, with its layout (recognised by it unless given).

    Raises :class:`~riverchief.errors.BadInput`: ``unknown_header``, ``unknown_layout``.
    """
    given = find_layout(layout) if isinstance(layout, str) else layout
    best, most = None, 0
    for at, (line, row) in enumerate(rows[:TITLE_ROWS]):
        headings = [plain(cell) for cell in row]
        found = given or recognise(headings)
        if found is None:
            continue
        columns = [meaning(heading, found) if heading else None for heading in headings]
        known = sum(column is not None for column in columns)
        if known > most:
            best, most = Header(at, line, found, headings, columns), known
    if best is None:
        shown = "、".join(filter(None, (plain(cell) for cell in rows[0][1])))[:200]
        raise BadInput([Fault("unknown_header", name, details={"given": shown, "allowed": "、".join(all_layouts())})])
    return best


class About(NamedTuple):
    """A row that is no sample: ``kind`` is ``unit``, ``method``, ``limit`` (of detection), ``law_limit``, ``summary``,
    ``note`` or ``header`` (the header once more)."""

    kind: str
    label: str


class RowReader:
    """Tells samples from rows that speak of columns or of other rows."""

    def __init__(self, header: Header) -> None:
        self._headings = header.headings
        named = ("station", "region", "river", "time", "date")
        # what a row is stands in its first cell, or where the section or the time of a sample would
        values = {at for at, column in enumerate(header.columns) if column and column.parameter}
        self._labels = sorted({0, *(at for at in map(header.where, named) if at is not None)} - values)

    def about(self, row: Row) -> About | None:
        """What ``row`` says of the columns or of other rows; None where it is a sample."""
        size = len(row)
        for at in self._labels:
            cell = row[at] if at < size else None
            if not cell or not isinstance(cell, str):
                continue
            if cell[0] in "0123456789" and cell.isascii():
                continue  # a number or a time
            kind = _kind_of(cell)
            if kind is not None and (kind != "note" or sum(map(_is_filled, row)) <= 2):
                return About(kind, plain(cell))
            if cell == self._headings[at] and self._repeats(row):
                return About("header", plain(cell))
        return None

    def _repeats(self, row: Row) -> bool:
        headings = self._headings
        filled = [(at, cell) for at, cell in enumerate(row) if _is_filled(cell)]
        return len(filled) > 1 and all(
            at < len(headings) and folded(cell) == folded(headings[at]) for at, cell in filled
        )


def _is_filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def unit_row(header: Header, row: Row) -> bool:
    """Whether ``row``, the one below the header, holds the units of the columns though nothing says so."""
    cells = [plain(cell) for cell in row]
    cells = [cell for cell in cells if cell]
    units = [cell for cell in cells if not _UNIT.fullmatch(cell) and _is_unit(cell)]
    return bool(units) and len(units) >= len(cells) - 1


@lru_cache(maxsize=8192)
def _kind_of(cell: str) -> str | None:
    label, known = plain(cell), words("about")
    bare = _TAIL.sub("", label).casefold()
    for spelled in (label.casefold(), bare):
        if spelled in known:
            return known[spelled]
    ending = next((kind for word, kind in _endings() if bare.endswith(word)), None)
    return ending or next((kind for word, kind in _beginnings() if label.casefold().startswith(word)), None)


@cache
def _endings() -> list[tuple[str, str]]:
    """Chinese words that make a mean or a limit of whatever stands before them: 全县平均值, Ⅲ类标准限值."""
    kinds = ("summary", "law_limit")
    known = words("about").items()
    return [(word, kind) for word, kind in known if kind in kinds and len(word) > 1 and not word.isascii()]


@cache
def _beginnings() -> list[tuple[str, str]]:
    return [(word, kind) for word, kind in words("about").items() if kind == "note"]


@lru_cache(maxsize=1024)
def _is_unit(text: str) -> bool:
    try:
        find_unit(text)
    except BadInput:
        return False
    return True


def shown(cell: Cell) -> str:
    """A cell as text: a time as ``2021-04-01 04:00``, a whole number without decimals (codes of workbooks)."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.strftime("%Y-%m-%d %H:%M") if isinstance(cell, datetime) else str(cell)
