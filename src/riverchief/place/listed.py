"""Places from a sheet (CSV or XLSX): each row with its cells by role, and where it lies on the network.

A place is given by reach and chainage, or by longitude and latitude where the network has lines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.place.centreline import Centrelines
from riverchief.place.location import Location, locate
from riverchief.place.network import Network
from riverchief.sheet import read_bytes, rows_of
from riverchief.sheet.declared import number_of
from riverchief.sheet.words import folded
from riverchief.table import read_table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    row["role"]: tuple(row["headings"].split("|")) for row in read_table("riverchief.place", "listed_columns.csv")
}


class Listed(NamedTuple):
    """A row of the sheet. ``cells`` by role, stripped, empty where there is no such column."""

    line: int
    cells: Mapping[str, str]
    location: Location


def read_listed(
    data: bytes,
    source: str,
    network: Network,
    *,
    centrelines: Centrelines | None = None,
    kinds: tuple[str, ...] | None = None,
    more: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[list[Listed], int]:
    """The rows of the sheet, and how many were of a kind that is not in ``kinds`` (None: all are taken).

    ``more``: further columns by role with their spellings. Raises ``BadInput`` with every fault: ``empty_file``,
    ``missing_column``, ``missing_value``, ``bad_number``, ``unknown_reach``, ``out_of_range``, ``too_far``.
    """
    rows = rows_of(read_bytes(data, source), source)
    columns = {**COLUMNS, **(more or {})}
    if not rows:
        raise BadInput([Fault("empty_file", source, details={"allowed": "id, reach, chainage_m"})])
    first, names = rows[0]
    header = [folded(cell) for cell in names]
    at = {
        role: next((header.index(name) for name in spelled if name in header), -1) for role, spelled in columns.items()
    }
    by_reach = at["reach"] >= 0 and at["chainage"] >= 0
    drawn = centrelines is not None and at["lon"] >= 0 and at["lat"] >= 0
    needed = ("id",) if by_reach or drawn else ("id", "reach", "chainage")
    faults = [
        Fault(
            "missing_column", source, first, columns[role][0], {"given": columns[role][0], "allowed": ", ".join(header)}
        )
        for role in needed
        if at[role] < 0
    ]
    if faults:
        raise BadInput(faults)
    found: list[Listed] = []
    others = 0
    for line, row in rows[1:]:
        cells = {
            role: str("" if row[k] is None else row[k]).strip() if 0 <= k < len(row) else "" for role, k in at.items()
        }
        if kinds is not None and cells["kind"] not in kinds:
            others += 1
            continue
        try:
            found.append(Listed(line, cells, _location(cells, network, None if by_reach else centrelines)))
        except BadInput as refused:
            faults += [fault.at(source, line) for fault in refused.faults]
    if not faults and not found:
        faults.append(
            Fault("empty_file", source, details={"allowed": ", ".join(kind for kind in kinds or () if kind) or "id"})
        )
    if faults:
        raise BadInput(faults)
    return found, others


def read_number(text: str, column: str) -> float:
    """A finite number. Raises ``BadInput``: ``missing_value`` for an empty cell, else ``bad_number``."""
    value = number_of(text, column)
    if value is None:
        details = {"given": text or column, "allowed": "12.5"}
        raise BadInput([Fault("bad_number" if text else "missing_value", column=column, details=details)])
    return value


def read_place(network: Network, text: str) -> Location:
    """``REACH:CHAINAGE`` (chainage in m from the upstream end; left out: 0) as a place on the network.

    Raises ``BadInput``: ``unknown_reach``, ``bad_number``, ``out_of_range``.
    """
    reach, colon, chainage = text.rpartition(":")
    if not colon:
        reach, chainage = text, "0"
    try:
        metres = float(chainage)
    except ValueError:
        # an id may hold a colon itself
        try:
            return locate(network, _own_id(network, text), 0.0)
        except BadInput:
            details = {"given": chainage, "allowed": "REACH:1250"}
            raise BadInput([Fault("bad_number", column="at", details=details)]) from None
    if not math.isfinite(metres):
        raise BadInput([Fault("bad_number", column="at", details={"given": chainage, "allowed": "REACH:1250"})])
    return locate(network, _own_id(network, reach), metres)


def _location(cells: Mapping[str, str], network: Network, centrelines: Centrelines | None) -> Location:
    faults: list[Fault] = []
    if not cells["id"]:
        faults.append(Fault("missing_value", column="id", details={"given": "id", "allowed": "S-1"}))
    numbers = []
    for role in ("chainage",) if centrelines is None else ("lon", "lat"):
        try:
            numbers.append(read_number(cells[role], COLUMNS[role][0]))
        except BadInput as refused:
            faults += refused.faults
    if faults:
        raise BadInput(faults)
    if centrelines is not None:
        return centrelines.locations([cells["id"]], [numbers[0]], [numbers[1]])[0]
    return locate(network, _own_id(network, cells["reach"]), numbers[0])


def _own_id(network: Network, text: str) -> int | str:
    """The reach's own id for what a sheet writes; raises ``unknown_reach``."""
    own: int | str = network.ids[[network.index_of(text)]].tolist()[0]
    return own
