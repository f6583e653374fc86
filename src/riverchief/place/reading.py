"""Reads a river network from GeoJSON or CSV, whatever its columns are called: every fault of the file, or a network.

The way in: rows as they are, columns understood, cells converted, edges joined, the network checked and numbered, lines
turned with the water. What was assumed on the way is in ``remarks``, for the user to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.place.centreline import Centrelines, line_lengths_m
from riverchief.place.convention import BY_LINES, Columns, understand
from riverchief.place.identity import IdMap, read_ids
from riverchief.place.joining import Edges, by_down, by_lines, by_nodes, drawn_against, is_worn, node_ids, plain_id
from riverchief.place.network import Network, ReachKind
from riverchief.place.rows import Rows, read_rows
from riverchief.place.soundness import Origin
from riverchief.sheet.declared import number_of
from riverchief.table import read_table
from riverchief.units import convert

Floats = NDArray[np.float64]
DOUBTFUL_RATIO = 500.0  # declared lengths this many times the drawn ones (or less than one in as many): a unit is wrong
UNREADABLE = frozenset({"unreadable", "empty_file", "missing_column", "unknown_column", "unknown_convention"})
UNREADABLE |= frozenset({"unknown_unit", "unit_mismatch", "unknown_coordinates", "uneven_row", "bad_geometry"})


@dataclass(frozen=True, eq=False)
class RiverFile:
    """A network as read. ``centrelines`` is None where the file has no geometry; ``columns`` says what was understood;
    ``remarks`` are assumptions worth telling, in the words of ``faults.csv``."""

    network: Network
    centrelines: Centrelines | None
    rows: Rows
    columns: Columns
    remarks: tuple[Fault, ...]

    def column(self, name: str) -> list[Any]:
        """The cells of a column of the file in post-order. Raises ``BadInput`` (``unknown_column``)."""
        spelled = self.rows.spelled(name)
        if spelled is None:
            raise BadInput([unknown_name("unknown_column", name, self.rows.columns, source=self.rows.source)])
        cells = self.rows.column(spelled)
        return [cells[row] for row in self.network.row_of_position.tolist()]


def read_network(data: bytes, source: str, columns: Columns | None = None) -> RiverFile:
    """The network in a GeoJSON or CSV file (plain or gzipped).

    Parameters
    ----------
    data, source
        The file's bytes, and its name for the places of faults.
    columns
        What its columns mean, as far as the caller says; the rest is recognised (see
        :mod:`riverchief.place.convention`).

    Raises
    ------
    BadInput
        With every fault of the file: those of :func:`read_rows`, :func:`understand` and ``Network.build``, and
        ``bad_number``, ``missing_value``, ``not_one_of`` for cells, ``drawn_against_flow`` for lines.
    """
    asked = columns or Columns()
    return number(read_rows(data, source, asked.coordinates), asked)


def number(rows: Rows, asked: Columns) -> RiverFile:
    """The network of rows already read; see :func:`read_network`."""
    known = understand(rows, asked)
    reading = _Reading(rows, known)
    ids, edges, length = reading.edges()
    kind, storage = reading.kinds()
    secondary = (edges.source, edges.target, np.array(edges.fraction)) if edges.source else None
    try:
        network = Network.build(
            ids,
            edges.down,
            length,
            secondary=secondary,
            kind=kind,
            storage_m3=storage,
            grows_downstream=reading.area,
            origin=reading.origin,
        )
    except BadInput as refused:
        # a cell that could not be read has its own fault already
        told = {(fault.line, fault.column) for fault in reading.faults}
        reading.faults += [fault for fault in refused.faults if (fault.line, fault.column) not in told]
    lines = reading.turned(ids, edges)
    if reading.faults:
        raise BadInput(sorted(reading.faults, key=lambda fault: fault.line or 0))
    drawn = None if lines is None else Centrelines(network, lines[network.row_of_position])
    return RiverFile(network, drawn, rows, known, tuple(reading.remarks))


class _Reading:
    """The cells of one file becoming numbers; faults and remarks are gathered on the way."""

    def __init__(self, rows: Rows, columns: Columns):
        self.rows, self.columns = rows, columns
        self.origin = Origin(rows.source, rows.lines, columns.names)
        self.faults: list[Fault] = []
        self.remarks: list[Fault] = []
        self.area = self._numbers("area", blank_is_nan=True) if "area" in columns.names else None

    def edges(self) -> tuple[list[Any], Edges, Floats]:
        """Ids, edges and lengths [m], one entry per row."""
        names = self.columns.names
        starts, ends = (self._ids(role) if role in names else None for role in ("from", "to"))
        ids = self._ids("id") if "id" in names else node_ids(starts or [], ends or [])
        if names.get("down") == BY_LINES:
            edges = by_lines(ids, self._lines(), self.area)
        elif starts is not None and ends is not None and "down" not in names:
            shares = None if "fraction" not in names else self._optional("fraction")
            divergence = self.rows.column(names["divergence"]) if "divergence" in names else None
            edges = by_nodes(ids, starts, ends, shares, divergence, self.area)
        else:
            self._refuse_worn("down")
            fractions = self.rows.column(names["fraction"]) if "fraction" in names else None
            edges = by_down(ids, self.rows.column(names["down"]), fractions)
        for row, said in edges.bad_shares:
            self.faults.append(self.origin.fault("shares_not_one", row, "fraction", given=said))
        if edges.assumed:
            self._remark("shares_assumed", given=str(edges.assumed))
        return ids, edges, self._lengths()

    def kinds(self) -> tuple[NDArray[np.int8] | None, Floats | None]:
        """Kind of each reach and storage [m³]; None where the file has no such column."""
        if "kind" not in self.columns.names:
            return None, None
        words = _kinds()
        kind = np.zeros(len(self.rows), np.int8)
        for row, cell in enumerate(self.rows.column(self.columns.names["kind"])):
            spelled = "" if cell is None else str(cell).strip().casefold()
            if spelled and spelled not in words:
                said = "、".join(dict.fromkeys(word.name.lower() for word in words.values()))
                self.faults.append(self.origin.fault("not_one_of", row, "kind", given=str(cell), allowed=said))
            kind[row] = words.get(spelled, ReachKind.RIVER)
        return kind, self._numbers("storage", blank_is_nan=True) if "storage" in self.columns.names else None

    def turned(self, ids: list[Any], edges: Edges) -> NDArray[Any] | None:
        """The lines, all drawn with the water; a fault for each that is drawn against it, unless turning was asked
        for."""
        if self.rows.geometry is None:
            return None
        lines = self._lines()
        known, _, _ = read_ids(ids)
        given, absent, _ = read_ids(edges.down)
        down = IdMap(known).rows_of(given).astype(np.int64) if known.dtype.kind == given.dtype.kind else None
        if down is None:
            return lines
        down[absent] = -1
        all_backward, against = drawn_against(lines, down)
        if all_backward:
            lines = shapely.reverse(lines)
            self._remark("lines_drawn_upstream", given=str(len(self.rows)))
        if against.any() and self.columns.turn_lines:
            lines = np.where(against, shapely.reverse(lines), lines)
            self._remark("lines_turned", given=str(np.count_nonzero(against)))
        elif against.any():
            for row in np.flatnonzero(against).tolist():
                self.faults.append(self.origin.fault("drawn_against_flow", row, "geometry", given=str(ids[row])))
        return lines

    def _lines(self) -> NDArray[Any]:
        assert self.rows.geometry is not None
        return self.rows.geometry

    def _lengths(self) -> Floats:
        drawn = None if self.rows.geometry is None else line_lengths_m(self.rows.geometry)
        if "length" not in self.columns.names:
            assert drawn is not None
            self._remark("lengths_measured", given=str(len(self.rows)))
            return drawn
        unit = self.columns.length_unit or "m"
        length = convert(self._numbers("length"), unit, "m")
        if drawn is not None:
            ratio = np.nanmedian(length / drawn) if np.isfinite(length / drawn).any() else 1.0
            if not 1 / DOUBTFUL_RATIO < ratio < DOUBTFUL_RATIO:
                self._remark("unit_doubtful", given=f"{ratio:.3g}", allowed=unit)
        return length

    def _ids(self, role: str) -> list[Any]:
        self._refuse_worn(role)
        return [plain_id(cell) for cell in self.rows.column(self.columns.names[role])]

    def _refuse_worn(self, role: str) -> None:
        for row, cell in enumerate(self.rows.column(self.columns.names[role])):
            if is_worn(cell):
                self.faults.append(self.origin.fault("inexact_id", row, role, given=str(cell)))

    def _numbers(self, role: str, *, blank_is_nan: bool = False) -> Floats:
        """A column as numbers; a cell that is none is a fault, and 1 stands in for it so that the rest can be
        checked."""
        numbers = np.empty(len(self.rows))
        for row, cell in enumerate(self.rows.column(self.columns.names[role])):
            number = _number(cell)
            if number is None:
                self.faults.append(self.origin.fault("bad_number", row, role, given=str(cell), allowed="12.5"))
                number = 1.0
            numbers[row] = number
            if np.isnan(numbers[row]) and not blank_is_nan:
                name = self.columns.names[role]
                self.faults.append(self.origin.fault("missing_value", row, role, given=name, allowed="12.5"))
                numbers[row] = 1.0
        return numbers

    def _optional(self, role: str) -> list[float | None]:
        return [None if np.isnan(value) else float(value) for value in self._numbers(role, blank_is_nan=True)]

    def _remark(self, kind: str, **details: str) -> None:
        self.remarks.append(Fault(kind, self.rows.source, details=details))


def _number(cell: Any) -> float | None:
    """A cell of a CSV or a GeoJSON property as a number, NaN where it is empty; None where it is no number."""
    if cell is None or cell == "":
        return float("nan")
    try:
        return float(cell)
    except (TypeError, ValueError):
        return number_of(cell, "") if isinstance(cell, str) else None


@cache
def _kinds() -> dict[str, ReachKind]:
    return {
        spelling.casefold(): ReachKind(int(row["number"]))
        for row in read_table("riverchief.place", "reach_kinds.csv")
        for spelling in (row["code"], row["zh"], row["en"], *row["spellings"].split("|"))
    }
