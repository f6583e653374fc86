"""A table of reaches as a GIS hands it over: GeoJSON or CSV, every cell with its place, geometry beside it.

GeoJSON follows RFC 7946 and the older ``crs`` member; CSV is UTF-8 or GB 18030, with comma, semicolon or tab, plain or
gzipped, its geometry in a WKT column if it has any. Nothing is interpreted here but the geometry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.place.coordinates import coordinate_system, to_wgs84
from riverchief.sheet.opened import decode, read_bytes, text_rows
from riverchief.sheet.page import unreadable

READABLE = "GeoJSON, CSV (.gz)"
WKT_COLUMNS = ("wkt", "geometry", "geom", "the_geom")
GAP = re.compile(r"[ \t\r\n,]*")
FEATURES = re.compile(r'"features"\s*:\s*\[')


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of one file. ``cells[k]`` belongs to ``columns``; ``lines[k]`` is the line in the file [1-based].

    ``geometry`` is in WGS84 [°], None where a row has none; the attribute itself is None where no row has any.
    """

    source: str
    columns: tuple[str, ...]
    cells: list[Sequence[Any]]
    lines: NDArray[np.int64]
    geometry: NDArray[Any] | None

    def __len__(self) -> int:
        return len(self.cells)

    def column(self, name: str) -> list[Any]:
        """The cells of one column."""
        at = self.columns.index(name)
        return [row[at] for row in self.cells]

    def spelled(self, name: str) -> str | None:
        """The column called ``name``, whatever the case; None if there is none."""
        wanted = name.casefold()
        return next((column for column in self.columns if column.casefold() == wanted), None)


def read_rows(data: bytes, source: str, coordinates: str | None = None) -> Rows:
    """The rows of a GeoJSON or CSV file given as bytes; ``source`` names it in faults.

    ``coordinates`` is the system of the geometry where the file does not say (WGS84 if neither does). Raises
    ``BadInput`` with every fault: ``unreadable``, ``empty_file``, ``unknown_coordinates``, ``bad_geometry``,
    ``uneven_row``.
    """
    text = decode(read_bytes(data, source), source)
    if not text.strip():
        raise BadInput([Fault("empty_file", source, details={"allowed": READABLE})])
    rows = _geojson(text, source, coordinates) if text.lstrip()[0] in "{[" else _csv(text, source, coordinates)
    if not rows.cells:
        raise BadInput([Fault("empty_file", source, details={"allowed": READABLE})])
    return rows


def _csv(text: str, source: str, coordinates: str | None) -> Rows:
    table = text_rows(text, source)
    columns = tuple(name.strip() for name in next(table)[1])
    cells: list[list[str]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    for line, row in table:
        if any(cell.strip() for cell in row):
            if len(row) != len(columns):
                said = {"given": str(len(row)), "allowed": str(len(columns))}
                faults.append(Fault("uneven_row", source, line, details=said))
            cells.append((row + [""] * len(columns))[: len(columns)])
            lines.append(line)
    wkt = next((at for at, name in enumerate(columns) if name.casefold() in WKT_COLUMNS), None)
    shapes: list[Any] = []
    if wkt is not None:
        for row, line in zip(cells, lines, strict=True):
            shape = shapely.from_wkt(row[wkt].strip() or None, on_invalid="ignore")
            if shape is None and row[wkt].strip():
                faults.append(_bad_geometry(source, line, columns[wkt], "WKT"))
            shapes.append(shape)
    return _with_lines(source, columns, [*cells], np.array(lines, np.int64), shapes, coordinates, faults)


def _geojson(text: str, source: str, coordinates: str | None) -> Rows:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as broken:
        raise unreadable(source, f"JSON: {broken.msg}", broken.lineno, READABLE) from broken
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list):
        raise unreadable(source, "no FeatureCollection", allowed=READABLE)
    faults: list[Fault] = []
    crs = whole.get("crs")
    named = (crs.get("properties") or {}).get("name") if isinstance(crs, dict) else None
    if named and coordinates is None:
        try:
            coordinates = coordinate_system(str(named))
        except BadInput as refused:
            faults += [fault.at(source, column="crs") for fault in refused.faults]
    starts = _feature_starts(text, len(features))
    columns: dict[str, None] = {}
    shapes: list[Any] = []
    for feature, line in zip(features, starts, strict=True):
        properties = (feature.get("properties") or {}) if isinstance(feature, dict) else {}
        columns.update(dict.fromkeys(properties))
        shape, given = None, feature.get("geometry") if isinstance(feature, dict) else None
        if given is not None:
            try:
                shape = shapely.from_geojson(json.dumps(given))
            except shapely.errors.ShapelyError:
                faults.append(_bad_geometry(source, line, "geometry", str(given.get("type", "")) if given else ""))
        shapes.append(shape)
    if features and isinstance(features[0], dict) and "id" in features[0]:
        columns.setdefault("id")
    cells: list[Sequence[Any]] = [
        [(feature.get("properties") or {}).get(name, feature.get("id") if name == "id" else None) for name in columns]
        for feature in features
        if isinstance(feature, dict)
    ]
    if len(cells) != len(features):
        raise unreadable(source, "a feature is no object", allowed=READABLE)
    return _with_lines(source, tuple(columns), cells, np.array(starts, np.int64), shapes, coordinates, faults)


def _feature_starts(text: str, count: int) -> list[int]:
    """The line on which each feature begins: decoded once more, feature by feature, from the array that holds them
    all."""
    decoder = json.JSONDecoder()
    for found in FEATURES.finditer(text):
        starts: list[int] = []
        at, line, seen = found.end(), 1, 0
        try:
            while len(starts) < count:
                at = GAP.match(text, at).end()  # type: ignore[union-attr]
                line += text.count("\n", seen, at)
                seen = at
                _, at = decoder.raw_decode(text, at)
                starts.append(line)
        except (json.JSONDecodeError, IndexError):
            continue
        if len(starts) == count:
            return starts
    return [1] * count


def _bad_geometry(source: str, line: int, column: str, given: str) -> Fault:
    return Fault("bad_geometry", source, line, column, {"given": given, "allowed": "LineString"})


def _with_lines(
    source: str,
    columns: tuple[str, ...],
    cells: list[Sequence[Any]],
    lines: NDArray[np.int64],
    shapes: list[Any],
    coordinates: str | None,
    faults: list[Fault],
) -> Rows:
    """The rows with their geometry as single lines in WGS84; raises what is wrong so far."""
    geometry: NDArray[Any] | None = None
    merged = [
        shapely.line_merge(shape) if shape is not None and shape.geom_type == "MultiLineString" else shape
        for shape in shapes
    ]
    # points or catchments stand for reaches in some files: their columns are used and their shapes are not
    if any(shape is not None and shape.geom_type.endswith("LineString") for shape in merged):
        geometry = np.array(merged, dtype=object)
        for k, shape in enumerate(merged):
            if shape is not None and shape.geom_type != "LineString" and not shape.is_empty:
                faults.append(_bad_geometry(source, int(lines[k]), "geometry", shape.geom_type))
        try:
            geometry = _in_wgs84(geometry, coordinates or "wgs84")
        except BadInput as refused:
            faults += [fault.at(source) for fault in refused.faults]
        bounds = shapely.bounds(geometry)
        outside = ~((bounds[:, 0] >= -180) & (bounds[:, 2] <= 180) & (bounds[:, 1] >= -90) & (bounds[:, 3] <= 90))
        for k in np.flatnonzero(outside & np.isfinite(bounds).all(axis=1)).tolist():
            said = {"given": f"{bounds[k, 0]:g}, {bounds[k, 1]:g}", "allowed": "−180–180°, −90–90°"}
            faults.append(Fault("out_of_range", source, int(lines[k]), "geometry", said))
    if faults:
        raise BadInput(sorted(faults, key=lambda fault: fault.line or 0))
    return Rows(source, columns, cells, lines, geometry)


def _in_wgs84(geometry: NDArray[Any], coordinates: str) -> NDArray[Any]:
    if coordinate_system(coordinates) in ("wgs84", "cgcs2000"):
        return geometry
    moved: NDArray[Any] = shapely.transform(
        geometry, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], coordinates))
    )
    return moved
