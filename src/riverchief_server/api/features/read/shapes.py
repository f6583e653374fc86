"""The shapes of a collection, kept in memory with a tree over them until the register changes.

20,000 reaches are read and indexed in half a second; looking whether anything changed costs one small
statement, and every request looks.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from django.db import connection
from numpy.typing import NDArray

from riverchief_server.api.features.sql.spatial import MISSING, answered
from riverchief_server.api.features.vocabulary import Collection

_NO_BRACKETS = str.maketrans("", "", "[]")


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
                shapes = shapes_of_rows(collection, [row[1:] for row in rows])
                keys = np.array([row[0] for row in rows], dtype=np.int64)
                found = Shapes(keys, shapes, shapely.STRtree(shapes))
                self._kept[collection.name] = (seen, found)
                return found


def drawn(collection: Collection, values: Sequence[Any]) -> dict[str, Any] | None:
    """The geometry of a feature, from the columns that hold it; a line is left as the JSON it is."""
    if collection.shape == "point":
        return {"type": "Point", "coordinates": list(values)}
    if collection.shape == "line":
        text = values[0]
        return {"type": "LineString", "coordinates": orjson.Fragment(text)} if _is_line(text) else None
    point = _on_reaches([values])[0]
    return None if point is None else {"type": "Point", "coordinates": [point.x, point.y]}


def shapes_of_rows(collection: Collection, rows: Sequence[Sequence[Any]]) -> NDArray[Any]:
    """The shapes of many features at once."""
    if collection.shape == "point":
        return shapely.points(np.array(rows, dtype=float).reshape(-1, 2))  # type: ignore[no-any-return]
    return _lines([row[0] for row in rows]) if collection.shape == "line" else _on_reaches(rows)


def _is_line(text: str | None) -> bool:
    return bool(text) and text.count("[") > 2  # type: ignore[union-attr]


def _lines(texts: Sequence[str | None]) -> NDArray[Any]:
    """Lines written as JSON; what has fewer than two points is no line and ``None``."""
    found = np.empty(len(texts), dtype=object)
    there = [k for k, text in enumerate(texts) if _is_line(text)]
    if there:
        lines = [str(texts[k]) for k in there]
        counts = [line.count("[") - 1 for line in lines]
        # all numbers at once: as lists of lists they would be a million small objects
        numbers = np.fromstring(",".join(lines).translate(_NO_BRACKETS), sep=",")
        points = numbers.reshape(sum(counts), -1)[:, :2]
        found[there] = shapely.linestrings(points, indices=np.repeat(np.arange(len(lines)), counts))
    return found


def _on_reaches(rows: Sequence[Sequence[Any]]) -> NDArray[Any]:
    """The points of reaches nearest to where things were seen, half-way where that is not known: what the public is
    told is the water, and not in whose yard somebody stood."""
    texts = list(dict.fromkeys(row[2] for row in rows))
    line_of = dict(zip(texts, _lines(texts), strict=True))
    found = np.empty(len(rows), dtype=object)
    for k, (lon, lat, text) in enumerate(rows):
        line = line_of[text]
        if line is None:
            continue
        at = line.length / 2 if lon is None or lat is None else shapely.line_locate_point(line, shapely.Point(lon, lat))
        point = shapely.line_interpolate_point(line, at)
        found[k] = shapely.Point(round(point.x, 6), round(point.y, 6))
    return found
