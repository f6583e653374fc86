"""Places to warn from a sheet: intakes, sections, borders, each with the limit that holds there."""

from __future__ import annotations

from collections.abc import Sequence

from riverchief.errors import BadInput, Fault
from riverchief.place import Location, Network
from riverchief.place.centreline import Centrelines
from riverchief.place.listed import Listed, read_listed, read_number
from riverchief.spill.forecast import Watch
from riverchief.standard.surface_water.limits import class_limit

WATCHED = ("intake", "section", "station", "border", "place", "")
COLUMNS = {
    "limit": ("limit_mg_l", "limit", "限值"),
    "class": ("class_target", "class", "水质目标"),
    "border": ("border", "出境"),
}


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
