"""From files to checked records of places: CSV or XLSX sheets, GeoJSON networks and outlines. Writes nothing."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import shapely

from riverchief.errors import BadInput, Fault
from riverchief.place.joining import drawn_against
from riverchief.sheet.declared import Record, Sheet, check_rows, declarations, duplicates, read_sheet

SHEETS = declarations("riverchief_server.places", "columns.csv")


class DrawnReach(NamedTuple):
    """A reach of a GeoJSON network: its checked properties and its line, upstream to downstream."""

    record: Record
    line: list[list[float]]


class NetworkFile(NamedTuple):
    """A network as read: its good reaches, every fault of the others, and the ids of all, good or not."""

    source: str
    drawn: list[DrawnReach]
    faults: list[Fault]
    ids: frozenset[str]


class Outline(NamedTuple):
    """The outline of a region as GeoJSON geometry."""

    code: str
    geometry: dict[str, Any]


def read_places_file(source: str, raw: bytes) -> Sheet | Outline:
    """A sheet of regions or places, or the outline of a region, whichever the file is."""
    if raw.lstrip()[:1] == b"{":
        return _outline(source, raw)
    return read_sheet(source, raw, {kind: SHEETS[kind] for kind in ("regions", "places")})


def read_network_file(source: str, raw: bytes) -> NetworkFile:
    """The reaches of a GeoJSON network and every fault; ``line`` in a fault is the feature's number."""
    features = _features(source, raw)
    rules = SHEETS["network"]
    rows = [(number, _as_row(feature)) for number, feature in enumerate(features, start=1)]
    records, faults = check_rows(source, rows, rules)
    lines = {number: _line(feature) for number, feature in enumerate(features, start=1)}
    for record in records:
        if lines[record.line] is None:
            faults.append(Fault("bad_line", source, record.line, details={"given": record.text("id")}))
    faults += duplicates(source, records, "id")
    if not features:
        faults.append(Fault("empty_file", source, details={"allowed": "LineString"}))
    drawn = [DrawnReach(record, line) for record in records if (line := lines[record.line]) is not None]
    faults += _drawn_against(source, drawn)
    ids = frozenset(str(row.get("id", "")).strip() for _, row in rows)
    return NetworkFile(source, drawn, faults, ids)


def _drawn_against(source: str, drawn: list[DrawnReach]) -> list[Fault]:
    """A fault for every reach whose line meets its neighbours' only backwards: banks and chainages would be wrong."""
    if not drawn:
        return []
    row_of = {reach.record.text("id"): row for row, reach in enumerate(drawn)}
    down = np.array([row_of.get(reach.record.text("down"), -1) for reach in drawn], np.int64)
    lines = shapely.linestrings(
        [line for reach in drawn for line in reach.line],
        indices=np.repeat(np.arange(len(drawn)), [len(reach.line) for reach in drawn]),
    )
    all_backward, against = drawn_against(lines, down)
    wrong = (
        drawn if all_backward else [reach for reach, is_wrong in zip(drawn, against.tolist(), strict=True) if is_wrong]
    )
    return [
        Fault("drawn_against_flow", source, reach.record.line, details={"given": reach.record.text("id")})
        for reach in wrong
    ]


def _as_row(feature: Any) -> dict[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return dict(properties) if isinstance(properties, dict) else {}


def _line(feature: Any) -> list[list[float]] | None:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") != "LineString":
        return None
    try:
        line = [[float(point[0]), float(point[1])] for point in geometry["coordinates"]]
    except (TypeError, ValueError, IndexError, KeyError):
        return None
    on_earth = all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in line)
    return line if len(line) > 1 and on_earth else None


def _outline(source: str, raw: bytes) -> Outline:
    features = _features(source, raw)
    geometry = features[0].get("geometry") if len(features) == 1 and isinstance(features[0], dict) else None
    code = str(_as_row(features[0]).get("code", "")) if features else ""
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        allowed = "one Polygon or MultiPolygon feature with the property code"
        raise BadInput([Fault("unreadable", source, details={"given": "GeoJSON", "allowed": allowed})])
    return Outline(code, geometry)


def _features(source: str, raw: bytes) -> list[Any]:
    allowed = "GeoJSON FeatureCollection"
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as broken:
        raise BadInput([Fault("unreadable", source, details={"given": str(broken), "allowed": allowed})]) from broken
    features = document.get("features") if isinstance(document, dict) else None
    if isinstance(document, dict) and document.get("type") == "Feature":
        features = [document]
    if not isinstance(features, list):
        raise BadInput([Fault("unreadable", source, details={"given": "JSON", "allowed": allowed})])
    return features
