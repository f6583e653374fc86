"""Places to warn from a sheet: intakes, sections, borders, each with the limit that holds there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.place import Location, Network, locate
from riverchief.place.centreline import Centrelines
from riverchief.standard.sheet import read_grid
from riverchief.standard.surface_water.limits import limits_for, source_limits
from riverchief.transport.spill import Watch
from riverchief.units import convert, find_unit

WATCHED = ("intake", "section", "station", "border", "place", "")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "place", "编号", "断面", "取水口"),
    "reach": ("reach", "reach_id", "河段"),
    "chainage": ("chainage_m", "chainage", "里程", "里程_m"),
    "kind": ("kind", "类型"),
    "name": ("name", "名称"),
    "limit": ("limit_mg_l", "limit", "限值"),
    "class": ("class_target", "class", "水质目标"),
    "lon": ("lon", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "border": ("border", "出境"),
}


def class_limit(parameter: str, water_class: str, water: str = "river") -> float:
    """The upper limit of GB 3838-2002 [mg/L] of a parameter: of table 1 for a class; for what has no classes the limit
    of tables 2 and 3, whatever the class (manganese: 0.1 mg/L).

    Raises ``BadInput``: ``unknown_parameter``; ``not_one_of`` for a class that is none, or an item without an upper
    limit in mg/L (a spill of oxygen is none).
    """
    code = find_parameter(parameter).code
    classes, single = limits_for(water), source_limits()
    limit, unit = None, "mg/L"
    if code in classes and classes[code].direction == "max" and water_class in classes[code]:
        limit, unit = float(classes[code][water_class]), classes[code].unit
    elif code not in classes and code in single:
        limit, unit = single[code].limit, single[code].unit
    if limit is None or find_unit(unit).dimension != "concentration":
        allowed = "I, II, III, IV, V" if code in classes else ", ".join((*classes, *single))
        details = {"given": f"{code} {water_class}", "allowed": allowed}
        raise BadInput([Fault("not_one_of", column="limit", details=details)])
    return float(convert(limit, unit, "mg/L"))


def read_watches(
    data: bytes,
    source: str,
    network: Network,
    *,
    centrelines: Centrelines | None = None,
    parameter: str | None = None,
    limit_mg_l: float | None = None,
) -> tuple[list[Watch], int]:
    """The places of a CSV or XLSX sheet, and how many rows were of another kind (outfalls, zones) and left out.

    Columns (English or Chinese, any order): ``id``; ``reach`` and ``chainage_m`` [m], or ``lon`` and ``lat`` [°] where
    the network has lines; ``kind`` (intake, section, station, border), ``name``, ``border`` (true for a section at the
    border), and what must not be exceeded: ``limit_mg_l`` [mg/L], else ``class_target`` (I to V, with ``parameter``),
    else ``limit_mg_l`` of the call.

    Raises ``BadInput`` with every fault: ``missing_column``, ``missing_value``, ``bad_number``, ``unknown_reach``,
    ``out_of_range``, ``too_far``, ``not_one_of``.
    """
    sheet = read_grid(data, source)
    header = [cell.strip().casefold() for cell in sheet.rows[0]]
    at = {role: next((header.index(name) for name in names if name in header), -1) for role, names in COLUMNS.items()}
    faults: list[Fault] = []
    by_reach = at["reach"] >= 0 and at["chainage"] >= 0
    for role in ("id",) if by_reach or (at["lon"] >= 0 and at["lat"] >= 0) else ("id", "reach", "chainage"):
        if at[role] < 0:
            details = {"given": COLUMNS[role][0], "allowed": ", ".join(sheet.rows[0])}
            faults.append(Fault("missing_column", source, sheet.lines[0], COLUMNS[role][0], details))
    if faults:
        raise BadInput(faults)
    watches, others = [], 0
    for row, line in zip(sheet.rows[1:], sheet.lines[1:], strict=True):
        cells = {role: row[k].strip() if 0 <= k < len(row) else "" for role, k in at.items()}
        if cells["kind"] not in WATCHED:
            others += 1
            continue
        try:
            watches.append(_watch(cells, network, centrelines if not by_reach else None, parameter, limit_mg_l))
        except BadInput as refused:
            faults += [Fault(f.kind, source, line, f.column, f.details) for f in refused.faults]
    if not faults and not watches:
        faults.append(Fault("empty_file", source, details={"allowed": ", ".join(kind for kind in WATCHED if kind)}))
    if faults:
        raise BadInput(faults)
    return watches, others


def every_reach_below(network: Network, reaches: Sequence[int], limit_mg_l: float | None) -> list[Watch]:
    """The foot of every reach as a place: what is watched where nobody said what to watch."""
    ids = network.ids[reaches].tolist()
    return [
        Watch(str(name), Location(name, float(network.length_m[reach])), kind="reach", limit_mg_l=limit_mg_l)
        for name, reach in zip(ids, reaches, strict=True)
    ]


def _watch(
    cells: Mapping[str, str],
    network: Network,
    centrelines: Centrelines | None,
    parameter: str | None,
    limit_mg_l: float | None,
) -> Watch:
    faults: list[Fault] = []

    def number(role: str) -> float:
        try:
            value = float(cells[role])
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            kind = "bad_number" if cells[role] else "missing_value"
            given = cells[role] or COLUMNS[role][0]
            faults.append(Fault(kind, column=COLUMNS[role][0], details={"given": given, "allowed": "12.5"}))
        return value

    if not cells["id"]:
        faults.append(Fault("missing_value", column="id", details={"given": "id", "allowed": "S-1"}))
    location = None
    if centrelines is not None:
        lon, lat = number("lon"), number("lat")
        if not faults:
            location = centrelines.locations([cells["id"]], [lon], [lat])[0]
    else:
        chainage = number("chainage")
        if not faults:
            location = locate(network, _reach_id(network, cells["reach"]), chainage)
    limit = limit_mg_l
    if cells["limit"]:
        limit = number("limit")
    elif cells["class"] and parameter is not None:
        limit = class_limit(parameter, cells["class"])
    if faults or location is None:
        raise BadInput(faults)
    border = cells["border"].casefold() in ("true", "1", "yes", "是")
    kind = "border" if border and cells["kind"] in ("section", "") else cells["kind"] or "place"
    return Watch(cells["id"], location, kind, cells["name"], limit)


def _reach_id(network: Network, text: str) -> int | str:
    """The reach's own id for what a sheet writes; raises ``unknown_reach``."""
    own: int | str = network.ids[[network.index_of(text)]].tolist()[0]
    return own


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
            return locate(network, _reach_id(network, text), 0.0)
        except BadInput:
            details = {"given": chainage, "allowed": "REACH:1250"}
            raise BadInput([Fault("bad_number", column="at", details=details)]) from None
    if not math.isfinite(metres):
        raise BadInput([Fault("bad_number", column="at", details={"given": chainage, "allowed": "REACH:1250"})])
    return locate(network, _reach_id(network, reach), metres)
