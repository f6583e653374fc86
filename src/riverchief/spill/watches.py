"""Places to warn from a sheet: intakes, sections, borders, each with the limit that holds there."""

from __future__ import annotations

from collections.abc import Sequence

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.place import Location, Network
from riverchief.place.centreline import Centrelines
from riverchief.place.listed import Listed, read_listed, read_number
from riverchief.spill.forecast import Watch
from riverchief.standard.surface_water.limits import limits_for, source_limits
from riverchief.units import convert, find_unit

WATCHED = ("intake", "section", "station", "border", "place", "")
COLUMNS = {
    "limit": ("limit_mg_l", "limit", "限值"),
    "class": ("class_target", "class", "水质目标"),
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
    rows, others = read_listed(data, source, network, centrelines=centrelines, kinds=WATCHED, more=COLUMNS)
    watches: list[Watch] = []
    faults: list[Fault] = []
    for row in rows:
        try:
            watches.append(_watch(row, parameter, limit_mg_l))
        except BadInput as refused:
            faults += [fault.at(source, row.line) for fault in refused.faults]
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


def _watch(row: Listed, parameter: str | None, limit_mg_l: float | None) -> Watch:
    cells, limit = row.cells, limit_mg_l
    if cells["limit"]:
        limit = read_number(cells["limit"], COLUMNS["limit"][0])
    elif cells["class"] and parameter is not None:
        limit = class_limit(parameter, cells["class"])
    border = cells["border"].casefold() in ("true", "1", "yes", "是")
    kind = "border" if border and cells["kind"] in ("section", "") else cells["kind"] or "place"
    return Watch(cells["id"], row.location, kind, cells["name"], limit)
