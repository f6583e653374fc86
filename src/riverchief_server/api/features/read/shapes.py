"""The shapes of a collection, kept in memory with a tree over them until the register changes.

20,000 reaches are read and indexed in a fraction of a second; looking whether anything changed costs one small
statement, and every request looks.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from riverchief_server.api.features.sql.spatial import MISSING, answered
from riverchief_server.api.features.vocabulary import Collection


@dataclass(frozen=True)
class Shapes:
    """Keys and shapes side by side; a feature without a shape has ``None``."""

    keys: NDArray[np.int64]
    shapes: NDArray[Any]
    tree: shapely.STRtree

    def keys_where(self, question: str, other: Any) -> list[int]:
        """The keys of the features of whose shape ``question`` (``s_within`` …) is true with ``other``."""
        there = ~shapely.is_missing(self.shapes)
        if question == MISSING:
            return [int(key) for key in self.keys[~there]]
        if question == "s_disjoint":
            near = there
        else:
            near = np.zeros(self.keys.size, dtype=bool)
            near[self.tree.query(other)] = True
        shapely.prepare(other)
        found = answered(question, self.shapes[near], other)
        return [int(key) for key in self.keys[near][found]]

    def near(self, west: float, south: float, east: float, north: float) -> list[Any]:
        """The shapes whose boxes meet this one."""
        return [self.shapes[k] for k in sorted(self.tree.query(shapely.box(west, south, east, north)))]

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north; ``None`` where nothing has a shape."""
        if self.keys.size == 0:
            return None
        west, south, east, north = shapely.total_bounds(self.shapes)
        return None if np.isnan(west) else (float(west), float(south), float(east), float(north))


class Drawer:
    """Keeps the shapes of every collection. One a process, for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[tuple[Any, ...], Shapes]] = {}

    def shapes_of(self, collection: Collection) -> Shapes:
        """The shapes of ``collection`` as they are now."""
        with connection.cursor() as cursor:
            cursor.execute(collection.fingerprint)
            # looked at before the rows: what changes in between is seen at the next look
            seen = tuple(cursor.fetchone() or ())
            kept = self._kept.get(collection.name)
            if kept is not None and kept[0] == seen:
                return kept[1]
            with self._lock:
                where = f" WHERE {collection.condition}" if collection.condition else ""
                cursor.execute(
                    f"SELECT {collection.key}, {collection.shape_columns} FROM {collection.source}{where} "
                    f"ORDER BY {collection.key}"
                )
                rows = cursor.fetchall()
                found = _shapes([row[0] for row in rows], [drawn(collection, row[1:]) for row in rows])
                self._kept[collection.name] = (seen, found)
                return found


def drawn(collection: Collection, values: Sequence[Any]) -> dict[str, Any] | None:
    """The geometry of a feature, from the columns that hold it."""
    if collection.shape == "point":
        lon, lat = values
        return {"type": "Point", "coordinates": [lon, lat]}
    line = values[-1] if not isinstance(values[-1], str) else json.loads(values[-1])
    if not line or len(line) < 2:
        return None
    if collection.shape == "line":
        return {"type": "LineString", "coordinates": line}
    return {"type": "Point", "coordinates": _on_reach(values[0], values[1], line)}


def _on_reach(lon: float | None, lat: float | None, line: Sequence[Sequence[float]]) -> list[float]:
    """The point of a reach nearest to where something was seen, half-way where that is not known: what the public is
    told is the water, and not in whose yard somebody stood."""
    path = shapely.LineString(line)
    if lon is None or lat is None:
        point = shapely.line_interpolate_point(path, 0.5, normalized=True)
    else:
        point = shapely.line_interpolate_point(path, shapely.line_locate_point(path, shapely.Point(lon, lat)))
    return [round(point.x, 6), round(point.y, 6)]


def _shapes(keys: Sequence[int], geometries: Sequence[dict[str, Any] | None]) -> Shapes:
    shapes = np.empty(len(keys), dtype=object)
    for k, geometry in enumerate(geometries):
        if geometry is None:
            continue
        make = shapely.Point if geometry["type"] == "Point" else shapely.LineString
        shapes[k] = make(geometry["coordinates"])
    return Shapes(np.array(keys, dtype=np.int64), shapes, shapely.STRtree(shapes))
